"""The trade: heaps, counts, sales, prices, and the list of deposits."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kartini.systems.bank_sampah.engine import chart
from kartini.systems.bank_sampah.engine.weights import kilograms
from kartini.systems.bank_sampah.forms.trade import CountForm, FindForm, SaleForm
from kartini.systems.bank_sampah.models import Account, Deposit, Material, Sale, Unit
from kartini.systems.bank_sampah.models.figures import heaps
from kartini.systems.bank_sampah.services import sales, stock
from kartini.systems.bank_sampah.views import files
from kartini.systems.bank_sampah.views.doorway import (
    REFUSALS,
    account,
    at_unit,
    paged,
    said,
    sent,
)


@require_safe
@at_unit
def listed(request: HttpRequest, unit: Unit) -> HttpResponse:
    """Deposits, newest first; by name and day."""
    form = FindForm(request.GET)
    rows = Deposit.objects.filter(unit=unit).select_related("depositor__unit", "by")
    if form.words():
        rows = rows.filter(depositor__name__icontains=form.words())
    on = _day(request.GET.get("tanggal", ""))
    if on:
        rows = rows.filter(booked_on=on)
    rows = rows.order_by("-weighed_at")
    if (wanted := files.wanted(request)) != "":
        heads = (_("Day"), _("Number"), _("Name"), _("Kilograms"), _("Rupiah"), _("Taken back"))
        lines = (
            (d.booked_on, d.depositor.passbook, d.depositor.name, d.total_grams / 1000, d.total_rupiah, "x" if d.reversed_at else "")
            for d in rows[: files.MOST]
        )  # fmt: skip
        return files.answer(wanted, f"setoran-{unit.code}", heads, lines)
    context = {"unit": unit, "page": paged(request, rows), "form": form, "on": on}
    return render(request, "bank_sampah/deposits.html", context)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@require_safe
@at_unit
def stocks(request: HttpRequest, unit: Unit) -> HttpResponse:
    """What lies there and what it cost; the last sales."""
    lying = heaps(unit)
    sold = Sale.objects.filter(unit=unit).select_related("to_unit", "buyer").order_by("-sold_at")
    if (wanted := files.wanted(request)) != "":
        heads = (_("Material"), _("Kilograms"), _("Average price"))
        lines = ((h.name, h.grams / 1000, h.cost_rupiah_per_kilogram) for h in lying)
        return files.answer(wanted, f"stok-{unit.code}", heads, lines)
    context = {
        "unit": unit,
        "heaps": lying,
        "kilograms": kilograms(sum(h.grams for h in lying)),
        "cost": sum(h.grams * h.cost_rupiah_per_kilogram for h in lying) // 1000,
        "page": paged(request, sold, 10),
    }
    return render(request, "bank_sampah/stocks.html", context)


@at_unit
def count(request: HttpRequest, unit: Unit, material: int) -> HttpResponse:
    """Count one heap."""
    what = get_object_or_404(Material, pk=material)
    form = CountForm(sent(request))
    if form.is_valid():
        words = form.cleaned_data
        try:
            stock.count(
                id=form.deed_id, unit=unit, material=what, counted_grams=sum(words["counted"]),
                cause=words["cause"] or "miscounted", explanation=words["explanation"], by=account(request), at=now(),
            )  # fmt: skip
        except stock.NeedsExplanation as refusal:
            form.add_error("explanation", said(refusal))
        except REFUSALS as refusal:
            form.add_error("counted", said(refusal))
        else:
            messages.success(request, _("Counted."))
            return redirect("bank_sampah:stocks", unit.code)
    heap = Account.objects.filter(unit=unit, material=what, kind=chart.STOCK.code).first()
    context = {
        "unit": unit,
        "what": what,
        "form": form,
        "kilograms": kilograms(heap.balance if heap else 0),
    }
    return render(request, "bank_sampah/count.html", context)


@at_unit
def sell(request: HttpRequest, unit: Unit) -> HttpResponse:
    """Weigh out and sell."""
    form = SaleForm(sent(request), unit=unit, heaps=heaps(unit))
    if form.is_valid():
        words = form.cleaned_data
        try:
            sales.record(
                id=form.deed_id, unit=unit, heaps=form.weighed_out(), to=form.buyers[words["to"]], way=words["way"],
                slip=words["slip"], by=account(request), at=now(),
            )  # fmt: skip
        except sales.NotInStock as refusal:
            form.add_error(f"g{refusal.material_id}", said(refusal))
        except REFUSALS as refusal:
            form.add_error(None, said(refusal))
        else:
            messages.success(request, _("Sold and booked."))
            return redirect("bank_sampah:stocks", unit.code)
    return render(request, "bank_sampah/sell.html", {"unit": unit, "form": form})


@require_safe
@at_unit
def sale(request: HttpRequest, unit: Unit, deed: UUID) -> HttpResponse:
    """One sale, to show and to print."""
    made = get_object_or_404(
        Sale.objects.select_related("to_unit", "buyer", "by"), pk=deed, unit=unit
    )
    lines = list(made.lines.select_related("material").order_by("number"))
    cost_of = {heap.material_id: heap.cost_rupiah_per_kilogram for heap in heaps(unit)}
    cost = sum(line.grams * cost_of.get(line.material_id, 0) for line in lines) // 1000
    context = {"unit": unit, "sale": made, "lines": lines, "cost": cost, "margin": made.total_rupiah - cost}  # fmt: skip
    return render(request, "bank_sampah/sale.html", context)
