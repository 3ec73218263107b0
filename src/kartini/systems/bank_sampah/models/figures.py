"""Questions over many rows: what was kept from the landfill, the month of each unit, what needs attention."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from kartini.systems.bank_sampah.engine import chart
from kartini.systems.bank_sampah.engine.discretion import withheld
from kartini.systems.bank_sampah.engine.weights import kilograms
from kartini.systems.bank_sampah.models.books import Account
from kartini.systems.bank_sampah.models.corrections import Correction
from kartini.systems.bank_sampah.models.counter import Deposit, DepositLine, Withdrawal
from kartini.systems.bank_sampah.models.depositors import Part
from kartini.systems.bank_sampah.models.materials import Price, PriceList
from kartini.systems.bank_sampah.models.stock import Sale, SaleLine, StockCount
from kartini.systems.bank_sampah.models.units import Terms, Unit


@dataclass(frozen=True)
class Cell:
    """Grams of one category, one village, one month, and how many depositors stand behind them.

    Not ``told``: of so few that it is withheld, or that one of few could be reckoned back from it.
    """

    village_code: str
    month_on: date
    category: str
    grams: int
    depositors: int
    told: bool


def diverted(first: date, last: date, village_code: str | None = None) -> Iterator[Cell]:
    """What deposits kept from the landfill, in whole months. The village is the unit's.

    What is told is judged for the whole regency, month by month, also where one village is asked for: else
    two questions would say what each of them withholds. "Few" is what the strictest terms say.
    """
    small = max(Terms.objects.values_list("small_cell", flat=True), default=Terms().small_cell)
    for month, found in groupby(_by_month(first, last), key=itemgetter(0)):
        rows = list(found)
        hidden = withheld({(place, kind): many for _, place, kind, _, many in rows}, small)
        for _, place, kind, grams, many in rows:
            if village_code in (None, "", place):
                yield Cell(place, month, kind, grams, many, (place, kind) not in hidden)


def _by_month(first: date, last: date) -> list[tuple[date, str, str, int, int]]:
    """Month, village, category, grams and depositors."""
    lines = DepositLine.objects.filter(
        deposit__reversed_at=None, deposit__booked_on__range=(first, last)
    )
    rows = (
        lines.annotate(month=TruncMonth("deposit__booked_on"))
        .values_list("month", "deposit__unit__village_code", "material__category_id")
        .annotate(grams=Sum("grams"), depositors=Count("deposit__depositor_id", distinct=True))
        .order_by("month", "deposit__unit__village_code", "material__category_id")
    )
    return list(rows)


def grams_between(first: date, last: date, units: Any = None) -> int:
    """How much was brought in these days."""
    deposits = Deposit.objects.standing().between(first, last)
    if units is not None:
        deposits = deposits.filter(unit__in=units)
    return deposits.aggregate(total=Sum("total_grams"))["total"] or 0


def by_month(first: date, last: date, units: Any = None) -> dict[date, int]:
    """Grams by month."""
    deposits = Deposit.objects.standing().between(first, last)
    if units is not None:
        deposits = deposits.filter(unit__in=units)
    rows = deposits.annotate(month=TruncMonth("booked_on")).values_list("month")
    return dict(rows.annotate(total=Sum("total_grams")).order_by("month"))


@dataclass
class UnitMonth:
    """One line of the month report."""

    unit: Unit
    deposits: int = 0
    depositors: int = 0
    grams: int = 0
    rupiah: int = 0
    paid_rupiah: int = 0
    sold_grams: int = 0
    sold_rupiah: int = 0
    stock_grams: int = 0
    owed_rupiah: int = 0

    @property
    def kilograms(self) -> Decimal:
        return kilograms(self.grams)

    @property
    def stock_kilograms(self) -> Decimal:
        return kilograms(self.stock_grams)


def month_of(units: Sequence[Unit], first: date, last: date) -> list[UnitMonth]:
    """The month of each unit in five questions, however many units there are."""
    lines = {unit.pk: UnitMonth(unit) for unit in units}
    days = {"reversed_at": None, "booked_on__range": (first, last)}
    paid = {"reversed_at": None, "state": "paid", "ended_at__date__range": (first, last)}
    stock, savings = {"kind": chart.STOCK.code}, {"kind": chart.SAVINGS.code}
    held, owed = F("debits_posted") - F("credits_posted"), F("credits_posted") - F("debits_posted")
    brought = {
        "deposits": Count("pk"),
        "depositors": Count("depositor", distinct=True),
        "grams": Sum("total_grams"),
        "rupiah": Sum("total_rupiah"),
    }
    sold = {"sold_grams": Sum("total_grams"), "sold_rupiah": Sum("total_rupiah")}
    questions: tuple[tuple[QuerySet[Any], dict[str, Any], dict[str, Any]], ...] = (
        (Deposit.objects.all(), days, brought),
        (Sale.objects.all(), days, sold),
        (Withdrawal.objects.all(), paid, {"paid_rupiah": Sum("amount_rupiah")}),
        (Account.objects.all(), stock, {"stock_grams": Sum(held)}),
        (Account.objects.all(), savings, {"owed_rupiah": Sum(owed)}),
    )
    for rows, only, sums in questions:
        found = rows.filter(unit__in=lines, **only).values("unit").annotate(**sums)
        for row in found.order_by():
            for name in sums:
                setattr(lines[row["unit"]], name, row[name] or 0)
    return list(lines.values())


@dataclass(frozen=True)
class Concern:
    """Something at a unit that needs a decision. ``kind`` is asleep, price, stock, withdrawal or correction."""

    unit: Unit
    kind: str
    since: date | None = None
    value: int = 0
    about: str = ""


def concerns(units: Sequence[Unit], now: datetime) -> list[Concern]:
    """What the parent bank should look at, unit by unit."""
    by_pk = {unit.pk: unit for unit in units}
    return [
        *_asleep(by_pk, now.date()),
        *_far_prices(by_pk, now),
        *_misfits(by_pk, now.date()),
        *_waiting(by_pk, now),
    ]


def _asleep(units: dict[int, Unit], today: date) -> list[Concern]:
    rows = Deposit.objects.standing().filter(unit__in=units).values_list("unit")
    last = dict(rows.annotate(last=Max("booked_on")).order_by())
    found = []
    for pk, unit in units.items():
        since = last.get(pk, unit.opened_on)
        if today - since > timedelta(days=unit.terms.asleep_days) and unit.kind == Unit.Kind.UNIT:
            found.append(Concern(unit, "asleep", since, (today - since).days))
    return found


def _far_prices(units: dict[int, Unit], now: datetime) -> list[Concern]:
    """Prices that are further from the parent bank's than the terms allow."""
    lists = PriceList.objects.newest(now, {*units, *(u.parent_id for u in units.values())})
    prices: dict[int, dict[int, tuple[int, str]]] = {}
    for row in Price.objects.filter(price_list__in=lists.values()).values_list(
        "price_list__owner", "material", "rupiah_per_kilogram", "material__name"
    ):
        prices.setdefault(row[0], {})[row[1]] = (row[2], row[3])
    found = []
    for unit in units.values():
        guide = prices.get(unit.parent_id or 0, {})
        for material, (price, name) in prices.get(unit.pk, {}).items():
            if material in guide and guide[material][0]:
                off = round(100 * price / guide[material][0]) - 100
                if abs(off) > unit.terms.price_far_percent:
                    found.append(Concern(unit, "price", None, off, name))
    return found


