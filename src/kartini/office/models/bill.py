"""Bills, and the payments that came in for them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kartini.kit.ids import new_id
from kartini.people.models import User


class BillSet(models.QuerySet["Bill"]):
    def of(self, payer: User) -> "BillSet":
        """One account's bills, the newest first."""
        return self.filter(payer=payer).order_by("-written_at", "-id")


class Bill(models.Model):
    """Something to pay, once. ``reference`` is what the billing system calls it."""

    class State(models.TextChoices):
        OPEN = "open", _("To be paid")
        PAID = "paid", _("Paid")
        EXPIRED = "expired", _("Past its due date")
        VOIDED = "voided", _("Cancelled")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reference = models.CharField(max_length=120, unique=True)
    payer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    payee = models.CharField(max_length=200)
    description = models.CharField(max_length=300)
    amount_rupiah = models.PositiveBigIntegerField()
    due_on = models.DateField()
    written_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    paid_at = models.DateTimeField(null=True, blank=True)
    state_reason = models.CharField(max_length=300, blank=True)

    objects: ClassVar[BillSet] = BillSet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_rupiah__gt=0), name="a_bill_is_more_than_nothing"
            ),
            models.CheckConstraint(
                condition=Q(state="paid", paid_at__isnull=False)
                | (~Q(state="paid") & Q(paid_at=None)),
                name="a_paid_bill_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="voided") | ~Q(state_reason=""),
                name="a_bill_is_cancelled_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["payer", "-written_at"]),
            models.Index(fields=["due_on"], condition=Q(state="open"), name="bill_open"),
        ]

    def __str__(self) -> str:
        return self.reference


class PaymentCode(models.Model):
    """A QR code that the payment provider made for a bill. When it has run out, the next one is made;
    money that comes in for an old one still finds its bill."""

    reference = models.CharField(max_length=64, primary_key=True)
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="codes")
    content = models.CharField(max_length=512)
    made_at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["bill", "-made_at"])]

    def __str__(self) -> str:
        return self.reference


class PaymentSet(models.QuerySet["Payment"]):
    def odd(self) -> "PaymentSet":
        """What settled no bill and waits for the treasurer, the oldest first."""
        waiting = self.exclude(outcome="settled").filter(handled_at=None)
        return waiting.select_related("bill__payer").order_by("heard_at", "id")


class Payment(models.Model):
    """Money that the provider says it received. Each of its references is taken once.

    ``handled_*`` says how money that settled nothing went back to its payer.
    """

    class Outcome(models.TextChoices):
        SETTLED = "settled", _("Settled the bill")
        LATE = "late", _("Came after the due date")
        WRONG_AMOUNT = "wrong-amount", _("Wrong amount")
        SURPLUS = "surplus", _("The bill was no longer open")

    provider_reference = models.CharField(max_length=64, unique=True)
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="payments")
    amount_rupiah = models.BigIntegerField()
    paid_at = models.DateTimeField()
    heard_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome)
    payer_name = models.CharField(max_length=100, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_note = models.CharField(max_length=300, blank=True)

    objects: ClassVar[PaymentSet] = PaymentSet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bill"], condition=Q(outcome="settled"), name="a_bill_is_settled_once"
            ),
            models.CheckConstraint(
                condition=Q(handled_at=None) | ~Q(handled_note=""),
                name="returned_money_says_how",
            ),
        ]
        indexes = [
            models.Index(
                fields=["heard_at"],
                condition=~Q(outcome="settled") & Q(handled_at=None),
                name="payment_odd",
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider_reference} ({self.outcome})"
