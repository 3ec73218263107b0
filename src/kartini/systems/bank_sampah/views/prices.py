"""Price lists: published with a date, never changed, printed to hang beside the scale."""

from datetime import datetime, time

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, make_aware, now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kartini.systems.bank_sampah.forms.trade import PricesForm
from kartini.systems.bank_sampah.models import Price, PriceList, Unit
from kartini.systems.bank_sampah.services import prices
from kartini.systems.bank_sampah.views.doorway import REFUSALS, account, at_unit, paged, said, sent
from kartini.systems.bank_sampah.views.public import by_category


@at_unit
def publish(request: HttpRequest, unit: Unit) -> HttpResponse:
    """Publish a price list; the parent bank's guide stands beside it."""
    at = now()
    mine = _prices(PriceList.objects.in_force(unit.pk, at))
    guide = _prices(PriceList.objects.in_force(unit.parent_id, at)) if unit.parent_id else {}
    form = PricesForm(sent(request), now=mine, guide=guide, far=unit.terms.price_far_percent)
    if form.is_valid() and _published(request, unit, form, at):
        return redirect("bank_sampah:prices", unit.code)
    history = PriceList.objects.filter(owner=unit).select_related("published_by")
    context = {
        "unit": unit, "form": form, "rows": [(m, bound, guide.get(m.pk)) for m, bound in form.rows()],
        "page": paged(request, history.order_by("-from_at", "-pk"), 8), "now": at,
    }  # fmt: skip
    return render(request, "bank_sampah/prices.html", context)


def _published(request: HttpRequest, unit: Unit, form: PricesForm, at: datetime) -> bool:
    on = form.cleaned_data["from_on"]
    from_at = at if on in (None, localdate(at)) else make_aware(datetime.combine(on, time()))
    try:
        made = prices.publish(
            owner=unit, prices=form.prices(), from_at=from_at, by=account(request), at=at, id=form.deed_id
        )  # fmt: skip
    except prices.FromThePast as refusal:
        form.add_error("from_on", said(refusal))
        return False
    except REFUSALS as refusal:
        form.add_error(None, said(refusal))
        return False
    later = made.from_at > at
    messages.success(request, _("Published. The new prices count from the day you chose.") if later else _("Published. The new prices count from now on."))  # fmt: skip
    return True


def _prices(listed: PriceList | None) -> dict[int, int]:
    rows = Price.objects.filter(price_list=listed) if listed else Price.objects.none()
    return dict(rows.values_list("material_id", "rupiah_per_kilogram"))


@require_safe
@at_unit
def listed(request: HttpRequest, unit: Unit, version: int) -> HttpResponse:
    """One list, to print."""
    one = get_object_or_404(PriceList.objects.filter(owner=unit), version=version)
    context = {"unit": unit, "listed": one, "categories": by_category(one)}
    return render(request, "bank_sampah/price_list.html", context)
