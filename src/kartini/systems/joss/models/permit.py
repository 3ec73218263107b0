"""The end of an application: the decision, and the permit."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kartini.kit.ids import new_id
from kartini.office.models import Document
from kartini.people.models import Person, User
from kartini.systems.joss.models.application import Application
from kartini.systems.joss.models.types import PermitType


class Series(models.Model):
    """A running number that never gives the same value twice: ``application:2026``, ``<type>:2026``."""

    key = models.CharField(max_length=100, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.key}: {self.last}"


class PermitSet(models.QuerySet["Permit"]):
    def in_force(self, today: date) -> "PermitSet":
        return self.filter(state=Permit.State.VALID).exclude(valid_until__lt=today)


class Permit(models.Model):
    """A permit in the register. The number is never given again; ``document`` is missing only for those
    that were issued on paper before Kartini."""

    class State(models.TextChoices):
        VALID = "valid", _("In force")
        SUSPENDED = "suspended", _("Suspended")
        REVOKED = "revoked", _("Revoked")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=120, unique=True)
    type = models.ForeignKey(PermitType, on_delete=models.PROTECT, related_name="permits")
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    holder_name = models.CharField(max_length=200)
    village_code = models.CharField(max_length=13, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.VALID)
    state_at = models.DateTimeField()
    state_reason = models.CharField(max_length=500, blank=True)
    issued_at = models.DateTimeField()
    valid_until = models.DateField(null=True, blank=True)
    document = models.OneToOneField(
        Document, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    handed_over_at = models.DateTimeField(null=True, blank=True)
    handed_over_how = models.CharField(max_length=10, blank=True)

    objects: ClassVar[PermitSet] = PermitSet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="valid") | ~Q(state_reason=""),
                name="a_permit_loses_force_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state_at__gte=F("issued_at")), name="permit_states_follow_its_issue"
            ),
            models.CheckConstraint(
                condition=Q(handed_over_at=None, handed_over_how="")
                | (Q(handed_over_at__isnull=False) & ~Q(handed_over_how="")),
                name="a_hand_over_says_how",
            ),
        ]
        indexes = [
            models.Index(fields=["type", "-issued_at"], name="joss_permit_by_type"),
            models.Index(fields=["-issued_at"], name="joss_permit_newest"),
            models.Index(fields=["person"], name="joss_permit_of_person"),
        ]

    def __str__(self) -> str:
        return self.number

    def standing(self, today: date) -> str:
        """``valid``, ``suspended``, ``revoked`` or ``expired`` today."""
        if self.state == self.State.VALID and self.valid_until and self.valid_until < today:
            return "expired"
        return self.state


class Decision(models.Model):
    """Who decided what. Only one exists per application: whoever writes it first, decides.

    It is written before the signing (``done_at`` empty) and closed with it; the number of the permit is
    set aside here, so that trying again gives the same number. A decision left open by an interrupted
    signing is finished, or let go, by the next try.
    """

    class Outcome(models.TextChoices):
        ISSUED = "issued", _("Issued")
        REFUSED = "refused", _("Refused")

    application = models.OneToOneField(
        Application, on_delete=models.CASCADE, related_name="decision"
    )
    outcome = models.CharField(max_length=7, choices=Outcome)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signer_name = models.CharField(max_length=200)
    signer_title = models.CharField(max_length=200)
    began_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    permit_number = models.CharField(max_length=120, unique=True, null=True, blank=True)
    words = models.CharField(max_length=2000, blank=True)
    letter = models.OneToOneField(
        Document, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="issued", permit_number__isnull=False)
                | (Q(outcome="refused", permit_number=None) & ~Q(words="")),
                name="a_refusal_says_why_and_has_no_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.outcome}"
