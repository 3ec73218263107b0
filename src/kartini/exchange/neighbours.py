"""Systems elsewhere: introduced, allowed to ask, asked to answer. Console and command line both call these."""

import re
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from kartini.contracts import Purpose, Query
from kartini.exchange import credentials, grants, log, published, switch
from kartini.exchange.models import Grant, Service, Subsystem
from kartini.exchange.snapshot import owner

CHECKING, CHECK_BASIS = "console", "Uji kesesuaian sebelum dialihkan"
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


def callers(contract: str) -> list[list[str]]:
    """The commands by which another node knows and allows everybody who may ask this one now, and the console,
    which checks it. Raises ``UnknownContract``."""
    if contract not in published.queries():
        raise UnknownContract(contract)
    key = b64encode(bytes(log.the_log().keys.voice.verify_key)).decode()
    held = Grant.objects.filter(contract=contract, state__in=Grant.HOLDING).select_related("asker")
    today = timezone.localdate()
    said = []
    for one in held.order_by("asker_id", "purpose"):
        if one.holds_on(today):
            fields = [word for name in one.fields for word in ("--field", name)]
            said += _known_and_allowed(one.asker, key, contract, one.purpose, one.basis, fields)
    checking = Subsystem.objects.filter(pk=CHECKING).first()
    if checking is not None:
        said += _known_and_allowed(checking, key, contract, Purpose.GOVERNANCE, CHECK_BASIS, [])
    return said


def _known_and_allowed(
    asker: Subsystem, key: str, contract: str, purpose: str, basis: str, fields: list[str]
) -> list[list[str]]:
    begin = ["kartini", "exchange"]
    member = ["--member", asker.member, "--class", asker.member_class, "--title", asker.title]
    right = ["--purpose", str(purpose), "--basis", basis, *fields]
    return [
        [*begin, "introduce", asker.code, *member, "--key", key],
        [*begin, "allow", asker.code, contract, *right],
    ]


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
