"""The depositor's own pages: passbook on screen and as PDF, asking for a withdrawal."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kartini.kit import formats
from kartini.office import documents
from kartini.systems.bank_sampah.engine import chart, weights
from kartini.systems.bank_sampah.forms.counter import WithdrawalForm
from kartini.systems.bank_sampah.models import Account, DepositLine, Depositor, Transfer, Withdrawal
from kartini.systems.bank_sampah.services import withdrawals
from kartini.systems.bank_sampah.views import files
from kartini.systems.bank_sampah.views.doorway import (
    REFUSALS,
    account,
    for_depositors,
    kilograms,
    paged,
    rupiah,
    said,
    sent,
)

LETTER = Path(__file__).parent.parent / "templates/bank_sampah/passbook.typ"
ROWS, ROWS_IN_PDF = 20, 200


@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """The passbooks of this account; straight into it where there is one."""
    passbooks = list(Depositor.objects.of_user(request.user).select_related("unit"))
    if len(passbooks) == 1:
        return redirect("bank_sampah:passbook", passbooks[0].pk)
    return render(request, "bank_sampah/my_passbooks.html", {"passbooks": passbooks})


@require_safe
@for_depositors
def passbook(request: HttpRequest, depositor: Depositor) -> HttpResponse:
    return render(request, "bank_sampah/passbook.html", shown(request, depositor))


def shown(request: HttpRequest, depositor: Depositor) -> dict[str, Any]:
    """A passbook page: balance, kilograms, movements, open withdrawals."""
    savings, brought = purses(depositor)
    page = paged(request, Transfer.objects.of(savings), ROWS)
    waiting = Withdrawal.objects.filter(depositor=depositor, state__in=["asked", "approved"])
    return {
        "depositor": depositor,
        "balance": savings.balance if savings else 0,
        "available": savings.available if savings else 0,
        "kilograms": weights.kilograms(brought.balance if brought else 0),
        "page": page,
        "rows": _with_balances(savings, page.object_list, page.start_index() - 1),
        "waiting": waiting.order_by("asked_at"),
    }


def purses(depositor: Depositor) -> tuple[Account | None, Account | None]:
    """Savings and what was brought; nothing where the depositor never came."""
    kinds = {a.kind: a for a in Account.objects.filter(depositor=depositor)}
    return kinds.get(chart.SAVINGS.code), kinds.get(chart.BROUGHT.code)


def _with_balances(savings: Account | None, shown: Any, skipped: int) -> list[dict[str, Any]]:
    """Each movement with the balance after it, counted back from the balance now."""
    if savings is None:
        return []
    balance = savings.balance - sum(
        _signed(savings, t) for t in Transfer.objects.of(savings)[: max(0, skipped)]
    )
    lines = _lines([t.deed for t in shown])
    rows = []
    for transfer in shown:
        amount = _signed(savings, transfer)
        rows.append(
            {"it": transfer, "amount": amount, "balance": balance, "lines": lines.get(transfer.deed, []), "words": KINDS[transfer.kind]()}
        )  # fmt: skip
        balance -= amount
    return rows


def _signed(savings: Account, transfer: Transfer) -> int:
    return transfer.amount if transfer.credit_id == savings.pk else -transfer.amount


def _lines(deeds: list[UUID]) -> dict[UUID, list[DepositLine]]:
    found: dict[UUID, list[DepositLine]] = {}
    for line in DepositLine.objects.filter(deposit__in=deeds).select_related("material"):
        found.setdefault(line.deposit_id, []).append(line)
    return found


KINDS: dict[str, Any] = {
    "deposit": lambda: _("Deposit"),
    "withdrawal": lambda: _("Withdrawal"),
    "opening": lambda: _("Balance of the old book"),
    "merge": lambda: _("Merged passbook"),
    "reversal": lambda: _("Correction"),
}


@require_safe
@for_depositors
def pdf(request: HttpRequest, depositor: Depositor) -> HttpResponse:
    return printed(depositor)


def printed(depositor: Depositor) -> HttpResponse:
    """The passbook as a letter."""
    savings, brought = purses(depositor)
    shown = list(Transfer.objects.of(savings)[:ROWS_IN_PDF])
    rows = [
        [
            formats.long_date(row["it"].booked_on), row["words"],
            "; ".join(f"{x.material.name} {kilograms(x.grams)}" for x in row["lines"]),
            rupiah(row["amount"]), rupiah(row["balance"]),
        ]
        for row in _with_balances(savings, shown, 0)
    ]  # fmt: skip
    data = {
        "agency": {"name": depositor.unit.name, "address": depositor.unit.address},
        "number": depositor.passbook,
        "name": depositor.name,
        "balance": rupiah(savings.balance if savings else 0),
        "brought": kilograms(brought.balance if brought else 0),
        "rows": rows,
        "as_of": formats.moment(localtime(now())),
    }
    letter = documents.render(template=LETTER, data=data, title=_("Savings book"), at=now())
    return files.letter(letter, f"buku-{depositor.passbook}")


@for_depositors
def ask(request: HttpRequest, depositor: Depositor) -> HttpResponse:
    """Ask for savings; the unit approves and pays."""
    form = WithdrawalForm(sent(request))
    if form.is_valid():
        try:
            withdrawals.ask(
                id=form.deed_id, depositor=depositor, amount_rupiah=form.cleaned_data["amount"],
                way=form.cleaned_data["way"], to_account=form.cleaned_data["to_account"], by=account(request), at=now(),
            )  # fmt: skip
        except REFUSALS as refusal:
            form.add_error("amount", said(refusal))
        else:
            messages.success(
                request, _("Asked for. Your waste bank tells you when it can be fetched.")
            )
            return redirect("bank_sampah:passbook", depositor.pk)
    savings, _brought = purses(depositor)
    context = {
        "form": form,
        "depositor": depositor,
        "available": savings.available if savings else 0,
        "back": reverse("bank_sampah:passbook", args=[depositor.pk]),
    }
    return render(request, "bank_sampah/ask.html", context)


@for_depositors
def take_back(request: HttpRequest, depositor: Depositor, withdrawal: UUID) -> HttpResponse:
    """The depositor no longer wants it."""
    mine = Withdrawal.objects.filter(depositor=depositor)
    asked = get_object_or_404(mine, pk=withdrawal)
    if request.method == "POST":
        try:
            withdrawals.void(withdrawal=asked, reason="depositor", by=account(request), at=now())
            messages.success(request, _("Taken back. The savings are free again."))
        except REFUSALS as refusal:
            messages.error(request, said(refusal))
        return redirect("bank_sampah:passbook", depositor.pk)
    return render(request, "bank_sampah/take_back.html", {"asked": asked, "depositor": depositor})
