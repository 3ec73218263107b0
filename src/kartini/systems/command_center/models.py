"""What the Command Center heard, and what it decided about it. No personal data stands here."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import models
from django.db.models import Count, F, Max, Q
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from kartini.kit.ids import new_id
from kartini.people.models import Organisation, User

APPLICANT = "applicant"


class Cases(models.QuerySet["Case"]):
    def open(self) -> "Cases":
        return self.filter(closed_at=None)

    def with_agencies(self) -> "Cases":
        """Open, and an agency's turn: only then can it be late."""
        return self.open().exclude(holder__in=["", APPLICANT])

    def late(self, today: date) -> "Cases":
        return self.with_agencies().filter(due_on__lt=today)

    def soon(self, today: date, until: date) -> "Cases":
        return self.with_agencies().filter(due_on__range=(today, until))

    def first_due_first(self) -> "Cases":
        return self.order_by(F("due_on").asc(nulls_last=True), "application")

    def of_villages(self) -> dict[str, int]:
        """How many by village code."""
        rows = self.exclude(village_code="").values_list("village_code")
        return dict(rows.annotate(n=Count("pk")).order_by())

    def of_holders(self) -> dict[str, int]:
        """How many by agency, the most first."""
        return dict(self.values_list("holder").annotate(n=Count("pk")).order_by("-n", "holder"))

    def open_at(self, moments: list[datetime]) -> list[int]:
        """How many were open at each of these moments."""
        return self._count_each(
            Q(first_at__lt=m) & (Q(closed_at=None) | Q(closed_at__gte=m)) for m in moments
        )

    def late_at(self, moments: list[tuple[datetime, date]]) -> list[int]:
        """How many were open and past their day; the day as it is promised now."""
        return self._count_each(
            Q(first_at__lt=m, due_on__lt=day)
            & ~Q(holder=APPLICANT)
            & (Q(closed_at=None) | Q(closed_at__gte=m))
            for m, day in moments
        )

    def _count_each(self, conditions: Iterable[Q]) -> list[int]:
        counts = {f"n{i}": Count("pk", filter=c) for i, c in enumerate(conditions)}
        return list(self.aggregate(**counts).values())


class Case(models.Model):
    """A permit application as the exchange told of it: whose turn it is, and until when."""

    application = models.CharField(max_length=40, primary_key=True)
    permit_type = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=40)
    holder = models.CharField(max_length=40, blank=True)
    village_code = models.CharField(max_length=13, blank=True)
    due_on = models.DateField(null=True, blank=True)
    first_at = models.DateTimeField()
    moved_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = Cases.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(first_at__lte=F("moved_at")), name="a_case_begins_before_it_moves"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(closed_at=F("moved_at")),
                name="a_case_closes_with_its_last_move",
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(closed_at=None), name="open_cases_by_day"),
            models.Index(fields=["closed_at"]),
        ]

    def __str__(self) -> str:
        return self.application

    def days_late(self, today: date) -> int:
        """Calendar days past the promised day; negative while there is time."""
        return (today - self.due_on).days if self.due_on else 0


class Permits(models.QuerySet["Permit"]):
    def issued_since(self, at: datetime) -> "Permits":
        return self.filter(issued_at__gte=at)

    def by_day(self, since: datetime) -> dict[date, tuple[int, int]]:
        """For each day: how many were issued, and how many of them within the promise."""
        rows = self.issued_since(since).annotate(day=TruncDate("issued_at")).values_list("day")
        in_time = Count("pk", filter=Q(working_days__lte=F("promised_days")))
        return {d: (n, ok) for d, n, ok in rows.annotate(n=Count("pk"), ok=in_time).order_by()}

    def of_villages(self) -> dict[str, int]:
        rows = self.exclude(village_code="").values_list("village_code")
        return dict(rows.annotate(n=Count("pk")).order_by())


class Permit(models.Model):
    """A permit that was issued, or revoked, or both; the two facts may arrive in any order."""

    application = models.CharField(max_length=40, primary_key=True)
    title = models.CharField(max_length=200, blank=True)
    agency = models.CharField(max_length=40, blank=True)
    village_code = models.CharField(max_length=13, blank=True)
    working_days = models.PositiveIntegerField(default=0)
    promised_days = models.PositiveIntegerField(default=0)
    issued_at = models.DateTimeField(null=True, blank=True, db_index=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = Permits.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(issued_at__isnull=False) | Q(revoked_at__isnull=False),
                name="a_permit_was_issued_or_revoked",
            )
        ]

    def __str__(self) -> str:
        return self.application


