"""The register of issued documents: what anyone may check by its code."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kartini.kit.ids import new_id
from kartini.people.models import User


class DocumentSet(models.QuerySet["Document"]):
    def of(self, holder: User) -> "DocumentSet":
        """What was issued to one account, the newest first."""
        return self.filter(holder=holder).order_by("-issued_at", "-id")


class Document(models.Model):
    """A signed document and what has become of it. The holder's name is kept masked only.

    ``code`` cannot be guessed (60 bits); ``thing`` names what it was issued for, once;
    ``shown`` are further lines that anyone with the code may read; ``certified`` says whether the
    signature is a certified one (BSrE) or that of the local test authority.
    """

    class State(models.TextChoices):
        VALID = "valid", _("In force")
        SUSPENDED = "suspended", _("Suspended")
        REVOKED = "revoked", _("Revoked")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=14, unique=True)
    thing = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=80)
    number = models.CharField(max_length=120)
    title = models.CharField(max_length=250)
    holder = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    holder_masked = models.CharField(max_length=200)
    shown = models.JSONField(default=dict, blank=True)
    signed_by = models.CharField(max_length=200)
    signer_title = models.CharField(max_length=200)
    certified = models.BooleanField()
    issued_at = models.DateTimeField()
    valid_until = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.VALID)
    state_at = models.DateTimeField()
    state_reason = models.CharField(max_length=500, blank=True)
    state_by = models.CharField(max_length=200, blank=True)
    file = models.CharField(max_length=120, unique=True)
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveIntegerField()

    objects: ClassVar[DocumentSet] = DocumentSet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="valid") | ~Q(state_reason=""),
                name="a_document_loses_force_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state_at__gte=F("issued_at")), name="document_states_follow_its_issue"
            ),
        ]
        indexes = [models.Index(fields=["holder", "-issued_at"])]

    def __str__(self) -> str:
        return f"{self.number} ({self.code})"

    def standing(self, today: date) -> str:
        """``valid``, ``suspended``, ``revoked`` or ``expired``: what the public page says today."""
        if self.state == self.State.VALID and self.valid_until and self.valid_until < today:
            return "expired"
        return self.state
