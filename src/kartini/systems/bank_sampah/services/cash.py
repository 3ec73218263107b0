"""The cash box: money that comes or goes without a trade, days that are opened and closed, months that end."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.utils import timezone

from kartini.people import trail
from kartini.systems.bank_sampah.engine import chart
from kartini.systems.bank_sampah.engine.chart import Place
from kartini.systems.bank_sampah.models import Account, CashMove, Correction, Day, MonthClose, Unit
from kartini.systems.bank_sampah.services import books, turn
from kartini.systems.bank_sampah.services.books import Leg

MOVES = {
    CashMove.Way.CAPITAL_IN: (chart.CASH, chart.CAPITAL),
    CashMove.Way.CAPITAL_OUT: (chart.CAPITAL, chart.CASH),
    CashMove.Way.TO_BANK: (chart.BANK, chart.CASH),
    CashMove.Way.FROM_BANK: (chart.CASH, chart.BANK),
    CashMove.Way.BANK_IN: (chart.BANK, chart.CAPITAL),
}
"""Which account is debited and which credited."""


class NotEnoughMoney(Exception):
    """The cash box or bank account holds less than is to be moved."""

    def __init__(self, available: int) -> None:
        super().__init__(available)
        self.available = available


class IdUsed(Exception):
    """Another cash move already bears this id."""


class DayIsClosed(Exception):
    """The day was closed already; it is counted once."""


class CashDiffers(Exception):
    """Counted and booked cash differ: say why."""

    def __init__(self, book: int) -> None:
        super().__init__(book)
        self.book = book


class MonthNotOver(Exception):
    """A month is closed when it is over."""


class MonthsInOrder(Exception):
    """An earlier month is still open, or this one is closed already."""


class DaysStillOpen(Exception):
    """Days of the month still wait for their cash count."""

    def __init__(self, days: list[date]) -> None:
        super().__init__(days)
        self.days = days


class CorrectionsWait(Exception):
    """Corrections still wait for a second person."""


@turn.writing()
def move(
    *,
    id: UUID,  # noqa: A002
    unit: Unit,
    way: str,
    amount_rupiah: int,
    reason: str,
    by: Any,
    at: datetime,
) -> CashMove:
    """Put money in, take it out, bring it to the bank. The same id is the same move."""
    debit, credit = (Place(kind, unit.pk) for kind in MOVES[CashMove.Way(way)])
    accounts = books.lock([debit, credit])
    known = CashMove.objects.filter(pk=id).first()
    if known is not None:
        return _same(known, unit, way, amount_rupiah)
    source = accounts[credit]
    if credit.kind is not chart.CAPITAL and amount_rupiah > source.available:
        raise NotEnoughMoney(source.available)
    moved = CashMove.objects.create(
        id=id, unit=unit, way=way, amount_rupiah=amount_rupiah, reason=reason, moved_at=at,
        booked_on=timezone.localdate(at), by=by,
    )  # fmt: skip
    legs = [Leg(accounts[debit].pk, source.pk, amount_rupiah)]
    books.post(deed=id, kind="cash-move", legs=legs, booked_on=moved.booked_on, by=by, at=at)
    return moved


def _same(known: CashMove, unit: Unit, way: str, amount_rupiah: int) -> CashMove:
    if (known.unit_id, known.way, known.amount_rupiah) != (unit.pk, way, amount_rupiah):
        raise IdUsed
    return known


@turn.writing()
def open_day(*, unit: Unit, by: Any, at: datetime) -> Day:
    """Begin a weigh-in day. Opened twice, it is the same day."""
    day, _ = Day.objects.get_or_create(
        unit=unit, on=timezone.localdate(at), defaults={"opened_at": at, "opened_by": by}
    )
    return day


@turn.writing()
def close_day(
    *, day: Day, cash_counted_rupiah: int, explanation: str = "", by: Any, at: datetime
) -> Day:
    """Count the cash box against the book; a difference is explained and booked.

    Bags that were weighed without a network may still arrive: they move savings, not cash.
    """
    box, gap = Place(chart.CASH, day.unit_id), Place(chart.DIFFERENCES, day.unit_id)
    accounts = books.lock([box, gap])
    day = Day.objects.select_for_update(no_key=True).get(pk=day.pk)
    if day.closed_at is not None:
        raise DayIsClosed
    book = accounts[box].balance
    difference = cash_counted_rupiah - book
    if difference and not explanation.strip():
        raise CashDiffers(book)
    day.closed_at, day.closed_by, day.explanation = at, by, explanation if difference else ""
    day.cash_counted_rupiah, day.cash_book_rupiah = cash_counted_rupiah, book
    day.save(
        update_fields=[
            "closed_at", "closed_by", "explanation", "cash_counted_rupiah", "cash_book_rupiah",
        ]
    )  # fmt: skip
    _book_difference(day, accounts[box], accounts[gap], difference)
    trail.did(by=by, verb="bank-sampah.day-closed", thing=f"bank-sampah.day:{day.pk}", at=at)
    return day


def _book_difference(day: Day, box: Account, gap: Account, difference: int) -> None:
    more, less = (box, gap) if difference > 0 else (gap, box)
    if difference:
        books.post(
            deed=day_deed(day.pk),
            kind="cash-count",
            legs=[Leg(more.pk, less.pk, abs(difference))],
            booked_on=timezone.localdate(day.closed_at),
            by=day.closed_by,
            at=day.closed_at,  # type: ignore[arg-type]
        )


def day_deed(day_id: int) -> UUID:
    """The id under which the books know a day's cash count."""
    return uuid5(UUID("5d1c1f0e-6a52-5d7e-9c1b-0a51d1a75e00"), str(day_id))


@turn.writing()
def close_month(*, unit: Unit, month_on: date, by: Any, at: datetime) -> MonthClose:
    """End a month: from now on the database lets nothing older move at this unit."""
    unit = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    last = _last_day(month_on)
    if last >= timezone.localdate(at):
        raise MonthNotOver
    if unit.closed_until_on is not None and month_on != unit.closed_until_on + timedelta(days=1):
        raise MonthsInOrder
    list(unit.accounts.select_for_update(no_key=True).order_by("pk"))  # lets what is under way end
    _check_month(unit, last)
    unit.closed_until_on = last
    unit.save(update_fields=["closed_until_on"])
    trail.did(by=by, verb="bank-sampah.month-closed", thing=f"bank-sampah.unit:{unit.pk}", at=at)
    return MonthClose.objects.create(unit=unit, month_on=month_on, closed_at=at, closed_by=by)


def _check_month(unit: Unit, last: date) -> None:
    open_days = list(
        Day.objects.filter(unit=unit, on__lte=last, closed_at=None).values_list("on", flat=True)
    )
    if open_days:
        raise DaysStillOpen(sorted(open_days))
    if Correction.objects.filter(unit=unit, state=Correction.State.ASKED).exists():
        raise CorrectionsWait


def _last_day(month_on: date) -> date:
    return (month_on.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
