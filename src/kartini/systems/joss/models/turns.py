"""What the agencies do in their turn: recommend, survey, assess."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kartini.office.models import Paper
from kartini.people.models import User
from kartini.systems.joss.models.application import Application


class Recommendation(models.Model):
    """What an agency advises. To advise refusal needs a reason."""

    class Verdict(models.TextChoices):
        ISSUE = "issue", _("Issue")
        REFUSE = "refuse", _("Refuse")

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="recommendations"
    )
    stage = models.PositiveSmallIntegerField()
    organisation = models.CharField(max_length=40)
    verdict = models.CharField(max_length=6, choices=Verdict)
    words = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "stage"], name="one_recommendation_per_stage"
            ),
            models.CheckConstraint(
                condition=Q(verdict="issue") | ~Q(words=""), name="advice_to_refuse_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.verdict}"


class Survey(models.Model):
    """A visit to the place: planned, agreed to by the applicant, made. ``findings`` answer the questions
    of the type; ``agreed_at`` is empty until the applicant says that the time suits."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="surveys")
    stage = models.PositiveSmallIntegerField()
    organisation = models.CharField(max_length=40)
    planned_for = models.DateTimeField()
    surveyor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    planned_at = models.DateTimeField()
    agreed_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    findings: Any = models.JSONField(default=dict)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(recorded_at=None, cancelled_at=None),
                name="one_open_survey",
            ),
            models.CheckConstraint(
                condition=Q(recorded_at=None, recorded_by=None, made_at=None)
                | Q(
                    recorded_at__isnull=False,
                    recorded_by__isnull=False,
                    made_at__lte=F("recorded_at"),
                ),
                name="a_survey_is_made_before_it_is_recorded",
            ),
            models.CheckConstraint(
                condition=Q(recorded_at=None) | Q(cancelled_at=None),
                name="a_survey_is_recorded_or_cancelled",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.planned_for:%Y-%m-%d %H:%M}"


class SurveyPhoto(models.Model):
    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="photos")
    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.paper_id)


class Assessment(models.Model):
    """What is to be paid and why, and the bill that was written for it."""

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="assessments"
    )
    stage = models.PositiveSmallIntegerField()
    organisation = models.CharField(max_length=40)
    amount_rupiah = models.PositiveBigIntegerField()
    words = models.CharField(max_length=1000)
    reference = models.CharField(max_length=120, unique=True)
    bill = models.UUIDField(null=True, blank=True)
    due_on = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    paid_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "stage"], name="one_assessment_per_stage"
            ),
            models.CheckConstraint(
                condition=Q(amount_rupiah__gt=0) & ~Q(words=""),
                name="an_assessment_has_an_amount_and_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
