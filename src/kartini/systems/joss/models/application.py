"""The application: what a person asked for and where it stands."""

import re
from datetime import date
from typing import Any, ClassVar

from django.db import connection, models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kartini.kit.ids import new_id
from kartini.people.models import Person, User
from kartini.systems.joss.models.types import PermitType

SHORT = 3
NUMBER = re.compile(r"JOSS-[0-9]{4}-[0-9]{6}")


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Check for completeness")
    RETURNED = "returned", _("Waiting for the applicant")
    RECOMMENDATION = "recommendation", _("Recommendation")
    SURVEY = "survey", _("Survey on site")
    ASSESSMENT = "assessment", _("Tax assessment")
    PAYMENT = "payment", _("Waiting for payment")
    VERIFICATION = "verification", _("Verification")
    DECISION = "decision", _("Decision")
    ISSUED = "issued", _("Issued")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LAPSED = "lapsed", _("Lapsed")


CLOSED = (State.ISSUED, State.REFUSED, State.WITHDRAWN, State.LAPSED)
STOPPED = (State.RETURNED, State.PAYMENT)
OPEN = tuple(s for s in State if s not in CLOSED and s is not State.DRAFT)


class ApplicationSet(models.QuerySet["Application"]):
    def submitted(self) -> "ApplicationSet":
        return self.exclude(state=State.DRAFT)

    def open(self) -> "ApplicationSet":
        """Submitted and not yet decided or withdrawn."""
        return self.submitted().filter(closed_at=None)

    def of(self, user: User) -> "ApplicationSet":
        return self.filter(applicant=user)

    def late(self, today: date) -> "ApplicationSet":
        """Past the day by which whoever holds the file should have acted."""
        return self.open().filter(act_by_on__lt=today)

    def found_by(self, words: str) -> "ApplicationSet":
        """Whose name, village or serial number begins with each of these words, or who bears this number."""
        found, number = self, NUMBER.search(words.upper())
        if number:
            found = found.filter(number=number.group())
        for word in Word.split(NUMBER.sub(" ", words.upper()))[:5]:
            found = found.filter(pk__in=Word.beginning_with(word))
        return found


class Application(models.Model):
    """An application for a permit, from draft to decision.

    ``holder`` is whose turn it is: an agency's code, ``applicant``, or empty at the end. ``stage`` counts
    the stages of the pinned type. ``due_on`` is the day promised to the applicant, from the moment the file
    is complete; ``act_by_on`` is the day by which the holder should pass it on. ``identity`` is what was known
    of the applicant when it was submitted, from Dukcapil or by hand. ``imported`` marks what was decided before
    Kartini. ``revision`` rises with every change: who decides on an older one is told.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=20, unique=True, null=True, blank=True)
    type = models.ForeignKey(PermitType, on_delete=models.PROTECT, related_name="applications")
    applicant = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    applicant_name = models.CharField(max_length=200)
    answers: Any = models.JSONField(default=dict)
    identity: Any = models.JSONField(default=dict)
    identity_source = models.CharField(max_length=20, blank=True)
    identity_verified_at = models.DateTimeField(null=True, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    village_code = models.CharField(max_length=13, blank=True)
    district_code = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    holder = models.CharField(max_length=40, default="applicant", blank=True)
    stage = models.PositiveSmallIntegerField(default=0)
    officer = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    pin_hash = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    complete_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    act_by_on = models.DateField(null=True, blank=True)
    working_days = models.PositiveSmallIntegerField(null=True, blank=True)
    permit = models.OneToOneField(
        "joss.Permit",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="application",
    )
    imported = models.BooleanField(default=False)
    revision = models.PositiveIntegerField(default=1)

    objects: ClassVar[ApplicationSet] = ApplicationSet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["applicant", "type"],
                condition=Q(state="draft"),
                name="one_draft_per_person_and_type",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", number=None, submitted_at=None, applicant__isnull=False)
                | (~Q(state="draft") & Q(number__isnull=False, submitted_at__isnull=False)),
                name="a_number_comes_with_submission",
            ),
            models.CheckConstraint(
                condition=Q(state__in=CLOSED, closed_at__isnull=False, holder="")
                | (~Q(state__in=CLOSED) & Q(closed_at=None) & ~Q(holder="")),
                name="a_closed_application_has_no_holder",
            ),
            models.CheckConstraint(
                condition=Q(state="issued", permit__isnull=False)
                | (~Q(state="issued") & Q(permit=None)),
                name="a_permit_exactly_when_issued",
            ),
            models.CheckConstraint(
                condition=Q(imported=True) | Q(applicant__isnull=False, person__isnull=False),
                name="an_application_has_an_applicant",
            ),
            models.CheckConstraint(
                condition=Q(complete_at=None) | Q(due_on__isnull=False),
                name="a_complete_file_has_a_promise",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["returned", "payment", "draft"]) | Q(holder="applicant"),
                name="the_applicant_holds_what_waits_for_him",
            ),
        ]
        indexes = [
            models.Index(
                fields=["holder", "act_by_on", "number"],
                condition=Q(closed_at=None),
                name="joss_desk",
            ),
            models.Index(
                fields=["officer", "act_by_on", "number"],
                condition=Q(closed_at=None),
                name="joss_mine",
            ),
            models.Index(
                fields=["act_by_on", "number"], condition=Q(closed_at=None), name="joss_open"
            ),
            models.Index(
                fields=["state", "act_by_on"], condition=Q(closed_at=None), name="joss_state"
            ),
            models.Index(fields=["-submitted_at"], name="joss_newest"),
            models.Index(fields=["type", "-submitted_at"], name="joss_by_type"),
            models.Index(fields=["district_code", "-submitted_at"], name="joss_by_district"),
            models.Index(fields=["applicant", "-saved_at"], name="joss_of_applicant"),
            models.Index(fields=["closed_at", "state"], name="joss_closed"),
        ]

    def __str__(self) -> str:
        return self.number or f"draft {self.pk}"

    @property
    def thing(self) -> str:
        """How the trail names it."""
        return f"joss.application:{self.number or self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_stopped(self) -> bool:
        """Does the clock stand still because the applicant holds the file?"""
        return self.state in STOPPED


class Word(models.Model):
    """A word by which an application is found: lower case, letters and digits only."""

    COMMON: ClassVar[frozenset[str]] = frozenset({"desa", "kelurahan", "kec"})

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="words")
    word = models.CharField(max_length=40, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "word"], name="a_word_stands_once_per_application"
            ),
        ]

    def __str__(self) -> str:
        return self.word

    @staticmethod
    def split(text: str) -> list[str]:
        """``Siti, Desa Tahunan`` → ``siti``, ``tahunan``; what all have in common is left out."""
        plain = "".join(c if c.isascii() and c.isalnum() else " " for c in text.casefold())
        return [word[:40] for word in plain.split() if word not in Word.COMMON]

    @classmethod
    def beginning_with(cls, word: str) -> models.QuerySet["Word", Any]:
        """Applications by the beginning of a word (a short one has to be the whole word), by index on both
        databases: PostgreSQL keeps one for ``LIKE``; in SQLite the same is a range."""
        if len(word) < SHORT:
            found = cls.objects.filter(word=word)
        elif connection.vendor == "sqlite":
            found = cls.objects.filter(word__gte=word, word__lt=word + "{")
        else:
            found = cls.objects.filter(word__startswith=word)
        return found.values("application")
