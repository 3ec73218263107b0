"""Waste banks, their hours, and the terms under which they work."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kartini.people.models import Organisation
from kartini.places import names

WEEKDAYS = [
    (0, _("Monday")), (1, _("Tuesday")), (2, _("Wednesday")), (3, _("Thursday")),
    (4, _("Friday")), (5, _("Saturday")), (6, _("Sunday")),
]  # fmt: skip


class Terms(models.Model):
    """Limits and periods under which banks work. ASSUMPTION throughout: no law sets them, a parent bank decides.

    ``four_eyes_rupiah``: above it a second person approves. ``small_cell``: figures of fewer depositors
    are not published.
    """

    name = models.CharField(_("name"), max_length=60, unique=True)
    max_line_grams = models.PositiveIntegerField(_("heaviest bag in grams"), default=200_000)
    least_withdrawal_rupiah = models.PositiveIntegerField(_("smallest withdrawal"), default=10_000)
    four_eyes_rupiah = models.PositiveIntegerField(
        _("two persons decide above (rupiah)"), default=500_000
    )
    stale_days = models.PositiveSmallIntegerField(
        _("days after which an unpaid withdrawal lapses"), default=30
    )
    price_grace_days = models.PositiveSmallIntegerField(
        _("days for which a phone may use an older price list"), default=14
    )
    price_far_percent = models.PositiveSmallIntegerField(
        _("percentage by which a price is far from the guide"), default=30
    )
    asleep_days = models.PositiveSmallIntegerField(
        _("days without a deposit until a unit is asleep"), default=28
    )
    small_cell = models.PositiveSmallIntegerField(
        _("fewest depositors behind a published figure"), default=5
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(max_line_grams__gt=0, stale_days__gt=0, asleep_days__gt=0),
                name="terms_make_sense",
            )
        ]

    def __str__(self) -> str:
        return self.name


class TermsChange(models.Model):
    """One limit that changes on a day, decided by whom and why. ``done_at`` is empty while the day has not come."""

    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, related_name="changes")
    limit = models.CharField(max_length=30)
    was = models.PositiveIntegerField()
    becomes = models.PositiveIntegerField()
    from_on = models.DateField()
    reason = models.CharField(max_length=200)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="terms_change_has_a_reason"),
            models.UniqueConstraint(
                fields=["terms", "limit"],
                condition=Q(done_at=None),
                name="terms_one_change_waits_for_a_limit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.limit}: {self.becomes}"

    @property
    def title(self) -> Any:
        """What people call this limit."""
        return Terms._meta.get_field(self.limit).verbose_name  # type: ignore[union-attr]  # noqa: SLF001


class UnitQuerySet(models.QuerySet["Unit"]):
    def open(self) -> "UnitQuerySet":
        """Those in service."""
        return self.filter(closed_on=None)

    def units(self) -> "UnitQuerySet":
        """Without the parent banks."""
        return self.filter(kind=Unit.Kind.UNIT)


class Unit(models.Model):
    """A waste bank: a unit (bank sampah unit) or a parent bank (bank sampah induk), Permen LHK 14/2021.

    Its organisation carries the roles of its managers. ``closed_until_on`` is the end of its last closed month.
    """

    class Kind(models.TextChoices):
        UNIT = "unit", _("Waste bank unit")
        PARENT = "parent", _("Parent waste bank")

    organisation = models.OneToOneField(
        Organisation, to_field="code", on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.UNIT)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="units"
    )
    terms = models.ForeignKey(Terms, on_delete=models.PROTECT, related_name="units")
    name = models.CharField(_("name"), max_length=120)
    prefix = models.CharField(_("prefix of passbook numbers"), max_length=6, unique=True)
    village_code = models.CharField(_("village"), max_length=13, db_index=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    lat = models.FloatField(null=True, blank=True)
    lng = models.FloatField(null=True, blank=True)
    decree_number = models.CharField(_("number of the decree"), max_length=80, blank=True)
    decree_on = models.DateField(_("date of the decree"), null=True, blank=True)
    opened_on = models.DateField(_("in service since"))
    closed_on = models.DateField(null=True, blank=True)
    closed_until_on = models.DateField(null=True, blank=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="parent") | Q(parent=None), name="unit_parent_has_no_parent"
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=models.F("opened_on")),
                name="unit_closes_after_it_opens",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place_label(self) -> str:
        """``Desa Tahunan, Kec. Tahunan``."""
        return names.label(self.village_code)

    @property
    def code(self) -> str:
        return str(self.organisation_id)


class OpenHours(models.Model):
    """When a unit weighs in, week by week."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(_("day"), choices=WEEKDAYS)
    from_time = models.TimeField(_("from"))
    until_time = models.TimeField(_("until"))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_time__gt=models.F("from_time")), name="hours_end_after_they_begin"
            ),
            models.UniqueConstraint(
                fields=["unit", "weekday", "from_time"], name="hours_stand_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.from_time:%H.%M}–{self.until_time:%H.%M}"
