"""Who saves: households, groups with their classes, companies; their cards; depositors who were one person."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kartini.kit.ids import new_id
from kartini.people.models import Person


class DepositorQuerySet(models.QuerySet["Depositor"]):
    def saving(self) -> "DepositorQuerySet":
        """Those who still save here."""
        return self.filter(left_on=None, merged_into=None)

    def of_user(self, user: Any) -> "DepositorQuerySet":
        """The passbooks that an account may open: its person's own, and those it holds for a group."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        mine = Q(holder_id=user.pk)
        if user.person_id:
            mine |= Q(person_id=user.person_id)
        return self.saving().filter(mine)

    def matching(self, words: str) -> "DepositorQuerySet":
        """By name, passbook number (``MLT-12`` or ``12``) or card code."""
        found = self
        for word in words.split()[:4]:
            number = word.rpartition("-")[2]
            by_number = (
                Q(number=int(number)) if number.isascii() and number[:9].isdigit() else Q(pk=None)
            )
            found = found.filter(
                Q(name__icontains=word) | by_number | Q(cards__code=word.upper())
            ).distinct()
        return found


class Depositor(models.Model):
    """Somebody who saves at one unit. ``person`` is set when the NIK was verified through the exchange.

    ``holder`` is the account that looks after a group's or a company's passbook.
    """

    class Kind(models.TextChoices):
        HOUSEHOLD = "household", _("Household")
        GROUP = "group", _("Group or school")
        COMPANY = "company", _("Company")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit = models.ForeignKey("Unit", on_delete=models.PROTECT, related_name="depositors")
    number = models.PositiveIntegerField(_("passbook number"))
    kind = models.CharField(_("kind"), max_length=9, choices=Kind, default=Kind.HOUSEHOLD)
    name = models.CharField(_("name"), max_length=120)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    address = models.CharField(_("address"), max_length=160, blank=True)
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    consented_at = models.DateTimeField()
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    left_on = models.DateField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )

    objects = DepositorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "number"], name="depositor_number_once"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")),
                name="depositor_is_not_merged_into_itself",
            ),
        ]
        indexes = [models.Index(fields=["unit", "name"])]

    def __str__(self) -> str:
        return f"{self.number:04}"

    @property
    def passbook(self) -> str:
        """``ME00-0012``: prefix of the unit and number."""
        return f"{self.unit.prefix}-{self.number:04}"


class PhoneConsent(models.Model):
    """A depositor agreed to messages on the WhatsApp number, for want of an account. Withdrawn, the row goes."""

    depositor = models.OneToOneField(
        Depositor, on_delete=models.PROTECT, related_name="phone_consent"
    )
    given_at = models.DateTimeField()
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    def __str__(self) -> str:
        return str(self.depositor_id)


class Part(models.Model):
    """A class of a school (or another part of a group): it brings, the group saves."""

    group = models.ForeignKey(Depositor, on_delete=models.PROTECT, related_name="parts")
    name = models.CharField(_("name"), max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "name"], name="part_stands_once")]

    def __str__(self) -> str:
        return self.name


class Card(models.Model):
    """The card with the QR code. A lost one is replaced; only one is valid at a time."""

    code = models.CharField(max_length=12, primary_key=True)
    depositor = models.ForeignKey(Depositor, on_delete=models.PROTECT, related_name="cards")
    issued_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["depositor"], condition=Q(ended_at=None), name="card_one_is_valid"
            )
        ]

    def __str__(self) -> str:
        return self.code


class Merge(models.Model):
    """Two passbooks turned out to be one depositor's. It can be undone while the savings suffice."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.ForeignKey(Depositor, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Depositor, on_delete=models.PROTECT, related_name="merges")
    reason = models.CharField(_("reason"), max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(source=F("target")), name="merge_needs_two"),
            models.UniqueConstraint(
                fields=["source"], condition=Q(undone_at=None), name="merge_a_source_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
