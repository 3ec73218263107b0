"""Who there is: accounts, persons, organisations, roles, and the trail."""

from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kartini.kit.ids import new_id
from kartini.people import phones

KIND_TITLES: dict[str, Any] = {}  # filled by roles.define


class Organisation(models.Model):
    """An agency, company, village or ministry. Its code never changes: it is the member code on the exchange."""

    class Kind(models.TextChoices):
        GOV = "GOV", _("Government agency")
        COM = "COM", _("Company")
        NGO = "NGO", _("Civil organisation")
        VIL = "VIL", pgettext_lazy("organisation", "Village")

    code = models.CharField(max_length=40, primary_key=True)
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=60)
    kind = models.CharField(max_length=3, choices=Kind, default=Kind.GOV)
    place_code = models.CharField(max_length=13, blank=True)
    address = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.short_name or self.name


class Person(models.Model):
    """A person who dealt with Kartini. The NIK is encrypted; equal NIKs are found by a blind index.

    ``verified_at`` is when Dukcapil (``verified_by="dukcapil"``) or a counter (``"counter"``) confirmed it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    nik_sealed = models.BinaryField()
    nik_index = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    birth_place = models.CharField(max_length=100, blank=True)
    birth_on = models.DateField(null=True, blank=True)
    sex = models.CharField(max_length=1, blank=True)
    address = models.CharField(max_length=300, blank=True)
    village_code = models.CharField(max_length=13, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return str(self.pk)


class User(AbstractUser):
    """An account. A citizen's account belongs to one person; staff accounts need none."""

    phone = models.CharField(max_length=20, blank=True)
    phone_verified = models.BooleanField(default=False)
    language = models.CharField(max_length=2, default="id")
    full_name = models.CharField(max_length=200, blank=True)
    is_demo = models.BooleanField(default=False)
    person = models.OneToOneField(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="account"
    )

    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["phone"],
                condition=Q(phone_verified=True) & ~Q(phone=""),
                name="one_account_per_confirmed_phone",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email or self.shown_phone or self.username

    @property
    def shown_phone(self) -> str:
        return phones.shown(self.phone) if self.phone else ""


def shown_name(user: User) -> str:
    """What pages call an account."""
    return str(user)


class Role(models.Model):
    """What an account may be: a role kind, at an organisation, for a place, between two dates.

    ``place_code`` is a Kemendagri code; a role for a kecamatan holds for its villages; empty is everywhere.
    ``acting`` is ``plt`` (post vacant) or ``plh`` (holder absent) for an acting official; both need an end.
    """

    class Acting(models.TextChoices):
        NO = "", _("Holder of the post")
        PLT = "plt", _("Acting, post vacant (Plt.)")
        PLH = "plh", _("Acting, holder absent (Plh.)")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles")
    kind = models.CharField(max_length=60)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="roles"
    )
    place_code = models.CharField(max_length=13, blank=True)
    title = models.CharField(max_length=120, blank=True)
    acting = models.CharField(max_length=3, choices=Acting, default=Acting.NO, blank=True)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    granted_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")),
                name="role_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(acting="") | ~Q(until_on=None), name="acting_role_has_an_end"
            ),
            models.UniqueConstraint(
                fields=["user", "kind", "organisation", "place_code", "acting", "from_on"],
                condition=Q(ended_at=None),
                name="a_role_is_given_once",
            ),
        ]
        indexes = [models.Index(fields=["user", "kind"])]

    def __str__(self) -> str:
        return f"{self.kind} @ {self.organisation_id} ({self.user_id})"

    @property
    def kind_title(self) -> Any:
        """What people call this kind of role."""
        return KIND_TITLES.get(self.kind, self.kind)

    def holds_on(self, day: date) -> bool:
        """Between its two dates, and not ended before (a role ended today no longer holds today)."""
        if self.ended_at is not None and timezone.localdate(self.ended_at) <= day:
            return False
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)


class TrailLine(models.Model):
    """One line of the trail: somebody did something, or looked at a person's data. No NIK in it.

    ``thing`` is ``<system>.<kind>:<key>``; ``organisation`` and ``role_kind`` say in which office ``by``
    acted. Lines are only ever added.
    """

    class Kind(models.TextChoices):
        DID = "did", _("Did")
        LOOKED = "looked", _("Looked")

    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=6, choices=Kind)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    role_kind = models.CharField(max_length=60, blank=True)
    verb = models.CharField(max_length=80)
    thing = models.CharField(max_length=120, db_index=True)
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="trail"
    )
    purpose = models.CharField(max_length=60, blank=True)
    basis = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="looked") | (~Q(purpose="") & Q(person__isnull=False)),
                name="a_look_has_a_person_and_a_purpose",
            ),
        ]
        indexes = [models.Index(fields=["person", "-at"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} {self.thing}"


class Claim(models.Model):
    """An account named a NIK that only the counter can give it: disputed, or not as Dukcapil knows it."""

    class Reason(models.TextChoices):
        TAKEN = "taken", _("Another account holds this NIK")
        DISAGREES = "disagrees", _("NIK and birth date do not agree with Dukcapil")
        UNSURE = "unsure", _("Dukcapil was away, and the NIK is known here already")

    class State(models.TextChoices):
        OPEN = "open", _("Waits for the counter")
        GIVEN = "given", _("Connected at the counter")
        REFUSED = "refused", _("Refused at the counter")
        WITHDRAWN = "withdrawn", _("Replaced by a newer one")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="claims")
    nik_sealed = models.BinaryField()
    nik_index = models.CharField(max_length=64, db_index=True)
    birth_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=10, choices=Reason)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(state="open"), name="one_open_claim_per_account"
            ),
            models.CheckConstraint(
                condition=Q(state="open", settled_at=None)
                | (~Q(state="open") & Q(settled_at__isnull=False)),
                name="a_claim_is_open_or_settled",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["given", "refused"])
                | (Q(settled_by__isnull=False) & ~Q(note="")),
                name="the_counter_gives_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"


class DataRequest(models.Model):
    """A person asks why their data were used. The answer is due within 3×24 hours (UU 27/2022)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="data_requests")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    about = models.CharField(max_length=120, blank=True)
    about_words = models.CharField(max_length=300, blank=True)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    question = models.CharField(max_length=1000)
    asked_at = models.DateTimeField(db_index=True)
    due_at = models.DateTimeField()
    answer = models.TextField(max_length=4000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None, answered_by=None)
                | (~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False)),
                name="an_answer_has_words_a_moment_and_an_officer",
            ),
            models.UniqueConstraint(
                fields=["person", "about"],
                condition=Q(answered_at=None),
                name="one_open_question_per_line",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Invitation(models.Model):
    """A link to set a password: for a new officer, or for a citizen who lost phone and e-mail.

    Only its hash is kept. Whoever opens it proves the address that it was sent to.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    address = models.CharField(max_length=254)
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id} {self.made_at:%Y-%m-%d}"
