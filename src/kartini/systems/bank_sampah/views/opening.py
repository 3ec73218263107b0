"""Old books: a sheet is looked at first, then taken over as a whole, and undone as a whole."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kartini.systems.bank_sampah.engine import sheet
from kartini.systems.bank_sampah.forms.trade import SheetForm
from kartini.systems.bank_sampah.models import OpeningImport, Unit
from kartini.systems.bank_sampah.services import opening
from kartini.systems.bank_sampah.views import files
from kartini.systems.bank_sampah.views.doorway import (
    REFUSALS,
    account,
    at_unit,
    said,
    sent,
    tried,
)

MOST_SHOWN = 60


@at_unit
def old_books(request: HttpRequest, unit: Unit) -> HttpResponse:
    """Look at a sheet first; only what is read without a fault can be taken over."""
    form, report = SheetForm(sent(request), request.FILES or None), None
    if form.is_valid():
        try:
            if request.POST.get("langkah") == "ambil":
                return _taken_over(request, unit, form)
            report = opening.look(
                unit=unit, content=form.cleaned_data["content"], today=localdate()
            )
        except sheet.NotASheet as fault:
            form.add_error("sheet", SHEET_SAID[fault.reason]())
        except REFUSALS as refusal:
            form.add_error("sheet", said(refusal))
    batches = OpeningImport.objects.filter(unit=unit).select_related("by").order_by("-at")
    context = {"unit": unit, "form": form, "batches": batches, "report": report} | _shown(report)
    if report and not report.faults:
        context |= {"kept": form.to_keep(), "name": form.cleaned_data["name"]}
    return render(request, "bank_sampah/old_books.html", context)


def _taken_over(request: HttpRequest, unit: Unit, form: SheetForm) -> HttpResponse:
    words, today = form.cleaned_data, localdate()
    opening.take_over(
        id=form.deed_id, unit=unit, file_name=words["name"], content=words["content"], booked_on=today,
        by=account(request), at=now(),
    )  # fmt: skip
    messages.success(request, _("The old book was entered. It can be undone as a whole."))
    return redirect("bank_sampah:old-books", unit.code)


def _shown(report: opening.Report | None) -> dict[str, Any]:
    """How the first rows were read, so that a person can compare."""
    if report is None:
        return {}
    rows = [(row, report.known.get(row.row)) for row in report.read.rows[:MOST_SHOWN]]
    more = len(report.read.rows) - len(rows)
    faults = [(fault, COLUMNS[fault.column](), _why(fault)) for fault in report.faults[:MOST_SHOWN]]
    return {"rows": rows, "more": more, "faults": faults, "count": len(report.faults)}


def _why(fault: sheet.Fault) -> str:
    """What is wrong with a cell, and how to write it."""
    found = FAULTS.get((fault.why, fault.column)) or FAULTS[fault.why, ""]
    return str(found())


COLUMNS: dict[str, Callable[[], str]] = {
    "number": lambda: _("Number"), "name": lambda: _("Name"), "kind": lambda: _("Kind"), "phone": lambda: _("phone"),
    "address": lambda: _("address"), "balance": lambda: _("Balance"), "as_of": lambda: _("Day"),
}  # fmt: skip
FAULTS: dict[tuple[str, str], Callable[[], str]] = {
    ("unclear", "balance"): lambda: _("is no clear amount. Write all digits: 1250000."),
    ("unclear", "as_of"): lambda: _("is no clear date. Write it as 31-01-2026."),
    ("unclear", ""): lambda: _("cannot be read."),
    ("empty", ""): lambda: _("is empty."),
    ("negative", ""): lambda: _("is below zero. A debt cannot be entered."),
    ("twice", "number"): lambda: _("belongs to somebody else, or stands twice."),
    ("twice", ""): lambda: _("stands twice. Give each row its number."),
    ("later", ""): lambda: _("lies in the future."),
    ("kind", ""): lambda: _(
        "is no known kind. Write: rumah tangga, sekolah, kelompok, perusahaan."
    ),
    ("too-large", ""): lambda: _("is too large."),
}


SHEET_SAID = {
    "format": lambda: _("This is not a spreadsheet that can be read. Save it as .xlsx."),
    "large": lambda: _("The sheet is too large: 5,000 rows at most."),
    "heads": lambda: _("No columns Nama and Saldo were found."),
}


@require_safe
@at_unit
def example(request: HttpRequest, unit: Unit) -> HttpResponse:
    """An empty sheet with the right heads and two invented rows."""
    heads = ("No", "Nama", "Jenis", "HP", "Alamat", "Saldo", "Tanggal")
    day = date(localdate().year, 1, 31)
    rows = (
        (1, "Sri Contoh", "Rumah tangga", "0812 0000 0001", "RT 01 RW 02", 125_000, str(day)),
        (2, "SD Contoh", "Sekolah", "", "Jalan Sekolah", 1_250_000, str(day)),
    )
    return files.answer("xlsx", "contoh-saldo-awal", heads, rows)


@require_POST
@at_unit
def undo_old_books(request: HttpRequest, unit: Unit, pk: UUID) -> HttpResponse:
    batch = get_object_or_404(OpeningImport, pk=pk, unit=unit)
    done = _("Undone: the whole sheet was taken back.")
    tried(
        request, opening.undo, done, batch=batch, by=account(request), at=now(), today=localdate()
    )
    return redirect("bank_sampah:old-books", unit.code)
