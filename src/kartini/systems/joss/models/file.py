"""What lies in the file of an application: its history, faults, papers and messages."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kartini.office.models import Paper
from kartini.people.models import User
from kartini.systems.joss.models.application import Application, State


class HistoryLine(models.Model):
    """One move of an application. From here on, until the next line, ``holder`` had the file; ``counted``
    says whether those days belong to the promise. ``words`` are shown to the applicant. Only ever added."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="history")
    at = models.DateTimeField()
    verb = models.CharField(max_length=40)
    state = models.CharField(max_length=16, choices=State)
    holder = models.CharField(max_length=40, blank=True)
    counted = models.BooleanField(default=False)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    organisation = models.CharField(max_length=40, blank=True)
    words = models.CharField(max_length=1000, blank=True)

    class Meta:
        indexes = [models.Index(fields=["application", "at"])]

    def __str__(self) -> str:
        return f"{self.verb} {self.at:%Y-%m-%d %H:%M}"


class FaultList(models.Model):
    """Everything that was wrong when the file went back: one complete list, not one fault after the other."""

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="fault_lists"
    )
    stage = models.PositiveSmallIntegerField()
    organisation = models.CharField(max_length=40)
    words = models.CharField(max_length=1000, blank=True)
    returned_at = models.DateTimeField()
    returned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reminded_at = models.DateTimeField(null=True, blank=True)
    mended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(mended_at=None),
                name="one_open_list_of_faults",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.returned_at:%Y-%m-%d}"


class Fault(models.Model):
    """One thing to mend: an answer (by field), a paper (by code), or something else."""

    class About(models.TextChoices):
        FIELD = "field", _("Answer")
        PAPER = "paper", _("Paper")
        OTHER = "other", _("Other")

    fault_list = models.ForeignKey(FaultList, on_delete=models.CASCADE, related_name="faults")
    about = models.CharField(max_length=5, choices=About)
    code = models.CharField(max_length=60, blank=True)
    words = models.CharField(max_length=500)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(about="other", code="") | (~Q(about="other") & ~Q(code="")),
                name="a_fault_names_what_it_is_about",
            ),
            models.CheckConstraint(condition=~Q(words=""), name="a_fault_says_what_is_wrong"),
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.code}"


class AttachedPaper(models.Model):
    """A paper as part of an application. A newer version replaces an older one; none is lost."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="papers")
    code = models.CharField(max_length=60)
    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField(default=1)
    attached_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "code"],
                condition=Q(replaced_at=None),
                name="one_current_paper_of_each_kind",
            ),
            models.CheckConstraint(
                condition=Q(replaced_at=None) | Q(replaced_at__gte=F("attached_at")),
                name="a_paper_is_replaced_after_it_came",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class Message(models.Model):
    """What applicant and officers write to each other about one application."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="messages")
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    organisation = models.CharField(max_length=40, blank=True)
    words = models.CharField(max_length=1000)

    objects: ClassVar[models.Manager["Message"]] = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="a_message_says_something")
        ]
        indexes = [models.Index(fields=["application", "at"])]

    def __str__(self) -> str:
        return f"{self.application_id} {self.at:%Y-%m-%d %H:%M}"
