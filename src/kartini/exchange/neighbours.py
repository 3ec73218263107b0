"""Systems elsewhere: introduced, allowed to ask, asked to answer. Console and command line both call these."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction

from kartini.exchange import grants, published
from kartini.exchange.models import Grant, Service, Subsystem
from kartini.exchange.snapshot import owner


class NotAnAddress(Exception):
    """A service is reached at an http or https address."""


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
    """Who answers from the next second on: the system at this address, or the built-in one if it is empty."""
    parts = urlsplit(url)
    if url and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise NotAnAddress(url)
    if contract not in published.queries():
        raise UnknownContract(contract)
    service, _new = Service.objects.update_or_create(
        contract=contract,
        defaults={"url": url},
        create_defaults={"url": url, "subsystem_id": owner(contract)},
    )
    transaction.on_commit(grants.forget)
    return service
