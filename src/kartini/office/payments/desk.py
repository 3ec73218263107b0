"""The verbs of payments."""

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from kartini.contracts.office import BillPaid
from kartini.exchange import bus
from kartini.kit import formats
from kartini.office import notices
from kartini.office.models import Bill, Payment, PaymentCode
from kartini.office.payments import qris
from kartini.people import trail
from kartini.people.models import Organisation, User

Outcome = Payment.Outcome


class NotVoidable(Exception):
    """The bill is paid, or cancelled already."""


class AlreadyHandled(Exception):
    """The payment settled a bill, or its money went back already."""


class UnknownCode(Exception):
    """Money came in for a QR code that is not ours."""


class NotLate(Exception):
    """No late payment of the right amount came in for this bill."""


@transaction.atomic
def bill(
    *,
    reference: str,
    payer: User,
    payee: str,
    description: str,
    amount_rupiah: int,
    due_on: date,
    at: datetime,
) -> Bill:
    """Write a bill; the same reference gives the same bill again.

    ``reference`` begins with the billing system's code (``joss:JOSS-2026-000124:tax``); ``payee`` is an
    organisation's code, or a name.
    """
    written, _fresh = Bill.objects.get_or_create(
        reference=reference,
        defaults={
            "payer": payer,
            "payee": _named(payee),
            "description": description,
            "amount_rupiah": amount_rupiah,
            "due_on": due_on,
            "written_at": at,
        },
    )
    return written


def _named(payee: str) -> str:
    """What the payer knows the payee as."""
    known = Organisation.objects.filter(code=payee).first()
    return str(known) if known else payee


@transaction.atomic
def void(*, bill: Bill, reason: str, by: User | None, at: datetime) -> Bill:
    """Cancel a bill that was not paid. Raises ``NotVoidable``."""
    open_states = (Bill.State.OPEN, Bill.State.EXPIRED)
    changed = Bill.objects.filter(pk=bill.pk, state__in=open_states).update(
        state=Bill.State.VOIDED, state_reason=reason[:300]
    )
    if not changed:
        raise NotVoidable(bill.reference)
    trail.did(
        by=by, verb="office.void-bill", thing=f"office.bill:{bill.pk}", at=at, note=reason[:500]
    )
    bill.refresh_from_db()
    return bill


def show_code(*, bill: Bill, now: datetime) -> PaymentCode | None:
    """The QR code to pay with; asks the provider for one where none holds. ``None`` when nothing is to be paid.

    Outside a transaction. Raises ``ProviderAway``.
    """
    if bill.state != Bill.State.OPEN:
        return None
    code = bill.codes.order_by("-made_at").first()
    if code is None or code.until <= now:
        made = qris.make_code(bill, now=now)
        code, _new = PaymentCode.objects.get_or_create(
            reference=made.reference,
            defaults={"bill": bill, "content": made.content, "made_at": now, "until": made.until},
        )
    return code


def refresh(*, bill: Bill, now: datetime) -> Bill:
    """Ask the provider whether the bill was paid, where its message may have been lost.

    Outside a transaction. Raises ``ProviderAway``.
    """
    if bill.state in (Bill.State.OPEN, Bill.State.EXPIRED):
        for code in bill.codes.order_by("-made_at")[:3]:
            received = qris.ask(code.reference, now=now)
            if received:
                hear(received=received, at=now)
        bill.refresh_from_db()
    return bill


@transaction.atomic
def hear(*, received: qris.Received, at: datetime) -> Payment:
    """Take note of money that came in, once for each of the provider's references. Raises ``UnknownCode``."""
    code = PaymentCode.objects.filter(reference=received.qr_reference).first()
    if code is None:
        raise UnknownCode(received.qr_reference)
    bill = Bill.objects.select_for_update().get(pk=code.bill_id)
    known = Payment.objects.filter(provider_reference=received.provider_reference).first()
    if known:
        return known
    payment = Payment.objects.create(
        provider_reference=received.provider_reference,
        bill=bill,
        amount_rupiah=received.amount_rupiah,
        paid_at=received.paid_at,
        heard_at=at,
        outcome=_outcome(bill, received),
        payer_name=received.payer_name,
    )
    if payment.outcome == Outcome.SETTLED:
        _settle(bill, payment)
    else:
        _tell(bill, f"office/payment-{payment.outcome}", payment, at)
    return payment


