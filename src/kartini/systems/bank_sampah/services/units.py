"""Waste banks come into service and go out of it."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from kartini.contracts.bank_sampah import UnitClosed, UnitOpened
from kartini.exchange import bus
from kartini.people import trail
from kartini.people.models import Organisation
from kartini.systems.bank_sampah.engine import chart
from kartini.systems.bank_sampah.engine.chart import Place
from kartini.systems.bank_sampah.models import Account, OpenHours, Terms, Unit, Withdrawal
from kartini.systems.bank_sampah.services import books, turn


class CodeTaken(Exception):
    """Another bank has this code or this prefix."""


class NotEmpty(Exception):
    """Savings, stock or withdrawals are left: pay them out, sell them, settle them first."""

    def __init__(self, kinds: list[str]) -> None:
        super().__init__(kinds)
        self.kinds = kinds


@turn.writing()
def open_unit(
    *,
    code: str,
    name: str,
    prefix: str,
    village_code: str,
    opened_on: date,
    kind: str = Unit.Kind.UNIT,
    parent: Unit | None = None,
    terms: Terms | None = None,
    by: Any,
    at: datetime,
    **more: Any,
) -> Unit:
    """Bring a bank into service, with its organisation (which carries the managers' roles) and its accounts.

    ``more``: address, lat, lng, decree_number, decree_on.
    """
    taken = Unit.objects.filter(organisation_id=code) | Unit.objects.filter(prefix=prefix)
    if taken.exists():
        raise CodeTaken
    unit = Unit.objects.create(
        organisation=_organisation(code, name, village_code), name=name, prefix=prefix, village_code=village_code,
        opened_on=opened_on, kind=kind, parent=parent, terms=terms or (parent.terms if parent else _own_terms(code)), **more,
    )  # fmt: skip
    books.lock(Place(k, unit.pk) for k in chart.KINDS.values() if k.owner == chart.Owner.UNIT)
    _trail(unit, "opened", by, at)
    bus.publish(
        UnitOpened(unit=code, title=name, kind=kind, village_code=village_code, opened_on=opened_on)
    )
    return unit


def _organisation(code: str, name: str, village_code: str) -> Organisation:
    said = {"name": name, "short_name": name[:60], "kind": Organisation.Kind.NGO, "place_code": village_code}  # fmt: skip
    return Organisation.objects.get_or_create(code=code, defaults=said)[0]


def _own_terms(code: str) -> Terms:
    """Of a bank that has no parent: its own, or one parent bank would decide for the units of another."""
    return Terms.objects.get_or_create(name=f"Ketentuan {code}")[0]


@turn.writing()
def set_hours(
    *, unit: Unit, hours: Sequence[tuple[int, time, time]], by: Any, at: datetime
) -> None:
    """Say when a unit weighs in; replaces what was said before."""
    unit.hours.all().delete()
    OpenHours.objects.bulk_create(
        OpenHours(unit=unit, weekday=day, from_time=begin, until_time=end)
        for day, begin, end in hours
    )
    trail.did(by=by, verb="bank-sampah.hours-set", thing=f"bank-sampah.unit:{unit.pk}", at=at)


@turn.writing()
def describe(*, unit: Unit, by: Any, at: datetime, **details: Any) -> Unit:
    """Mend name, village, address, point or permit; the trail says what stood there before."""
    unit = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    changed = {name: value for name, value in details.items() if getattr(unit, name) != value}
    if not changed:
        return unit
    note = "; ".join(f"{name}: {getattr(unit, name) or '–'} → {value or '–'}" for name, value in changed.items())  # fmt: skip
    for name, value in changed.items():
        setattr(unit, name, value)
    unit.save(update_fields=list(changed))
    _trail(unit, "described", by, at, note)
    return unit


@turn.writing()
def reopen_unit(*, unit: Unit, reason: str, by: Any, at: datetime) -> Unit:
    """Bring a closed bank back into service. Reopened twice, it was reopened once."""
    unit = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    if unit.closed_on is None:
        return unit
    unit.closed_on = None
    unit.save(update_fields=["closed_on"])
    _trail(unit, "reopened", by, at, reason)
    bus.publish(
        UnitOpened(
            unit=unit.code,
            title=unit.name,
            kind=unit.kind,
            village_code=unit.village_code,
            opened_on=timezone.localdate(at),
        )
    )
    return unit


@turn.writing()
def close_unit(*, unit: Unit, closed_on: date, reason: str = "", by: Any, at: datetime) -> Unit:
    """Take a bank out of service. Raises ``NotEmpty`` while anything is owed or lies there."""
    unit = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    if unit.closed_on is not None:
        return unit
    accounts = unit.accounts.select_for_update(no_key=True).order_by("pk")
    left = sorted({a.kind for a in accounts if a.kind in MUST_BE_EMPTY and _holds_something(a)})
    if Withdrawal.objects.filter(unit=unit, state__in=["asked", "approved"]).exists():
        left.append("withdrawals")
    if left:
        raise NotEmpty(left)
    unit.closed_on = closed_on
    unit.save(update_fields=["closed_on"])
    _trail(unit, "closed", by, at, reason)
    bus.publish(UnitClosed(unit=unit.code, village_code=unit.village_code, closed_on=closed_on))
    return unit


@turn.writing()
def follow_village(*, former: str, codes: Sequence[str], at: datetime) -> int:
    """A village's code ended: its banks bear the code that follows; how many those are.

    Where several follow (the village was divided) nobody but DLH can say in which one a bank now stands:
    it keeps the old code, and the trail says that it waits for a word.
    """
    here = list(Unit.objects.select_for_update(no_key=True).filter(village_code=former))
    for unit in here:
        if len(codes) == 1:
            unit.village_code = codes[0]
            unit.save(update_fields=["village_code"])
        said = f"{former} → {', '.join(codes) or '–'}"
        verb = f"bank-sampah.village-{'followed' if len(codes) == 1 else 'unclear'}"
        trail.did(by=None, verb=verb, thing=f"bank-sampah.unit:{unit.pk}", at=at, note=said)
    return len(here) if len(codes) == 1 else 0


MUST_BE_EMPTY = {chart.SAVINGS.code, chart.STOCK.code, chart.CASH.code, chart.BANK.code}


def _holds_something(account: Account) -> bool:
    return bool(account.balance or account.debits_pending or account.credits_pending)


def _trail(unit: Unit, what: str, by: Any, at: datetime, note: str = "") -> None:
    verb, thing = f"bank-sampah.unit-{what}", f"bank-sampah.unit:{unit.pk}"
    trail.did(by=by, verb=verb, thing=thing, at=at, note=note[:500])
