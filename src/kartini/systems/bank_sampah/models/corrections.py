"""Mending and closing: corrections (always by reversal) and closed months."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kartini.kit.ids import new_id


class Correction(models.Model):
    """A deed that is taken back, with a reason; above the limit a second person decides.

    ``deed`` is the id of the deposit, withdrawal, sale, count or cash move. One correction per deed.
    """

    class Kind(models.TextChoices):
        DEPOSIT = "deposit", _("Deposit")
        WITHDRAWAL = "withdrawal", _("Withdrawal")
        SALE = "sale", _("Sale")
        COUNT = "count", _("Stock count")
        CASH_MOVE = "cash-move", _("Cash move")

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for a second person")
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit = models.ForeignKey("Unit", on_delete=models.PROTECT, related_name="corrections")
    kind = models.CharField(max_length=10, choices=Kind)
    deed = models.UUIDField(db_index=True)
    amount_rupiah = models.BigIntegerField()
    reason = models.CharField(_("reason"), max_length=200)
    four_eyes = models.BooleanField()
    state = models.CharField(max_length=7, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deed"],
                condition=Q(state__in=["asked", "done"]),
                name="correction_takes_a_deed_back_once",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="correction_has_a_reason"),
            models.CheckConstraint(
                condition=Q(four_eyes=False)
                | ~Q(state="done")
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by"))),
                name="correction_above_the_limit_has_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class MonthClose(models.Model):
    """A month of a unit that is closed: the database lets nothing older move."""

    unit = models.ForeignKey("Unit", on_delete=models.PROTECT, related_name="closed_months")
    month_on = models.DateField()
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "month_on"], name="month_closes_once"),
            models.CheckConstraint(
                condition=Q(month_on__day=1), name="month_is_named_by_its_first_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month_on:%Y-%m}"
