"""Systems elsewhere: introduced, allowed to ask, asked to answer. Console and command line both call these."""

import re
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from kartini.contracts import Query
from kartini.exchange import credentials, grants, published, switch
from kartini.exchange.models import Grant, Service, Subsystem
from kartini.exchange.snapshot import owner

CLASSES = ("GOV", "COM", "NGO", "VIL")
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,38}[a-z0-9]")


class UnknownContract(Exception):
    """No question of the catalogue has this name, and where a fact would do, no fact either."""


class UnknownField(Exception):
    """The contract has no such field; names it."""


class NotACode(Exception):
    """A system's code has 3 to 40 small letters, digits and hyphens."""


@transaction.atomic
def introduce(
    *, code: str, member: str, title: str, member_class: str = "", key: str = ""
) -> Subsystem:
    """Make a system known, and the key by which it speaks. One that is known stays as it is.

    Without a class it has that of the member's other systems. Raises ``NotACode`` and ``credentials.NotAKey``.
    """
    for one in (code, member):
        if not _CODE.fullmatch(one):
            raise NotACode(one)
    beside = Subsystem.objects.filter(member=member).values_list("member_class", flat=True).first()
    known, _new = Subsystem.objects.get_or_create(
        code=code,
        defaults={
            "member": member,
            "member_class": member_class or beside or "GOV",
            "title": title,
            "built_in": False,
        },
    )
    if key:
        credentials.take_key(subsystem=known, public=key, at=timezone.now())
    transaction.on_commit(grants.forget)
    return known


@transaction.atomic
def allow(
    *,
    asker: Subsystem,
    contract: str,
    purpose: str,
    basis: str,
    at: datetime,
    fields: Sequence[str] = (),
) -> Grant:
    """Grant at once what nobody had asked for in writing; a grant that holds already is returned.

    Raises ``UnknownContract`` and ``UnknownField``: a slip would be a right to nothing.
    """
    kind = published.queries().get(contract) or published.events().get(contract)
    if kind is None:
        raise UnknownContract(contract)
    there = kind.answer_type() if issubclass(kind, Query) else kind
    for name in fields:
        if name not in there.model_fields:
            raise UnknownField(name)
    grant, _new = Grant.objects.get_or_create(
        asker=asker,
        contract=contract,
        purpose=purpose,
        state__in=[Grant.State.ASKED, *Grant.HOLDING],
        defaults={
            "basis": basis,
            "fields": sorted(fields),
            "state": Grant.State.ASKED,
            "asked_at": at,
        },
    )
    if grant.state == Grant.State.ASKED:
        grant = grants.approve_grant(grant=grant, by=None, at=at)
    return grant


@transaction.atomic
def answered_by(*, contract: str, url: str) -> Service:
    """Who answers from the next second on: the system at this address, or the built-in one if it is empty.

    Raises ``UnknownContract`` and ``switch.NotAnAddress``.
    """
    if contract not in published.queries():
        raise UnknownContract(contract)
    service, _new = Service.objects.get_or_create(
        contract=contract, defaults={"subsystem_id": owner(contract)}
    )
    if not url:
        return switch.throw_back(service=service)
    return switch.throw(
        service=switch.prepare(service=service, url=url, milliseconds=service.milliseconds)
    )
