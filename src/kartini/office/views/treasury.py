"""The treasurer's desk: money that came in late, twice, or in a wrong amount."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kartini.kit import answers
from kartini.office import payments
from kartini.office.forms import ReturnForm
from kartini.office.models import Payment
from kartini.office.rules import TREASURER
from kartini.office.views.signed_in import account
from kartini.people.guards import role_required

ON_A_PAGE = 30


@role_required(TREASURER)
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What waits for the treasurer, the oldest first."""
    page = Paginator(Payment.objects.odd(), ON_A_PAGE).get_page(request.GET.get("halaman"))
    return render(request, "office/treasury.html", {"page": page})


@role_required(TREASURER)
@require_http_methods(["GET", "HEAD", "POST"])
def payment(request: HttpRequest, pk: int) -> HttpResponse:
    """One payment: let it count, or note how it went back."""
    odd = get_object_or_404(Payment.objects.select_related("bill__payer__person"), pk=pk)
    form, now = ReturnForm(request.POST or None), timezone.now()
    counts = request.method == "POST" and "hitung" in request.POST
    try:
        if counts:
            payments.accept_late(bill=odd.bill, by=account(request), at=now)
        elif request.method == "POST" and form.is_valid():
            note = form.cleaned_data["note"]
            payments.give_back(payment=odd, note=note, by=account(request), at=now)
        else:
            payments.look(payment=odd, by=account(request), at=now)
            shown = {"odd": odd, "bill": odd.bill, "form": form}
            status = 422 if form.errors else 200
            return render(request, "office/treasury_payment.html", shown, status=status)
    except (payments.NotLate, payments.AlreadyHandled):
        return answers.conflict(
            request,
            heading=_("This payment is settled already"),
            text=_("Somebody else decided about it meanwhile."),
            link=reverse("office:treasury"),
        )
    messages.success(request, _("Recorded. The payer is told."))
    return redirect("office:treasury")
