"""The month of all units, for DLH, the parent bank and village heads: on screen, as CSV, XLSX and PDF."""

from datetime import date
from pathlib import Path
from typing import Any

from django.db.models import Q
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
    month_asked,
    months_back,
    months_to_choose,
    rupiah,
)

LETTER = Path(__file__).parent.parent / "templates/bank_sampah/month.typ"
HEADS = ("unit", "desa", "setoran", "nasabah", "kg_masuk", "rp_masuk", "rp_ditarik", "kg_terjual", "rp_terjual", "kg_stok", "rp_tabungan")  # fmt: skip


@require_safe
@for_readers
def month(request: HttpRequest) -> HttpResponse:
    """One line per unit and the sum; twelve months as a chart; what needs a decision."""
    first, last = month_asked(request)
    units = list(_readable(request.user).select_related("terms", "parent").order_by("name"))
    lines = month_of(units, first, last)
    kind = request.GET.get("unduh", "")
    if kind == "pdf":
        return _letter(lines, first)
    if files.wanted(request):
        return files.answer(kind, f"bank-sampah-{first:%Y-%m}", HEADS, map(_row, lines))
    months = by_month(months_back(first, 11), last, units)
    context = {
        "lines": lines,
        "total": _sum(lines),
        "kg": weights.kilograms(_sum(lines)["grams"]),
        "month_on": first,
        "choices": months_to_choose(localdate()),
        "sentence": _sentence(request.user, lines, first),
        "chart": charts.bars(
            title=_("Kilograms by month"), labels=[f"{m:%m/%y}" for m in months],
            values=[round(g / 1000) for g in months.values()], language=language(),
        ),
        "concerns": concerns(units, now()) if rules.reads_all(request.user) else [],
        "now": now(),
    }  # fmt: skip
    return render(request, "bank_sampah/month.html", context)


def _readable(user: Any) -> Any:
    """All units; else those of the village head's village and those where this account works."""
    units = Unit.objects.units()
    if rules.reads_all(user):
        return units
    mine = Q(village_code__in=rules.villages_of(user)) | Q(pk__in=rules.units_of(user))
    return units.filter(mine)


def _sentence(user: Any, lines: list[UnitMonth], first: date) -> str:
    """The village head's line, to copy into a report."""
    villages = rules.villages_of(user)
    here = [line for line in lines if line.unit.village_code in villages]
    if not here:
        return ""
    total = _sum(here)
    words = {
        "village": names.label(villages[0]), "month": f"{formats.MONTHS[language()][first.month - 1]} {first.year}",
        "units": len(here), "kg": kilograms(total["grams"]), "deposits": total["deposits"], "people": total["depositors"],
        "rupiah": rupiah(total["rupiah"]),
    }  # fmt: skip
    return (
        _(
            "In %(month)s, %(units)d waste banks in %(village)s kept %(kg)s from the landfill: "
            "%(deposits)d deposits of %(people)d depositors, %(rupiah)s saved."
        )
        % words
    )


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
    head = lines[0].unit if len(lines) == 1 else None
    data = {
        "agency": {"name": head.name, "address": head.address} if head else {"name": "Dinas Lingkungan Hidup"},
        "month": f"{formats.MONTHS['id'][first.month - 1]} {first.year}",
        "rows": [
            [x.unit.name, names.name(x.unit.village_code), str(x.deposits), kilograms(x.grams), rupiah(x.rupiah), rupiah(x.paid_rupiah), kilograms(x.stock_grams)]
            for x in lines
        ],
        "total": ["Jumlah", "", str(total["deposits"]), kilograms(total["grams"]), rupiah(total["rupiah"]), rupiah(total["paid_rupiah"]), kilograms(total["stock_grams"])],
        "as_of": formats.moment(localtime(now())),
    }  # fmt: skip
    pdf = documents.render(template=LETTER, data=data, title=_("Month of the waste banks"), at=now())  # fmt: skip
    return files.letter(pdf, f"bank-sampah-{first:%Y-%m}")
