"""Mending: corrections, decided by two above the limit; old books taken over and undone."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kartini.systems.bank_sampah.engine import sheet
from kartini.systems.bank_sampah.forms.fields import ReasonForm
from kartini.systems.bank_sampah.forms.trade import SheetForm
from kartini.systems.bank_sampah.models import Correction, OpeningImport, Unit
from kartini.systems.bank_sampah.services import corrections, opening
from kartini.systems.bank_sampah.views.doorway import (
    REFUSALS,
    account,
    at_unit,
    paged,
    said,
    sent,
    tried,
)


@require_safe
@at_unit
def listed(request: HttpRequest, unit: Unit) -> HttpResponse:
    """What waits for a second person, and what was taken back."""
    rows = Correction.objects.filter(unit=unit).select_related("asked_by", "decided_by")
    waiting = rows.filter(state=Correction.State.ASKED).order_by("asked_at")
    done = rows.exclude(state=Correction.State.ASKED).order_by("-asked_at")
    context = {"unit": unit, "waiting": waiting, "page": paged(request, done)}
    return render(request, "bank_sampah/corrections.html", context)


@at_unit
def ask(request: HttpRequest, unit: Unit, kind: str, deed: UUID) -> HttpResponse:
    """Take something back, with a reason."""
    model = corrections.DEEDS.get(kind)
    found = model.objects.filter(pk=deed, unit=unit).first() if model else None  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    form = ReasonForm(sent(request))
    if form.is_valid():
        try:
            asked = corrections.ask(
                kind=kind, deed=deed, reason=form.cleaned_data["reason"], by=account(request), at=now()
            )  # fmt: skip
        except REFUSALS as refusal:
            form.add_error(None, said(refusal))
        else:
            waits = asked.state == Correction.State.ASKED
            messages.success(
                request, _("Waits for a second person.") if waits else _("Taken back.")
            )
            return redirect("bank_sampah:corrections", unit.code)
    label = dict(Correction.Kind.choices)[kind]
    amount = corrections.amount_of(found)
    context = {"unit": unit, "form": form, "label": label, "amount": amount}
    return render(request, "bank_sampah/correct.html", context)


@require_POST
@at_unit
def decide(request: HttpRequest, unit: Unit, pk: UUID) -> HttpResponse:
    """The second person says yes or no."""
    asked = get_object_or_404(Correction, pk=pk, unit=unit)
    agree = request.POST.get("setuju") == "ya"
    done = _("Taken back.") if agree else _("Refused: it stays as it was booked.")
    tried(
        request, corrections.decide, done, correction=asked, agree=agree, by=account(request), at=now()
    )  # fmt: skip
    return redirect("bank_sampah:corrections", unit.code)


@at_unit
def old_books(request: HttpRequest, unit: Unit) -> HttpResponse:
    """Look at a sheet first; only what is read without a fault can be taken over."""
    form, report = SheetForm(sent(request), request.FILES or None), None
    if form.is_valid():
        content, name = form.cleaned_data["sheet"].read(), form.cleaned_data["sheet"].name
        try:
            report = opening.look(unit=unit, content=content, today=localdate())
            if request.POST.get("langkah") == "ambil":
                opening.take_over(
                    id=form.deed_id, unit=unit, file_name=name, content=content, booked_on=localdate(),
                    by=account(request), at=now(),
                )  # fmt: skip
                messages.success(request, _("Taken over."))
                return redirect("bank_sampah:old-books", unit.code)
        except sheet.NotASheet as fault:
            form.add_error("sheet", SHEET_SAID[fault.reason]())
        except REFUSALS as refusal:
            form.add_error("sheet", said(refusal))
    batches = OpeningImport.objects.filter(unit=unit).select_related("by").order_by("-at")
    context = {"unit": unit, "form": form, "report": report, "batches": batches}
    return render(request, "bank_sampah/old_books.html", context)


SHEET_SAID = {
    "format": lambda: _("This is not a spreadsheet that can be read. Save it as .xlsx."),
    "large": lambda: _("The sheet is too large: 5,000 rows at most."),
    "heads": lambda: _("No columns Nama and Saldo were found."),
}


@require_POST
@at_unit
def undo_old_books(request: HttpRequest, unit: Unit, pk: UUID) -> HttpResponse:
    batch = get_object_or_404(OpeningImport, pk=pk, unit=unit)
    done = _("Undone: the whole sheet was taken back.")
    tried(
        request, opening.undo, done, batch=batch, by=account(request), at=now(), today=localdate()
    )
    return redirect("bank_sampah:old-books", unit.code)
