"""Systems elsewhere: introduced, allowed to ask, asked to answer. Console and command line both call these."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from kartini.exchange import grants, published, switch
from kartini.exchange.models import Grant, Service, Subsystem
from kartini.exchange.snapshot import owner


class UnknownContract(Exception):
    """No question of the catalogue has this name."""


@transaction.atomic
def introduce(*, code: str, member: str, title: str, member_class: str = "GOV") -> Subsystem:
    """Make a system known. One that is known stays as it is."""
    known, _new = Subsystem.objects.get_or_create(
        code=code,
        defaults={
            "member": member,
            "member_class": member_class,
            "title": title,
            "built_in": False,
        },
    )
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
    fields: Iterable[str] = (),
) -> Grant:
    """Grant at once what nobody had asked for in writing; a grant that holds already is returned."""
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
