"""Grants: who may ask what, hear what, for which purpose. Without one, nothing passes.

The bus reads them from a snapshot in memory that is at most a second old.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from kartini.exchange import registry
from kartini.exchange.models import Grant, Service, Subsystem
from kartini.exchange.snapshot import Keeper, Meter, Right, Snapshot, owner, read
from kartini.kit.flow import Flow

State = Grant.State
RAN_OUT = "Masa berlaku habis."
SOON_DAYS = 30
FLOW = Flow(
    ("approve", [State.ASKED], State.APPROVED),
    ("narrow", [State.ASKED, State.APPROVED, State.NARROWED], State.NARROWED),
    ("refuse", [State.ASKED], State.REFUSED),
    ("withdraw", [State.ASKED], State.ENDED),
    ("end", [State.APPROVED, State.NARROWED], State.ENDED),
)


class SameEyes(Exception):
    """Whoever asked does not decide."""


class MoreThanAsked(Exception):
    """A grant is narrowed, never widened; names what is more."""


class AlreadyOpen(Exception):
    """There is an open grant for this question and purpose; carries it."""

    def __init__(self, grant: Grant) -> None:
        super().__init__(str(grant))
        self.grant = grant


def _read() -> Snapshot:
    def rows(sql: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    return read(rows, instance=settings.INSTANCE, now=timezone.localtime())


snapshot = Keeper(_read)
forget = snapshot.forget
meter = Meter()


def to_hear(asker: str, contract: str) -> Right | None:
    """For a delivery, which a no ends for good: the no is not said from a view of a moment ago."""
    right = snapshot().to_hear(asker, contract)
    if right is None:
        forget()
        right = snapshot().to_hear(asker, contract)
    return right


# -- the life of a grant


@transaction.atomic
def declare(*, approve: bool, at: datetime) -> list[Grant]:
    """Write down what the systems of this house declare; returns the grants that are new.

    The demo approves them. In production they wait in the console for the owner of the data.
    """
    _write_participants()
    fresh = []
    for need in registry.needed.values():
        grant = (
            Grant.objects.filter(
                asker=need.asker, contract=need.contract.name, purpose=need.purpose
            )
            .order_by("pk")
            .last()
        )
        if grant is None:
            grant = _ask_for(need, at)
            fresh.append(grant)
        elif _follows(grant, approve=approve):
            fields = [*need.fields]
            changes = {"basis": need.basis, "fields": fields, "asked_fields": fields}
            Grant.objects.filter(pk=grant.pk).update(**changes)
        if approve and grant.state == State.ASKED:
            approve_grant(grant=grant, by=None, at=at)
    _changed()
    return fresh


def _follows(grant: Grant, *, approve: bool) -> bool:
    """A new version of the house changes what waits for a decision, never what was decided: only the demo is followed."""
    waits = grant.state == State.ASKED and grant.asked_by is None
    return waits or (approve and grant.decided_by is None and grant.state == State.APPROVED)


def _ask_for(need: registry.Need, at: datetime) -> Grant:
    return Grant.objects.create(
        asker_id=need.asker,
        contract=need.contract.name,
        purpose=need.purpose,
        basis=need.basis,
        fields=[*need.fields],
        asked_fields=[*need.fields],
        asked_at=at,
    )


@transaction.atomic
def ask(
    *,
    asker: Subsystem,
    contract: str,
    purpose: str,
    basis: str,
    basis_letter: str,
    need: str,
    fields: Iterable[str] = (),
    per_minute: int | None = None,
    until: date | None = None,
    by: Any,
    at: datetime,
) -> Grant:
    """Ask the owner of the data for a grant. Raises ``AlreadyOpen``; what ended or was refused may be asked anew."""
    Subsystem.objects.select_for_update().get(pk=asker.pk)
    same = Grant.objects.filter(asker=asker, contract=contract, purpose=purpose)
    if held := same.exclude(state__in=[State.REFUSED, State.ENDED]).first():
        raise AlreadyOpen(held)
    wanted = sorted(fields)
    return Grant.objects.create(
        asker=asker,
        contract=contract,
        purpose=purpose,
        basis=basis,
        basis_letter=basis_letter,
        need=need,
        fields=wanted,
        asked_fields=wanted,
        per_minute=per_minute,
        asked_per_minute=per_minute,
        valid_until=until,
        asked_until=until,
        asked_by=getattr(by, "pk", None),
        asked_at=at,
    )


@transaction.atomic
def end_those_over(*, at: datetime) -> list[Grant]:
    """Whose last day has passed, ends; the snapshot let nothing through since midnight already."""
    over = Grant.objects.filter(
        state__in=Grant.HOLDING, valid_until__lt=timezone.localdate(at)
    ).select_related("asker")
    found = list(over)
    over.update(state=State.ENDED, decided_at=at, reason=RAN_OUT)
    _changed()
    return found


@transaction.atomic
def soon_over(*, at: datetime, days: int = SOON_DAYS) -> list[Grant]:
    """Those that end within so many days and of which nobody was told yet; each comes once."""
    last = timezone.localdate(at) + timedelta(days=days)
    found = list(
        Grant.objects.filter(state__in=Grant.HOLDING, valid_until__lte=last, warned_at=None)
        .select_related("asker")
        .order_by("pk")
    )
    Grant.objects.filter(pk__in=[grant.pk for grant in found]).update(warned_at=at)
    return found


def _write_participants() -> None:
    """Subsystems and services of this house. What an administrator entered stays as it is."""
    Subsystem.objects.bulk_create(
        [
            Subsystem(code=s.code, member=s.member, title=s.title)
            for s in registry.subsystems.values()
        ],
        ignore_conflicts=True,
    )
    Service.objects.bulk_create(
        [Service(contract=name, subsystem_id=owner(name)) for name in registry.answerers],
        ignore_conflicts=True,
    )


def _changed() -> None:
    forget()
    transaction.on_commit(forget)


def approve_grant(*, grant: Grant, by: Any, at: datetime, valid_until: date | None = None) -> Grant:
    """Say yes to what was asked; a day may be set, or an earlier one than asked. Raises ``MoreThanAsked``."""
    if grant.asked_until and valid_until and valid_until > grant.asked_until:
        raise MoreThanAsked("valid_until")
    return _decide(grant, "approve", by, at, valid_until=valid_until or grant.asked_until)


def narrow(
    *,
    grant: Grant,
    fields: Iterable[str],
    reason: str,
    by: Any,
    at: datetime,
    per_minute: int | None = None,
    valid_until: date | None = None,
) -> Grant:
    """Say yes to less: fewer fields, a rate, an end. Raises ``MoreThanAsked``."""
    kept = sorted(fields)
    if grant.asked_fields and not (kept and {*kept} <= {*grant.asked_fields}):
        raise MoreThanAsked("fields")
    if grant.asked_per_minute and (per_minute or 2**31) > grant.asked_per_minute:
        raise MoreThanAsked("per_minute")
    if grant.asked_until and (valid_until or date.max) > grant.asked_until:
        raise MoreThanAsked("valid_until")
    less = {"fields": kept, "per_minute": per_minute, "valid_until": valid_until}
    return _decide(grant, "narrow", by, at, reason=reason, **less)


def refuse(*, grant: Grant, reason: str, by: Any, at: datetime) -> Grant:
    return _decide(grant, "refuse", by, at, reason=reason)


def withdraw(*, grant: Grant, reason: str, by: Any, at: datetime) -> Grant:
    """Whoever asked no longer wants it."""
    return _decide(grant, "withdraw", by, at, reason=reason)


def end(*, grant: Grant, reason: str, by: Any, at: datetime) -> Grant:
    """Take back what was granted; from the next second on nothing passes."""
    return _decide(grant, "end", by, at, reason=reason)


@transaction.atomic
def _decide(grant: Grant, verb: str, by: Any, at: datetime, **changes: Any) -> Grant:
    """Only from the state that the grant has now, whoever decides at the same time."""
    held = Grant.objects.select_for_update(of=("self",)).get(pk=grant.pk)
    state = FLOW.step(verb, held.state)
    if state != State.ENDED and by is not None and by.pk == held.asked_by:
        raise SameEyes
    changes |= {
        "state": state,
        "decided_by": getattr(by, "pk", None),
        "decided_at": at,
    }
    Grant.objects.filter(pk=held.pk).update(**changes)
    _changed()
    held.refresh_from_db()
    return held
