"""What happens at the counter: days, deposits, withdrawals."""

import re
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kartini.systems.bank_sampah.engine.weights import kilograms

DRAWN = re.compile(r"[ML0-9 -]{8,}")


class Day(models.Model):
    """A weigh-in day of a unit, opened and closed; at the close the cash is counted against the book."""

    unit = models.ForeignKey("Unit", on_delete=models.PROTECT, related_name="days")
    on = models.DateField()
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    cash_counted_rupiah = models.BigIntegerField(null=True)
    cash_book_rupiah = models.BigIntegerField(null=True)
    explanation = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "on"], name="day_stands_once"),
            models.CheckConstraint(
                condition=Q(closed_at=None)
                | Q(cash_counted_rupiah=F("cash_book_rupiah"))
                | ~Q(explanation=""),
                name="day_explains_a_cash_difference",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on}"


class DepositQuerySet(models.QuerySet["Deposit"]):
    def standing(self) -> "DepositQuerySet":
        """Those that were not taken back."""
        return self.filter(reversed_at=None)

    def between(self, first: date, last: date) -> "DepositQuerySet":
        return self.filter(booked_on__range=(first, last))


class Deposit(models.Model):
    """Sorted waste that was weighed and credited. ``id`` is made where it was weighed, also without a network.

    ``booked_on`` is its day in the books: the day of weighing, or of arrival where that month is closed.
    ``clock_off_seconds`` is how slow the phone's clock was; ``weighed_at`` is already put right.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    unit = models.ForeignKey("Unit", on_delete=models.PROTECT, related_name="deposits")
    depositor = models.ForeignKey("Depositor", on_delete=models.PROTECT, related_name="deposits")
    part = models.ForeignKey("Part", null=True, on_delete=models.PROTECT, related_name="deposits")
    price_list = models.ForeignKey("PriceList", on_delete=models.PROTECT, related_name="+")
    weighed_at = models.DateTimeField()
    received_at = models.DateTimeField()
    clock_off_seconds = models.IntegerField(default=0)
    booked_on = models.DateField()
    total_grams = models.BigIntegerField()
    total_rupiah = models.BigIntegerField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reversed_at = models.DateTimeField(null=True)

    objects = DepositQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(total_grams__gt=0, total_rupiah__gte=0), name="deposit_weighs_something"
            )
        ]
        indexes = [
            models.Index(fields=["unit", "booked_on"]),
            models.Index(fields=["depositor", "-booked_on"]),
            models.Index(fields=["booked_on"]),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def kilograms(self) -> Decimal:
        return kilograms(self.total_grams)


class DepositLine(models.Model):
    """One bag: material, weight, and the price that was in force. It never changes."""

    deposit = models.ForeignKey(Deposit, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveSmallIntegerField()
    material = models.ForeignKey("Material", on_delete=models.PROTECT, related_name="+")
    grams = models.BigIntegerField()
    rupiah_per_kilogram = models.PositiveIntegerField()
    rupiah = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deposit", "number"], name="deposit_line_once"),
            models.CheckConstraint(condition=Q(grams__gt=0), name="deposit_line_weighs_something"),
            models.CheckConstraint(
                condition=Q(rupiah=(F("grams") * F("rupiah_per_kilogram") + 500) / 1000),
                name="deposit_line_is_worth_its_weight",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}"

    @property
    def kilograms(self) -> Decimal:
        return kilograms(self.grams)


class Withdrawal(models.Model):
    """Savings that a depositor asks for. The amount is held in the books from the asking on.

    ``four_eyes``: above the limit, so the one who approves is not the one who asked.
    """

    class Way(models.TextChoices):
        CASH = "cash", _("Cash at the unit")
        BANK = "bank", _("Bank transfer")

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("withdrawal", "Asked")
        APPROVED = "approved", _("Approved")
        PAID = "paid", pgettext_lazy("withdrawal", "Paid")
        REFUSED = "refused", _("Refused")
        VOIDED = "voided", pgettext_lazy("withdrawal", "Lapsed")

    id = models.UUIDField(primary_key=True, editable=False)
    unit = models.ForeignKey("Unit", on_delete=models.PROTECT, related_name="withdrawals")
    depositor = models.ForeignKey("Depositor", on_delete=models.PROTECT, related_name="withdrawals")
    amount_rupiah = models.BigIntegerField(_("amount"))
    way = models.CharField(_("paid by"), max_length=4, choices=Way, default=Way.CASH)
    to_account = models.CharField(_("bank and account number"), max_length=80, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    four_eyes = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=200, blank=True)
    signature = models.TextField(blank=True)
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_rupiah__gt=0), name="withdrawal_is_an_amount"
            ),
            models.CheckConstraint(
                condition=Q(four_eyes=False)
                | Q(approved_by=None)
                | Q(asked_by=None)
                | ~Q(approved_by=F("asked_by")),
                name="withdrawal_above_the_limit_has_four_eyes",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "paid"]) | Q(approved_at__isnull=False),
                name="withdrawal_is_approved_before_it_is_paid",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(reason=""), name="withdrawal_refusal_has_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "state"]),
            models.Index(fields=["depositor", "-asked_at"]),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def drawn(self) -> bool:
        """Was it signed with a finger (a path), not by a typed name?"""
        return DRAWN.fullmatch(self.signature) is not None