def _outcome(bill: Bill, received: qris.Received) -> str:
    if bill.state in (Bill.State.PAID, Bill.State.VOIDED):
        return Outcome.SURPLUS
    if received.amount_rupiah != bill.amount_rupiah:
        return Outcome.WRONG_AMOUNT
    if timezone.localdate(received.paid_at) > bill.due_on:
        return Outcome.LATE
    return Outcome.SETTLED


def _settle(bill: Bill, payment: Payment) -> None:
    """Mark as paid and say so, once; whoever wrote the bill hears it, and tells the payer what it means."""
    bill.state, bill.paid_at = Bill.State.PAID, payment.paid_at
    bill.save(update_fields=["state", "paid_at"])
    bus.publish(
        BillPaid(
            reference=bill.reference, amount_rupiah=bill.amount_rupiah, paid_at=payment.paid_at
        )
    )


def _tell(bill: Bill, template: str, payment: Payment, at: datetime) -> None:
    words = {"bill": bill, "payment": payment}
    link = reverse("office:bill", args=[bill.pk])
    notices.tell(to=bill.payer, template=template, words=words, at=at, link=link)


@transaction.atomic
def accept_late(*, bill: Bill, by: User, at: datetime) -> Bill:
    """Let a payment count that came after the due date. Raises ``NotLate``."""
    bill = Bill.objects.select_for_update().get(pk=bill.pk)
    late = bill.payments.filter(outcome=Outcome.LATE, handled_at=None)
    payment = late.order_by("paid_at").first()
    if payment is None or bill.state not in (Bill.State.OPEN, Bill.State.EXPIRED):
        raise NotLate(bill.reference)
    payment.outcome = Outcome.SETTLED
    payment.save(update_fields=["outcome"])
    _settle(bill, payment)
    trail.did(by=by, verb="office.accept-late-payment", thing=f"office.bill:{bill.pk}", at=at)
    return bill


def look(*, payment: Payment, by: User, at: datetime) -> None:
    """Write that the treasurer opened somebody's payment."""
    person = payment.bill.payer.person
    if person:
        trail.looked(
            by=by,
            person=person,
            thing=f"office.payment:{payment.pk}",
            purpose="payment-care",
            basis="UU 27/2022 Pasal 20",
            at=at,
            verb="office.looked",
        )


@transaction.atomic
def give_back(*, payment: Payment, note: str, by: User, at: datetime) -> Payment:
    """Note how money that settled nothing went back. Raises ``AlreadyHandled``."""
    payment = Payment.objects.select_for_update().get(pk=payment.pk)
    if payment.handled_at or payment.outcome == Outcome.SETTLED:
        raise AlreadyHandled(payment.provider_reference)
    payment.handled_at, payment.handled_note = at, note
    payment.save(update_fields=["handled_at", "handled_note"])
    thing = f"office.payment:{payment.pk}"
    trail.did(by=by, verb="office.give-back", thing=thing, at=at, note=note)
    _tell(payment.bill, "office/payment-returned", payment, at)
    return payment


def expire_overdue(*, today: date) -> int:
    """Bills whose due date has passed. Money that was paid in time still settles them."""
    return Bill.objects.filter(state=Bill.State.OPEN, due_on__lt=today).update(
        state=Bill.State.EXPIRED
    )


def receipt_words(bill: Bill, payment: Payment) -> dict[str, object]:
    """What the receipt says, in Indonesian as all issued papers are."""
    return {
        "agency": {"name": bill.payee},
        "rows": [
            ["Nomor acuan", bill.reference],
            ["Untuk", bill.description],
            ["Dibayarkan oleh", str(bill.payer)],
            ["Jumlah", formats.rupiah(bill.amount_rupiah, language="id")],
            ["Dibayar pada", formats.moment(timezone.localtime(payment.paid_at), language="id")],
            ["Melalui", f"QRIS, nomor transaksi {payment.provider_reference}"],
        ],
    }
