"""What differs from the known holidays in one year."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kartini.people.models import User


class HolidayOverride(models.Model):
    """One day that a decree made free or made a working day.

    Collective leave (cuti bersama) is set anew each year by a joint decree of three ministers;
    ``decree`` names it as it is cited.
    """

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("Public holiday")
        LEAVE = "leave", _("Collective leave")
        WORKING = "working", _("Working day after all")

    day_on = models.DateField(primary_key=True)
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=120)
    decree = models.CharField(max_length=200)
    set_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(decree=""), name="an_override_names_its_decree"),
        ]

    def __str__(self) -> str:
        return f"{self.day_on:%Y-%m-%d} {self.name}"

    @property
    def working(self) -> bool:
        return self.kind == self.Kind.WORKING
