"""Cards: one to print, a sheet of them, a lost one replaced; and what happens when one is scanned."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kartini.systems.bank_sampah import rules
from kartini.systems.bank_sampah.forms.trade import FindForm
from kartini.systems.bank_sampah.models import Card, Depositor, Unit
from kartini.systems.bank_sampah.services import depositors
from kartini.systems.bank_sampah.views.doorway import at_unit, paged, with_depositor

ON_A_SHEET = 10


@require_safe
def scanned(request: HttpRequest, code: str) -> HttpResponse:
    """A card before a camera: to the scale for its unit, to the passbook for its owner, to the unit for a finder."""
    cards = Card.objects.filter(ended_at=None).select_related("depositor__unit__parent")
    who = get_object_or_404(cards, code=code.upper()).depositor
    if request.user.is_authenticated and rules.works_at(request.user, who.unit):
        return redirect("bank_sampah:weigh", who.unit.code, who.pk)
    if rules.owns(request.user, who):
        return redirect("bank_sampah:passbook", who.pk)
    return redirect("bank_sampah:unit", who.unit.code)


def address(card: Card) -> str:
    """What stands in the QR code."""
    return f"{settings.BASE_URL}{reverse('bank_sampah:scanned', args=[card.code])}"


@require_safe
@with_depositor
def card(request: HttpRequest, one: Depositor) -> HttpResponse:
    """The card, to print and cut out."""
    valid = one.cards.filter(ended_at=None).first()
    shown = [(one, valid, address(valid))] if valid else []
    return render(request, "bank_sampah/card.html", {"one": one, "unit": one.unit, "shown": shown})


@require_safe
@at_unit
def sheet(request: HttpRequest, unit: Unit) -> HttpResponse:
    """Ten cards a page, in the order of the passbooks."""
    form = FindForm(request.GET)
    valid = Prefetch("cards", Card.objects.filter(ended_at=None), to_attr="valid")
    rows = Depositor.objects.saving().filter(unit=unit).select_related("unit")
    rows = rows.matching(form.words()) if form.words() else rows
    page = paged(request, rows.order_by("number").prefetch_related(valid), ON_A_SHEET)
    shown: list[tuple[Any, Any, str]] = [
        (one, one.valid[0], address(one.valid[0])) for one in page if one.valid
    ]
    context = {"unit": unit, "page": page, "shown": shown, "form": form}
    return render(request, "bank_sampah/cards.html", context)


@require_POST
@with_depositor
def new_card(request: HttpRequest, one: Depositor) -> HttpResponse:
    depositors.issue_card(depositor=one, at=now())
    messages.success(request, _("A new card was issued. The old one is no longer valid."))
    return redirect("bank_sampah:card", one.unit.code, one.pk)
