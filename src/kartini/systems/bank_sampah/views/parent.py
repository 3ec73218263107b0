"""The parent bank looks after its units: whose stock stands still, who does not weigh, who does not close."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Max, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from kartini.systems.bank_sampah.engine import chart
from kartini.systems.bank_sampah.engine.weights import kilograms
from kartini.systems.bank_sampah.forms.trade import FindForm
from kartini.systems.bank_sampah.models import Account, Deposit, Sale, Unit
from kartini.systems.bank_sampah.views import files
from kartini.systems.bank_sampah.views.doorway import at_parent, paged

STILL_DAYS = 60
"""ASSUMPTION: so long may stock lie before the parent bank asks. No rule sets it."""


@dataclass
class Standing:
    """How a unit stands today."""

    unit: Unit
    stock_grams: int = 0
    cash_rupiah: int = 0
    owed_rupiah: int = 0
    weighed_on: date | None = None
    sold_on: date | None = None

    @property
    def kilograms(self) -> Decimal:
        return kilograms(self.stock_grams)

    def still_days(self, today: date) -> int:
        """Days since something was sold, while something lies there."""
        since = self.sold_on or self.unit.opened_on
        return (today - since).days if self.stock_grams else 0


@require_safe
@at_parent
def units(request: HttpRequest, unit: Unit) -> HttpResponse:
    """The units below a parent bank; the longest standing stock first."""
    today, form, only = localdate(), FindForm(request.GET), request.GET.get("hanya", "")
    below = Unit.objects.filter(parent=unit, closed_on__isnull=only != "tutup", name__icontains=form.words())  # fmt: skip
    rows = sorted(standings(below), key=lambda one: (-one.still_days(today), one.unit.name))
    if only == "diam":
        rows = [one for one in rows if one.still_days(today) >= STILL_DAYS]
    shown = [(one, one.still_days(today)) for one in rows]
    if kind := files.wanted(request):
        return files.answer(kind, "unit-binaan", HEADS, _lines(shown))
    context = {"unit": unit, "page": paged(request, shown, 40), "form": form, "only": only, "most": STILL_DAYS}  # fmt: skip
    return render(request, "bank_sampah/units.html", context)


HEADS = (
    "unit",
    "desa",
    "kg_stok",
    "hari_diam",
    "kas",
    "tabungan",
    "timbang_terakhir",
    "tutup_buku_sampai",
)


def _lines(shown: list[tuple[Standing, int]]) -> Iterator[list[Any]]:
    for one, days in shown:
        yield [
            one.unit.name, one.unit.place_label, one.stock_grams / 1000, days, one.cash_rupiah, one.owed_rupiah,
            one.weighed_on, one.unit.closed_until_on,
        ]  # fmt: skip


def standings(below: Any) -> list[Standing]:
    """In three questions, however many units there are."""
    found = {unit.pk: Standing(unit) for unit in below}
    owed, held = F("credits_posted") - F("debits_posted"), F("debits_posted") - F("credits_posted")
    accounts = Account.objects.filter(unit__in=found).values("unit").order_by().annotate(
        stock_grams=Sum(held, filter=Q(kind=chart.STOCK.code), default=0),
        cash_rupiah=Sum(held, filter=Q(kind=chart.CASH.code), default=0),
        owed_rupiah=Sum(owed, filter=Q(kind=chart.SAVINGS.code), default=0),
    )  # fmt: skip
    last: list[Any] = [
        Deposit.objects.standing().filter(unit__in=found).values("unit").order_by().annotate(weighed_on=Max("booked_on")),
        Sale.objects.filter(unit__in=found, reversed_at=None).values("unit").order_by().annotate(sold_on=Max("booked_on")),
    ]  # fmt: skip
    for rows in (accounts, *last):
        for row in rows:
            for name, value in row.items():
                if name != "unit":
                    setattr(found[row["unit"]], name, value)
    return list(found.values())
