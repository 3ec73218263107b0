"""What the old books said: opening balances read from a spreadsheet, each booked, all of them undoable."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from kartini.kit.ids import new_id


class OpeningImport(models.Model):
    """One spreadsheet that was taken over. The same file is taken once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit = models.ForeignKey("Unit", on_delete=models.PROTECT, related_name="opening_imports")
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    booked_on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "sha256"],
                condition=Q(undone_at=None),
                name="opening_takes_a_file_once",
            )
        ]

    def __str__(self) -> str:
        return self.file_name


class OpeningBalance(models.Model):
    """One row of it: what a depositor had before."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    batch = models.ForeignKey(OpeningImport, on_delete=models.PROTECT, related_name="balances")
    row = models.PositiveIntegerField()
    depositor = models.ForeignKey("Depositor", on_delete=models.PROTECT, related_name="+")
    registered_here = models.BooleanField()
    amount_rupiah = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "row"], name="opening_row_once"),
            models.UniqueConstraint(fields=["batch", "depositor"], name="opening_depositor_once"),
            models.CheckConstraint(
                condition=Q(amount_rupiah__gte=0), name="opening_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.row}"