class Announcement(models.Model):
    """What an agency told everyone; withdrawn ones no longer run through the ticker."""

    slug = models.CharField(max_length=120, primary_key=True)
    title = models.CharField(max_length=200, blank=True)
    agency = models.CharField(max_length=40, blank=True)
    published_at = models.DateTimeField(null=True, blank=True, db_index=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.slug


class Reading(models.Model):
    """A figure that another system answered when it was asked, and when that was."""

    key = models.CharField(max_length=60, primary_key=True)
    value = models.FloatField(null=True)
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class WasteBank(models.Model):
    """A waste bank as the exchange told of it."""

    code = models.CharField(max_length=40, primary_key=True)
    title = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=10, default="unit")
    village_code = models.CharField(max_length=13, blank=True)
    opened_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)

    def __str__(self) -> str:
        return self.title or self.code


class WasteDeposit(models.Model):
    """Waste that was kept from the landfill; taken back, perhaps before it was heard of."""

    deposit = models.CharField(max_length=40, primary_key=True)
    bank = models.CharField(max_length=40)
    village_code = models.CharField(max_length=13)
    on = models.DateField(db_index=True)
    kilograms = models.DecimalField(max_digits=12, decimal_places=3)
    reversed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["bank", "-on"], name="waste_of_a_bank")]

    def __str__(self) -> str:
        return self.deposit


class WastePrice(models.Model):
    """What a waste bank pays for a kilogram of a material, by its newest list. A ``guide`` is the parent bank's."""

    bank = models.CharField(max_length=40)
    material = models.CharField(max_length=40)
    rupiah_per_kilogram = models.PositiveIntegerField()
    guide = models.BooleanField()
    from_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bank", "material"], name="a_waste_price_stands_once")
        ]

    def __str__(self) -> str:
        return f"{self.bank}: {self.material}"


class WasteHeap(models.Model):
    """A heap that did not fit its book when it was counted."""

    bank = models.CharField(max_length=40)
    material = models.CharField(max_length=40)
    counted_at = models.DateTimeField()
    book_kilograms = models.DecimalField(max_digits=12, decimal_places=3)
    difference_kilograms = models.DecimalField(max_digits=12, decimal_places=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bank", "material", "counted_at"], name="a_heap_is_counted_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.bank}: {self.material}"


class Target(models.Model):
    """What a figure should reach, and who says so. The house has no targets of its own."""

    class Key(models.TextChoices):
        ON_TIME = "on-time", _("Permits on time in 30 days, percent (at least)")
        LATE = "late", _("Late applications (at most)")
        MEDIAN = "median", _("Median working days (at most)")

    key = models.CharField(max_length=20, choices=Key, primary_key=True)
    value = models.DecimalField(max_digits=8, decimal_places=1)
    basis = models.CharField(max_length=200)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(value__gte=0), name="a_target_is_not_negative"),
            models.CheckConstraint(condition=~Q(basis=""), name="a_target_has_a_basis"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.value}"


class Assignment(models.Model):
    """Somebody took a case into hand: which agency acts, until when. The last one counts."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="assignments")
    number = models.PositiveIntegerField()
    owner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "number"], name="assignments_follow_one_another"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="assignments_count_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} #{self.number}: {self.owner_id}"


def last_assignments(applications: list[str]) -> dict[str, Assignment]:
    """The assignment that counts, for each of these cases that has one."""
    newest = (
        Assignment.objects.filter(case__in=applications).values("case").annotate(n=Max("number"))
    )
    wanted = Q(pk=None)
    for row in newest:
        wanted |= Q(case=row["case"], number=row["n"])
    found = Assignment.objects.filter(wanted).select_related("owner", "by")
    return {assignment.case_id: assignment for assignment in found}


class Screen(models.Model):
    """A screen on a wall that may read it by a signed link, until a day or until it is closed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=80)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    valid_until = models.DateField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="a_screen_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def opens_on(self, day: date) -> bool:
        return self.closed_at is None and day <= self.valid_until
