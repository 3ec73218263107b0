"""Corrections: a deed taken back by a second booking, decided by two above the limit."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kartini.systems.bank_sampah.forms.fields import ReasonForm
from kartini.systems.bank_sampah.models import Correction, Unit
from kartini.systems.bank_sampah.services import corrections
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
    rows = Correction.objects.filter(unit=unit).select_related("unit", "asked_by", "decided_by")
    waiting = list(rows.filter(state=Correction.State.ASKED).order_by("asked_at"))
    page = paged(request, rows.exclude(state=Correction.State.ASKED).order_by("-asked_at"))
    context = {
        "unit": unit,
        "waiting": [(one, _address(one)) for one in waiting],
        "page": page,
        "decided": [(one, _address(one)) for one in page],
    }
    return render(request, "bank_sampah/corrections.html", context)


def _address(asked: Correction) -> str:
    """Where the deed can be read; a count and a cash move have no page of their own."""
    name = SHOWN_AT.get(asked.kind)
    return reverse(f"bank_sampah:{name}", args=[asked.unit.code, asked.deed]) if name else ""


SHOWN_AT = {"deposit": "receipt", "sale": "sale", "withdrawal": "withdrawal"}


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
