"""What the console itself keeps: tries of answerers, rules of retention and what they erased, breaches."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kartini.kit.ids import new_id
from kartini.people.models import User

HOURS_TO_TELL = 72


class Tryout(models.Model):
    """A conformance check of a system that may take over a service: what was found, for the address of that moment."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contract = models.CharField(max_length=100)
    url = models.URLField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    passed = models.BooleanField()
    outcome = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["contract", "-at"])]

    def __str__(self) -> str:
        return f"{self.contract} {self.at:%Y-%m-%d %H:%M}"


class RetentionRule(models.Model):
    """How long one kind of data is kept, from a day on, on which basis. A later rule replaces an earlier one from its day.

    Messages of the log move into an archive, in ``folder`` of the shelf; an archive is erased only where a rule of its
    own says so. Bodies are kept only for a service (``contract``) that has a rule; one of 0 days ends that.
    """

    class Kind(models.TextChoices):
        FACTS = "facts", _("Bodies of events that every listener has heard")
        TRYOUTS = "tryouts", _("Results of conformance checks")
        CREDENTIALS = "credentials", _("Secrets and keys that have ended")
        MESSAGES = "messages", _("Messages of the log, before they move into an archive")
        BODIES = "bodies", _("Bodies of calls to a service")
        ARCHIVES = "archives", _("Archives of the log, before they are erased")

    kind = models.CharField(max_length=20, choices=Kind)
    contract = models.CharField(max_length=100, blank=True)
    folder = models.CharField(max_length=40, blank=True)
    keep_days = models.PositiveIntegerField()
    basis = models.CharField(max_length=300)
    from_on = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "contract", "from_on"], name="one_rule_per_kind_and_day"
            ),
            models.CheckConstraint(
                condition=(Q(kind="bodies") & ~Q(contract=""))
                | (~Q(kind="bodies") & Q(contract="")),
                name="only_bodies_are_of_a_service",
            ),
            models.CheckConstraint(
                condition=Q(keep_days__lte=36_500) & (Q(keep_days__gte=1) | Q(kind="bodies")),
                name="something_is_kept_a_while",
            ),
            models.CheckConstraint(condition=~Q(basis=""), name="a_retention_rule_has_a_basis"),
        ]

    def __str__(self) -> str:
        return f"{self.contract or self.kind}: {self.keep_days}"


class Erasure(models.Model):
    """What was erased by a rule. ``digest`` covers every erased id and its keyed body digest (``lines``); it stands
    in the message log under ``message``, so that neither can be changed later unnoticed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    rule = models.ForeignKey(RetentionRule, on_delete=models.PROTECT, related_name="erasures")
    at = models.DateTimeField()
    until = models.DateTimeField()
    count = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    lines = models.TextField()
    message = models.CharField(max_length=36)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(count__gte=1), name="an_erasure_erased_something")
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d}: {self.count}"


class Breach(models.Model):
    """A failure to protect personal data (UU 27/2022 art. 46). Who must be told is told within 3×24 hours of ``known_at``."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(max_length=150)
    known_at = models.DateTimeField()
    began_at = models.DateTimeField(null=True, blank=True)
    personal_data = models.CharField(max_length=500)
    cause = models.TextField(max_length=2000)
    measures = models.TextField(max_length=2000)
    persons = models.PositiveIntegerField(null=True, blank=True)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(known_at__lte=F("entered_at")),
                name="a_breach_is_known_before_it_is_entered",
            ),
            models.CheckConstraint(
                condition=Q(began_at=None) | Q(began_at__lte=F("known_at")),
                name="a_breach_begins_before_it_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def due_at(self) -> datetime:
        return self.known_at + timedelta(hours=HOURS_TO_TELL)


class BreachTold(models.Model):
    """Who was told of a breach, when, how. Lines are only ever added."""

    class Whom(models.TextChoices):
        SUBJECTS = "subjects", _("The persons concerned")
        AUTHORITY = "authority", _("The authority for personal data")
        PUBLIC = "public", _("The public")
        OTHER = "other", _("Another party")

    breach = models.ForeignKey(Breach, on_delete=models.PROTECT, related_name="told")
    whom = models.CharField(max_length=10, choices=Whom)
    how = models.CharField(max_length=300)
    told_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(told_at__lte=F("entered_at")), name="nobody_is_told_tomorrow"
            )
        ]

    def __str__(self) -> str:
        return f"{self.whom} {self.told_at:%Y-%m-%d}"
