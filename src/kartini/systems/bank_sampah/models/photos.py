"""Photos of the scale: proof of a weight, where a manager takes one."""

from django.db import models

from kartini.office.models import Paper
from kartini.systems.bank_sampah.models.counter import Deposit


class ScalePhoto(models.Model):
    """The photo of one deposit's weighing. Optional; it changes no book."""

    deposit = models.OneToOneField(Deposit, on_delete=models.PROTECT, related_name="scale_photo")
    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.deposit_id)
