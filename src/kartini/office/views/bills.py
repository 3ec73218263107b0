"""Bills: see them, pay them by QRIS, take the receipt; and the provider's message that money came in."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kartini.office import documents, payments
from kartini.office.limits import caller, too_often
from kartini.office.models import Bill
from kartini.office.papers.desk import file_response
from kartini.office.payments import qris
from kartini.office.typesetting import HERE
from kartini.office.views.signed_in import account
from kartini.people.guards import account_required

ON_A_PAGE = 20
MOST_CALLBACK_BYTES = 64 * 1024
RECEIPT: Path = HERE / "receipt.typ"


@account_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    page = Paginator(Bill.objects.of(account(request)), ON_A_PAGE).get_page(
        request.GET.get("halaman")
    )
    return render(request, "office/bills.html", {"page": page})


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def bill(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The bill with its QR code. The button, and htmx every few seconds, ask whether it was paid."""
    found, now = get_object_or_404(Bill, pk=pk, payer=account(request)), timezone.now()
    live: bool = request.htmx  # type: ignore[attr-defined]
    away = request.method == "POST" and _ask(found, now)
    if request.method == "POST" and not live:
        if away:
            messages.warning(request, _("The payment service does not answer just now"))
        return redirect("office:bill", pk)
    code = None
    try:
        code = payments.show_code(bill=found, now=now)
    except payments.ProviderAway:
        away = True
    odd = found.payments.exclude(outcome="settled").order_by("-heard_at").first()
    seen = f"{found.state} {code.pk if code else ''} {odd.pk if odd else ''} {away}"
    if live and request.POST.get("seen") == seen:
        return HttpResponse(status=204)
    shown = {"bill": found, "code": code, "odd": odd, "away": away, "seen": seen}
    if code and settings.DEMO:
        shown["demo_pay_url"] = f"{settings.QRIS_URL}/bayar/{code.pk}"
    return render(request, "office/_bill.html" if live else "office/bill.html", shown)


def _ask(found: Bill, now: datetime) -> bool:
    """Ask the provider; true when it does not answer. A bill is asked about forty times a minute at most."""
    if too_often("bill", str(found.pk), most=40, seconds=60):
        return False
    try:
        payments.refresh(bill=found, now=now)
    except payments.ProviderAway:
        return True
    return False


@account_required
@require_safe
def receipt(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(Bill, pk=pk, payer=account(request), state=Bill.State.PAID)
    payment = found.payments.get(outcome="settled")
    pdf = documents.render(
        template=RECEIPT,
        title="Tanda terima pembayaran",
        at=payment.heard_at,
        data=payments.receipt_words(found, payment),
        qr=request.build_absolute_uri(reverse("office:bill", args=[found.pk])),
        qr_words="Tagihan ini di Kartini:",
    )
    return file_response(pdf, "application/pdf", "tanda-terima.pdf", inline="lihat" in request.GET)


@csrf_exempt
@require_POST
def qris_callback(request: HttpRequest) -> HttpResponse:
    """The provider says that money came in. Taken once, whoever repeats it."""
    if too_often("callback", caller(request), most=600, seconds=60):
        return _said("4297300", "Too Many Requests", 429)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_CALLBACK_BYTES:
        return _said("4007300", "Bad Request", 413)
    now = timezone.now()
    try:
        received = qris.read_notification(request.body, request.headers, request.path, now=now)
        if received:
            payments.hear(received=received, at=now)
    except payments.Forged:
        return _said("4017300", "Unauthorized. Signature", 401)
    except ValueError:
        return _said("4007301", "Invalid Field Format", 400)
    except payments.UnknownCode:
        return _said("4047301", "Transaction Not Found", 404)
    return _said("2007300", "Successful", 200)


def _said(code: str, message: str, status: int) -> JsonResponse:
    return JsonResponse({"responseCode": code, "responseMessage": message}, status=status)
