"""Withdrawals at the unit, the cash box, the end of day and month."""

from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from kartini.systems.bank_sampah import rules
from kartini.systems.bank_sampah.engine import chart
from kartini.systems.bank_sampah.forms.counter import CloseDayForm, PayForm
from kartini.systems.bank_sampah.forms.fields import ReasonForm
from kartini.systems.bank_sampah.forms.trade import CashMoveForm, FindForm
from kartini.systems.bank_sampah.models import Account, CashMove, Day, Unit, Withdrawal
from kartini.systems.bank_sampah.models.figures import month_of
from kartini.systems.bank_sampah.services import cash, withdrawals
from kartini.systems.bank_sampah.views import files
from kartini.systems.bank_sampah.views.doorway import (
    REFUSALS,
    account,
    at_unit,
    months_back,
    paged,
    said,
    sent,
    tried,
)

State = Withdrawal.State


@require_safe
@at_unit
def listed(request: HttpRequest, unit: Unit) -> HttpResponse:
    """Withdrawals, those that wait first."""
    form, state = FindForm(request.GET), request.GET.get("keadaan", "")
    rows = Withdrawal.objects.filter(unit=unit).select_related("depositor__unit", "asked_by")
    if state in State.values:
        rows = rows.filter(state=state)
    elif state != "semua":
        rows, state = rows.filter(state__in=[State.ASKED, State.APPROVED]), ""
    if form.words():
        rows = rows.filter(depositor__name__icontains=form.words())
    rows = rows.order_by("-asked_at")
    if (wanted := files.wanted(request)) != "":
        heads = (pgettext("withdrawal", "Asked"), _("Number"), _("Name"), _("Amount"), _("State"))
        lines = (
            (w.asked_at.date(), w.depositor.passbook, w.depositor.name, w.amount_rupiah, w.get_state_display())
            for w in rows[: files.MOST]
        )  # fmt: skip
        return files.answer(wanted, f"penarikan-{unit.code}", heads, lines)
    context = {"unit": unit, "page": paged(request, rows), "form": form, "state": state, "states": State.choices}  # fmt: skip
    return render(request, "bank_sampah/withdrawals.html", context)


def _one(unit: Unit, pk: UUID) -> Withdrawal:
    rows = Withdrawal.objects.select_related("depositor__unit", "asked_by", "approved_by")
    return get_object_or_404(rows, pk=pk, unit=unit)


@require_safe
@at_unit
def withdrawal(request: HttpRequest, unit: Unit, pk: UUID) -> HttpResponse:
    """One withdrawal and what can be done about it."""
    return _shown(request, unit, pk, PayForm(), ReasonForm())


def _shown(request: HttpRequest, unit: Unit, pk: UUID, pay: PayForm, refuse: ReasonForm) -> HttpResponse:  # fmt: skip
    it = _one(unit, pk)
    box = Account.objects.filter(
        unit=unit, kind=withdrawals.WAYS[Withdrawal.Way(it.way)].code
    ).first()
    context = {
        "unit": unit,
        "it": it,
        "pay": pay,
        "refuse": refuse,
        "mine": rules.owns(request.user, it.depositor),
        "there": box.available if box else 0,
    }
    return render(request, "bank_sampah/withdrawal.html", context)


@require_POST
@at_unit
def approve(request: HttpRequest, unit: Unit, pk: UUID) -> HttpResponse:
    done = _("Approved. It can be paid now.")
    tried(request, withdrawals.approve, done, withdrawal=_one(unit, pk), by=account(request), at=now())  # fmt: skip
    return redirect("bank_sampah:withdrawal", unit.code, pk)


@require_POST
@at_unit
def pay(request: HttpRequest, unit: Unit, pk: UUID) -> HttpResponse:
    form = PayForm(request.POST)
    if not form.is_valid():
        return _shown(request, unit, pk, form, ReasonForm())
    signature = form.cleaned_data["signature"]
    done = _("Paid and signed for.")
    tried(
        request, withdrawals.pay, done, withdrawal=_one(unit, pk), signature=signature, by=account(request), at=now()
    )  # fmt: skip
    return redirect("bank_sampah:withdrawal", unit.code, pk)


