"""What leaves the unit, what lies there, and the cash box: buyers, sales, counts, cash moves."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kartini.kit.ids import new_id
from kartini.systems.bank_sampah.engine.weights import kilograms


class Buyer(models.Model):
    """A collector who buys from waste banks."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Sale(models.Model):
    """Stock that was weighed out and sold: upward to the parent bank, or to a collector."""

    class Way(models.TextChoices):
        CASH = "cash", _("Cash")
        BANK = "bank", _("Bank account")

    id = models.UUIDField(primary_key=True, editable=False)
    unit = models.ForeignKey("Unit", on_delete=models.PROTECT, related_name="sales")
    to_unit = models.ForeignKey(
        "Unit", null=True, on_delete=models.PROTECT, related_name="purchases"
    )
    buyer = models.ForeignKey(Buyer, null=True, on_delete=models.PROTECT, related_name="sales")
    way = models.CharField(_("paid by"), max_length=4, choices=Way, default=Way.CASH)
    slip = models.CharField(_("number of the weigh-out slip"), max_length=40, blank=True)
    sold_at = models.DateTimeField()
    booked_on = models.DateField()
    total_grams = models.BigIntegerField()
    total_rupiah = models.BigIntegerField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(to_unit__isnull=False, buyer__isnull=True)
                | Q(to_unit__isnull=True, buyer__isnull=False),
                name="sale_has_one_buyer",
            ),
            models.CheckConstraint(
                condition=Q(to_unit=None) | ~Q(to_unit=F("unit")), name="sale_is_not_to_itself"
            ),
            models.CheckConstraint(
                condition=Q(total_grams__gt=0, total_rupiah__gte=0), name="sale_weighs_something"
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "booked_on"]),
            models.Index(fields=["to_unit", "booked_on"]),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def kilograms(self) -> Decimal:
        return kilograms(self.total_grams)


class SaleLine(models.Model):
    """One material weighed out, and what the buyer paid for a kilogram."""

    sale = models.ForeignKey(Sale, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveSmallIntegerField()
    material = models.ForeignKey("Material", on_delete=models.PROTECT, related_name="+")
    grams = models.BigIntegerField()
    rupiah_per_kilogram = models.PositiveIntegerField()
    rupiah = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sale", "number"], name="sale_line_once"),
            models.CheckConstraint(condition=Q(grams__gt=0), name="sale_line_weighs_something"),
            models.CheckConstraint(
                condition=Q(rupiah=(F("grams") * F("rupiah_per_kilogram") + 500) / 1000),
                name="sale_line_is_worth_its_weight",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}"

    @property
    def kilograms(self) -> Decimal:
        return kilograms(self.grams)


class StockCount(models.Model):
    """What was found on the heap against what the book says. A difference is explained, then booked."""

    class Cause(models.TextChoices):
        MATCH = "match", _("Book and heap agree")
        RESIDUE = "residue", _("Thrown away as residue")
        MISCOUNTED = "miscounted", _("Weighing, moisture or loss")

    id = models.UUIDField(primary_key=True, editable=False)
    unit = models.ForeignKey("Unit", on_delete=models.PROTECT, related_name="counts")
    material = models.ForeignKey("Material", on_delete=models.PROTECT, related_name="+")
    counted_grams = models.BigIntegerField()
    book_grams = models.BigIntegerField()
    cause = models.CharField(_("cause"), max_length=10, choices=Cause)
    explanation = models.CharField(_("explanation"), max_length=200, blank=True)
    counted_at = models.DateTimeField()
    booked_on = models.DateField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(counted_grams__gte=0, book_grams__gte=0), name="count_is_a_weight"
            ),
            models.CheckConstraint(
                condition=Q(cause="match", counted_grams=F("book_grams"))
                | (~Q(cause="match") & ~Q(explanation="") & ~Q(counted_grams=F("book_grams"))),
                name="count_explains_a_difference",
            ),
            models.CheckConstraint(
                condition=~Q(cause="residue") | Q(counted_grams__lt=F("book_grams")),
                name="count_residue_only_lessens",
            ),
        ]
        indexes = [models.Index(fields=["unit", "material", "booked_on"])]

    def __str__(self) -> str:
        return str(self.pk)


class CashMove(models.Model):
    """Money that comes into the unit's cash box or bank account, or leaves it, without a trade."""

    class Way(models.TextChoices):
        CAPITAL_IN = "capital-in", _("Capital put into the cash box")
        CAPITAL_OUT = "capital-out", _("Capital taken out of the cash box")
        TO_BANK = "to-bank", _("From the cash box to the bank account")
        FROM_BANK = "from-bank", _("From the bank account to the cash box")
        BANK_IN = "bank-in", _("Capital paid into the bank account")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit = models.ForeignKey("Unit", on_delete=models.PROTECT, related_name="cash_moves")
    way = models.CharField(_("what moves"), max_length=11, choices=Way)
    amount_rupiah = models.BigIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=200)
    moved_at = models.DateTimeField()
    booked_on = models.DateField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_rupiah__gt=0), name="cash_move_is_an_amount")
        ]

    def __str__(self) -> str:
        return str(self.pk)
