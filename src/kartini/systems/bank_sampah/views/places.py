"""When a unit weighs, and who buys: the two lists that change slowly."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kartini.systems.bank_sampah.forms.places import BuyerForm, HoursForm
from kartini.systems.bank_sampah.models import Buyer, Unit
from kartini.systems.bank_sampah.services import buyers as collectors
from kartini.systems.bank_sampah.services import units
from kartini.systems.bank_sampah.views.doorway import account, at_parent, at_unit, paged, sent


@at_unit
def hours(request: HttpRequest, unit: Unit) -> HttpResponse:
    """The weighing hours, as the public page shows them."""
    form = HoursForm(sent(request), unit=unit)
    if form.is_valid():
        units.set_hours(unit=unit, hours=form.hours(), by=account(request), at=now())
        messages.success(request, _("Saved. The public page shows the new hours."))
        return redirect("bank_sampah:settings", unit.code)
    return render(request, "bank_sampah/hours.html", {"unit": unit, "form": form})


@at_parent
def buyers(request: HttpRequest, unit: Unit) -> HttpResponse:
    """The collectors, kept by a parent bank for all its units."""
    form = BuyerForm(sent(request))
    if form.is_valid():
        collectors.add(**form.cleaned_data, by=account(request), at=now())
        messages.success(request, _("Saved."))
        return redirect("bank_sampah:buyers", unit.code)
    rows = Buyer.objects.order_by("-active", "name")
    return render(
        request,
        "bank_sampah/buyers.html",
        {"unit": unit, "form": form, "page": paged(request, rows)},
    )


@require_POST
@at_parent
def switch_buyer(request: HttpRequest, unit: Unit, pk: int) -> HttpResponse:
    buyer = get_object_or_404(Buyer, pk=pk)
    collectors.set_active(buyer=buyer, active=not buyer.active, by=account(request), at=now())
    messages.success(request, _("Saved."))
    return redirect("bank_sampah:buyers", unit.code)
