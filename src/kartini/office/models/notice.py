"""Notices: what people are told, and the parcels in which it travels."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kartini.kit.ids import new_id
from kartini.people.models import User


class NoticeSet(models.QuerySet["Notice"]):
    def of(self, user: User) -> "NoticeSet":
        """One account's inbox, the newest first."""
        return self.filter(to=user).order_by("-told_at", "-id")

    def unread(self) -> "NoticeSet":
        return self.filter(read_at=None)


class Notice(models.Model):
    """One message in an account's inbox, in the language that the account had then."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    to = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    template = models.CharField(max_length=120)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    link = models.CharField(max_length=300, blank=True)
    told_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[NoticeSet] = NoticeSet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = [
            models.Index(fields=["to", "-told_at"]),
            models.Index(fields=["to"], condition=Q(read_at=None), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.template} ({self.pk})"


class Parcel(models.Model):
    """A notice on its way over one channel, or a letter that is no notice (a code for signing in).

    Its id is the idempotency key that the carrier sees. The text of a ``sensitive`` one is forgotten
    when its way has ended.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        WHATSAPP = "whatsapp", _("WhatsApp")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        DEAD = "dead", _("Given up")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notice = models.ForeignKey(
        Notice, null=True, blank=True, on_delete=models.CASCADE, related_name="parcels"
    )
    channel = models.CharField(max_length=10, choices=Channel)
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    sensitive = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    written_at = models.DateTimeField()
    next_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True, blank=True)
    carrier_reference = models.CharField(max_length=120, blank=True)
    fault = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "channel"], name="one_parcel_per_notice_and_channel"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at=None)
                | (~Q(state="waiting") & Q(ended_at__isnull=False)),
                name="a_parcel_ends_when_it_is_no_longer_waiting",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting") | Q(sensitive=False) | Q(text=""),
                name="a_sensitive_parcel_is_forgotten_at_its_end",
            ),
            models.CheckConstraint(
                condition=~Q(state="dead") | ~Q(fault=""), name="a_dead_parcel_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state="waiting"), name="parcel_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.channel} ({self.pk})"
