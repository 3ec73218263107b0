"""The counter: whose turn it is, weighing in, and the receipt."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kartini.office import papers
from kartini.systems.bank_sampah import rules
from kartini.systems.bank_sampah.engine.weights import kilograms
from kartini.systems.bank_sampah.forms.counter import WeighForm
from kartini.systems.bank_sampah.forms.trade import FindForm
from kartini.systems.bank_sampah.models import (
    Correction,
    Day,
    Deposit,
    Depositor,
    PriceList,
    ScalePhoto,
    Unit,
    Withdrawal,
)
from kartini.systems.bank_sampah.models.figures import concerns
from kartini.systems.bank_sampah.services import deposits, photos
from kartini.systems.bank_sampah.views.doorway import (
    REFUSALS,
    account,
    at_unit,
    for_workers,
    paged,
    said,
    sent,
    with_depositor,
)

MOST_FOUND = 12


@require_safe
@for_workers
def desks(request: HttpRequest) -> HttpResponse:
    """The units of this worker; straight to the desk where there is one."""
    units = rules.units_of(request.user).select_related("parent", "terms").order_by("kind", "name")
    if len(units) == 1:
        return redirect("bank_sampah:desk", units[0].code)
    page = paged(request, units.filter(name__icontains=FindForm(request.GET).words()), 30)
    look_at = concerns(list(units), now())
    context = {"page": page, "concerns": look_at[:30], "form": FindForm(request.GET)}
    return render(request, "bank_sampah/desks.html", context)


@require_safe
@at_unit
def desk(request: HttpRequest, unit: Unit) -> HttpResponse:
    """A unit's day: what was weighed, what waits."""
    today = localdate()
    standing = Deposit.objects.standing().filter(unit=unit, booked_on=today)
    waiting = Withdrawal.objects.filter(unit=unit, state__in=["asked", "approved"])
    context = {
        "unit": unit,
        "day": Day.objects.filter(unit=unit, on=today).first(),
        "today": today,
        "weighed": standing.count(),
        "kilograms": kilograms(sum(standing.values_list("total_grams", flat=True))),
        "rupiah": sum(standing.values_list("total_rupiah", flat=True)),
        "latest": standing.select_related("depositor__unit").order_by("-received_at")[:8],
        "withdrawals": waiting.count(),
        "corrections": Correction.objects.filter(unit=unit, state="asked").count(),
        "concerns": [c for c in concerns([unit], now()) if c.kind in ("asleep", "price", "stock")],
        "form": FindForm(),
    }
    return render(request, "bank_sampah/desk.html", context)


@require_safe
@at_unit
def find(request: HttpRequest, unit: Unit) -> HttpResponse:
    """By name, passbook number or card; a card or a single hit leads straight to the scale."""
    form = FindForm(request.GET)
    words = form.words()
    savers = Depositor.objects.saving().filter(unit=unit).select_related("unit")
    found = list(savers.matching(words).order_by("name")[: MOST_FOUND + 1]) if words else []
    if len(found) == 1:
        return redirect("bank_sampah:weigh", unit.code, found[0].pk)
    more = len(found) > MOST_FOUND
    context = {"unit": unit, "form": form, "words": words, "found": found[:MOST_FOUND], "more": more}  # fmt: skip
    return render(request, "bank_sampah/find.html", context)


@with_depositor
def weigh(request: HttpRequest, depositor: Depositor) -> HttpResponse:
    """One line per material: kilograms in, rupiah out. Works without JavaScript."""
    unit = depositor.unit
    listed = PriceList.objects.in_force(unit.pk, now())
    prices: list[Any] = []
    if listed:
        in_order = ("material__category__order", "material__order")
        prices = list(listed.prices.select_related("material").order_by(*in_order))
    initial = {"prices": listed}
    form = WeighForm(sent(request), request.FILES or None, who=depositor, prices=prices, initial=initial)  # fmt: skip
    if form.is_valid():
        made = _record(request, form, depositor)
        if made is not None:
            _keep_photo(request, form, made)
            return redirect("bank_sampah:receipt", unit.code, made.pk)
    price_of = {p.material_id: p.rupiah_per_kilogram for p in prices}
    rows = [(m, bound, price_of[m.pk]) for m, bound in form.rows()]
    context = {"unit": unit, "depositor": depositor, "form": form, "rows": rows, "listed": listed}
    return render(request, "bank_sampah/weigh.html", context)


def _record(request: HttpRequest, form: WeighForm, depositor: Depositor) -> Deposit | None:
    """The page may be older than the prices: what the depositor was shown counts."""
    at = now()
    try:
        return deposits.record(
            id=form.deed_id,
            depositor=depositor,
            bags=form.bags(),
            weighed_at=at,
            price_list=form.cleaned_data.get("prices"),
            part=form.cleaned_data.get("part"),
            by=account(request),
            at=at,
        )
    except REFUSALS as refusal:
        form.add_error(None, said(refusal))
        return None


def _keep_photo(request: HttpRequest, form: WeighForm, made: Deposit) -> None:
    """The deposit stands, with or without its photo."""
    upload = form.cleaned_data.get("photo")
    if upload is None:
        return
    try:
        photos.keep(deposit=made, upload=upload, by=account(request), at=now())
    except photos.PaperRefused as refusal:
        messages.warning(request, _("The photo was not kept: %(why)s") % {"why": papers.words(refusal)})  # fmt: skip


@require_safe
@at_unit
def photo(request: HttpRequest, unit: Unit, deed: UUID) -> HttpResponse:
    """The photo of the scale, for whoever works here."""
    kept = get_object_or_404(ScalePhoto.objects.select_related("paper"), deposit=deed, deposit__unit=unit)  # fmt: skip
    return papers.response(kept.paper, inline=True)


@require_safe
@at_unit
def receipt(request: HttpRequest, unit: Unit, deed: UUID) -> HttpResponse:
    """What was weighed, to show and to print; and on to the next."""
    made = get_object_or_404(
        Deposit.objects.select_related("depositor__unit", "part"), pk=deed, unit=unit
    )
    context = {
        "unit": unit,
        "deposit": made,
        "lines": made.lines.select_related("material").order_by("number"),
        "photo": ScalePhoto.objects.filter(deposit=made).exists(),
        "form": FindForm(),
    }
    return render(request, "bank_sampah/receipt.html", context)