@require_POST
@at_unit
def refuse(request: HttpRequest, unit: Unit, pk: UUID) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _shown(request, unit, pk, PayForm(), form)
    reason, done = form.cleaned_data["reason"], _("Refused. The savings are free again.")
    tried(
        request, withdrawals.refuse, done, withdrawal=_one(unit, pk), reason=reason, by=account(request), at=now()
    )  # fmt: skip
    return redirect("bank_sampah:withdrawal", unit.code, pk)


@require_safe
@at_unit
def box(request: HttpRequest, unit: Unit) -> HttpResponse:
    """The cash box and the bank account, today's day, the last moves, the next month to close."""
    return _box(request, unit, CashMoveForm(), CloseDayForm())


def _box(request: HttpRequest, unit: Unit, move: CashMoveForm, close: CloseDayForm) -> HttpResponse:
    kinds = {chart.CASH.code, chart.BANK.code, chart.PAYOUTS.code}
    balances = {a.kind: a.balance for a in Account.objects.filter(unit=unit, kind__in=kinds)}
    today = localdate()
    context = {
        "unit": unit,
        "cash": balances.get("cash", 0),
        "bank": balances.get("bank", 0),
        "day": Day.objects.filter(unit=unit, on=today).first(),
        "days": Day.objects.filter(unit=unit, closed_at=None).order_by("on"),
        "moves": CashMove.objects.filter(unit=unit).order_by("-moved_at")[:10],
        "move": move,
        "close": close,
        "month": next_month(unit),
        "month_over": next_month(unit) < today.replace(day=1),
        "today": today,
    }
    return render(request, "bank_sampah/box.html", context)


def next_month(unit: Unit) -> date:
    """The first month that is still open."""
    if unit.closed_until_on is None:
        return unit.opened_on.replace(day=1)
    return unit.closed_until_on + timedelta(days=1)


@require_POST
@at_unit
def move(request: HttpRequest, unit: Unit) -> HttpResponse:
    form = CashMoveForm(request.POST)
    if form.is_valid():
        words = form.cleaned_data
        try:
            cash.move(
                id=form.deed_id, unit=unit, way=words["way"], amount_rupiah=words["amount"], reason=words["reason"],
                by=account(request), at=now(),
            )  # fmt: skip
        except REFUSALS as refusal:
            form.add_error("amount", said(refusal))
        else:
            messages.success(request, _("Booked."))
            return redirect("bank_sampah:box", unit.code)
    return _box(request, unit, form, CloseDayForm())


@require_POST
@at_unit
def open_day(request: HttpRequest, unit: Unit) -> HttpResponse:
    tried(request, cash.open_day, _("The day is open."), unit=unit, by=account(request), at=now())
    return redirect("bank_sampah:desk", unit.code)


@at_unit
def close_day(request: HttpRequest, unit: Unit, on: date) -> HttpResponse:
    """Count the cash against the book."""
    day = Day.objects.filter(unit=unit, on=on).first()
    if day is None:
        raise Http404
    form = CloseDayForm(sent(request))
    if form.is_valid():
        try:
            cash.close_day(
                day=day, cash_counted_rupiah=form.cleaned_data["counted"], explanation=form.cleaned_data["explanation"],
                by=account(request), at=now(),
            )  # fmt: skip
        except cash.CashDiffers as refusal:
            form.add_error("explanation", said(refusal))
        except REFUSALS as refusal:
            form.add_error("counted", said(refusal))
        else:
            messages.success(request, _("The day is closed."))
            return redirect("bank_sampah:box", unit.code)
    context = {"unit": unit, "day": day, "form": form}
    return render(request, "bank_sampah/close_day.html", context)


@at_unit
def close_month(request: HttpRequest, unit: Unit) -> HttpResponse:
    """Asked once more on a page of its own; then nothing older moves."""
    month = next_month(unit)
    if request.method != "POST":
        last = months_back(month, -1) - timedelta(days=1)
        days = Day.objects.filter(unit=unit, closed_at=None, on__lte=last).order_by("on")
        lines = month_of([unit], month, last)
        context = {"unit": unit, "month": month, "form": ReasonForm(), "days": days, "lines": lines}
        return render(request, "bank_sampah/close_month.html", context)
    done = _("The month is closed: nothing older moves.")
    tried(request, cash.close_month, done, unit=unit, month_on=month, by=account(request), at=now())
    return redirect("bank_sampah:box", unit.code)
