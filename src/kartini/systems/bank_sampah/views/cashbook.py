"""The cash book of a unit: every rupiah in and out of the box, to compare with what lies there."""

from datetime import date
from typing import Any

from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kartini.systems.bank_sampah.engine import chart
from kartini.systems.bank_sampah.engine.ledger import Phase
from kartini.systems.bank_sampah.models import Account, Transfer, Unit
from kartini.systems.bank_sampah.views import files
from kartini.systems.bank_sampah.views.doorway import at_unit, month_asked, months_to_choose, paged

WORDS: dict[str, Any] = {
    "withdrawal": lambda: _("Withdrawal"), "sale": lambda: _("Sale"), "cash-move": lambda: _("Cash move"),
    "cash-count": lambda: _("Difference at the close"), "reversal": lambda: _("Correction"),
}  # fmt: skip


@require_safe
@at_unit
def cashbook(request: HttpRequest, unit: Unit) -> HttpResponse:
    """One month of the cash box, oldest first, with the balance after each line."""
    first, last = month_asked(request)
    box = Account.objects.filter(unit=unit, kind=chart.CASH.code).first()
    moved = Transfer.objects.filter(phase__in=[Phase.SINGLE, Phase.POST])
    moved = moved.filter(Q(debit=box) | Q(credit=box)) if box else moved.none()
    before = _before(moved, box, first)
    lines = _lines(moved.filter(booked_on__range=(first, last)).order_by("booked_on", "pk"), box, before)  # fmt: skip
    if kind := files.wanted(request):
        heads = (_("Day"), _("Movement"), _("In"), _("Out"), _("Balance"))
        rows = ((x["it"].booked_on, x["words"], x["in"], x["out"], x["balance"]) for x in lines)
        return files.answer(kind, f"kas-{unit.code}-{first:%Y-%m}", heads, rows)
    context = {
        "unit": unit, "page": paged(request, lines, 50), "month_on": first, "choices": months_to_choose(localdate()),
        "before": before, "after": lines[-1]["balance"] if lines else before,
    }  # fmt: skip
    return render(request, "bank_sampah/cashbook.html", context)


def _before(moved: Any, box: Account | None, first: date) -> int:
    """Counted back from what lies there now: the further back the month, the longer it takes."""
    if box is None:
        return 0
    since = moved.filter(booked_on__gte=first).aggregate(
        came=Sum("amount", filter=Q(debit=box), default=0),
        went=Sum("amount", filter=Q(credit=box), default=0),
    )
    return int(box.balance - since["came"] + since["went"])


def _lines(moved: Any, box: Account | None, balance: int) -> list[dict[str, Any]]:
    lines = []
    for transfer in moved:
        came = transfer.debit_id == box.pk if box else False
        balance += transfer.amount if came else -transfer.amount
        lines.append(
            {
                "it": transfer, "words": WORDS.get(transfer.kind, lambda: _("Movement"))(), "balance": balance,
                "in": transfer.amount if came else 0, "out": 0 if came else transfer.amount,
            }
        )  # fmt: skip
    return lines