def _misfits(units: dict[int, Unit], today: date) -> list[Concern]:
    """Heaps that did not fit their book by more than five percent in the last 60 days."""
    counts = StockCount.objects.filter(
        unit__in=units,
        cause="miscounted",
        reversed_at=None,
        booked_on__gt=today - timedelta(days=60),
    ).select_related("material")
    return [
        Concern(
            units[c.unit_id], "stock", c.booked_on, c.counted_grams - c.book_grams, c.material.name
        )
        for c in counts
        if abs(c.counted_grams - c.book_grams) * 20 > c.book_grams
    ]


def _waiting(units: dict[int, Unit], now: datetime) -> list[Concern]:
    """One line per unit for what waits there: the oldest day and the sum."""
    old = {"state__in": ["asked", "approved"], "asked_at__lt": now - timedelta(days=3)}
    questions: tuple[tuple[str, QuerySet[Any], dict[str, Any]], ...] = (
        ("withdrawal", Withdrawal.objects.all(), old),
        ("correction", Correction.objects.all(), {"state": Correction.State.ASKED}),
    )
    found = []
    for kind, rows, only in questions:
        sums = rows.filter(unit__in=units, **only).values_list("unit").order_by("unit")
        for unit, since, total in sums.annotate(Min("asked_at"), Sum("amount_rupiah")):
            found.append(Concern(units[unit], kind, since.date(), total))
    return found


@dataclass(frozen=True)
class Heap:
    """A material at a unit: what the book holds and what a kilogram of it cost on average."""

    material_id: int
    name: str
    category: str
    grams: int
    cost_rupiah_per_kilogram: int

    @property
    def kilograms(self) -> Decimal:
        return kilograms(self.grams)


def heaps(unit: Unit) -> list[Heap]:
    """The stock of a unit, with the average price at which it was brought, or bought from units."""
    accounts = Account.objects.filter(unit=unit, kind=chart.STOCK.code).select_related("material")
    brought: tuple[QuerySet[Any], ...] = (
        DepositLine.objects.filter(deposit__unit=unit, deposit__reversed_at=None),
        SaleLine.objects.filter(sale__to_unit=unit, sale__reversed_at=None),
    )
    cost: dict[int, int] = {}
    for rows in brought:
        sums = rows.values_list("material_id").annotate(Sum("grams"), Sum("rupiah"))
        cost |= {row[0]: round(row[2] * 1000 / row[1]) for row in sums.order_by()}
    return [
        Heap(
            a.material.pk,
            a.material.name,
            a.material.category_id,
            a.balance,
            cost.get(a.material.pk, 0),
        )
        for a in accounts.order_by("material__category__order", "material__order", "material__name")
        if a.material is not None
    ]


def ranking(group: Any, first: date, last: date) -> list[tuple[Part, int]]:
    """The classes of a school by what they brought. Classes, not children."""
    standing = Q(deposits__reversed_at=None, deposits__booked_on__range=(first, last))
    parts = Part.objects.filter(group=group).annotate(
        grams=Sum("deposits__total_grams", filter=standing, default=0)
    )
    return [(part, part.grams) for part in parts.order_by("-grams", "name")]
