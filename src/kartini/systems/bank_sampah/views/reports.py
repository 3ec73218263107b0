"""The month of all units, for DLH, the parent bank and village heads: on screen, as CSV, XLSX and PDF."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate, localtime, now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kartini.kit import charts, formats
from kartini.office import documents
from kartini.places import names
from kartini.systems.bank_sampah import rules
from kartini.systems.bank_sampah.engine import weights
from kartini.systems.bank_sampah.models import Unit
from kartini.systems.bank_sampah.models.figures import UnitMonth, by_month, concerns, month_of
from kartini.systems.bank_sampah.views import files
from kartini.systems.bank_sampah.views.doorway import (
    for_readers,
    kilograms,
    language,
    rupiah,
)

LETTER = Path(__file__).parent.parent / "templates/bank_sampah/month.typ"
HEADS = ("unit", "desa", "setoran", "nasabah", "kg_masuk", "rp_masuk", "rp_ditarik", "kg_terjual", "rp_terjual", "kg_stok", "rp_tabungan")  # fmt: skip


@require_safe
@for_readers
def month(request: HttpRequest) -> HttpResponse:
    """One line per unit and the sum; twelve months as a chart; what needs a decision."""
    first, last = _month(request.GET.get("bulan", ""))
    units = list(_readable(request.user).select_related("terms", "parent").order_by("name"))
    lines = month_of(units, first, last)
    kind = request.GET.get("unduh", "")
    if kind == "pdf":
        return _letter(lines, first)
    if files.wanted(request):
        return files.answer(kind, f"bank-sampah-{first:%Y-%m}", HEADS, map(_row, lines))
    months = by_month((first - timedelta(days=340)).replace(day=1), last, units)
    context = {
        "lines": lines,
        "total": _sum(lines),
        "kg": weights.kilograms(_sum(lines)["grams"]),
        "month_on": first,
        "choices": _choices(localdate()),
        "chart": charts.bars(
            title=_("Kilograms by month"), labels=[f"{m:%m/%y}" for m in months],
            values=[round(g / 1000) for g in months.values()], language=language(),
        ),
        "concerns": concerns(units, now()) if rules.reads_all(request.user) else [],
        "now": now(),
    }  # fmt: skip
    return render(request, "bank_sampah/month.html", context)


def _readable(user: Any) -> Any:
    """All units, or those of the village head's village."""
    units = Unit.objects.units()
    if rules.reads_all(user):
        return units
    return units.filter(village_code__in=rules.villages_of(user))


def _month(text: str) -> tuple[date, date]:
    """``2026-10``; else the month that is running."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        first = localdate().replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _choices(today: date) -> list[date]:
    found, each = [], today.replace(day=1)
    for _number in range(24):
        found.append(each)
        each = (each - timedelta(days=1)).replace(day=1)
    return found


def _row(line: UnitMonth) -> list[Any]:
    return [
        line.unit.name, names.label(line.unit.village_code), line.deposits, line.depositors, line.grams / 1000, line.rupiah,
        line.paid_rupiah, line.sold_grams / 1000, line.sold_rupiah, line.stock_grams / 1000, line.owed_rupiah,
    ]  # fmt: skip


def _sum(lines: list[UnitMonth]) -> dict[str, int]:
    fields = ("deposits", "depositors", "grams", "rupiah", "paid_rupiah", "sold_grams", "sold_rupiah", "stock_grams", "owed_rupiah")  # fmt: skip
    return {name: sum(getattr(line, name) for line in lines) for name in fields}


def _letter(lines: list[UnitMonth], first: date) -> HttpResponse:
    total = _sum(lines)
    data = {
        "agency": {"name": "Dinas Lingkungan Hidup"},
        "month": f"{formats.MONTHS['id'][first.month - 1]} {first.year}",
        "rows": [
            [x.unit.name, names.name(x.unit.village_code), str(x.deposits), kilograms(x.grams), rupiah(x.rupiah), rupiah(x.paid_rupiah), kilograms(x.stock_grams)]
            for x in lines
        ],
        "total": ["Jumlah", "", str(total["deposits"]), kilograms(total["grams"]), rupiah(total["rupiah"]), rupiah(total["paid_rupiah"]), kilograms(total["stock_grams"])],
        "as_of": formats.moment(localtime(now())),
    }  # fmt: skip
    pdf = documents.render(template=LETTER, data=data, title=_("Month of the waste banks"), at=now())  # fmt: skip
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="bank-sampah-{first:%Y-%m}.pdf"'
    return response
