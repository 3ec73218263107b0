"""What is brought, and what it is worth: categories, materials, price lists."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kartini.kit.ids import new_id


class Category(models.Model):
    """A family of materials; the code crosses the exchange."""

    code = models.SlugField(primary_key=True, max_length=20)
    name = models.CharField(_("name"), max_length=60)
    order = models.PositiveSmallIntegerField(default=50)

    def __str__(self) -> str:
        return self.name


class Material(models.Model):
    """One kind of sorted waste. ``picture`` names a symbol of the system's own sprite."""

    code = models.SlugField(unique=True, max_length=20)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="materials")
    name = models.CharField(_("name"), max_length=80)
    hint = models.CharField(_("how to bring it"), max_length=160, blank=True)
    picture = models.SlugField(max_length=30, default="lain")
    order = models.PositiveSmallIntegerField(default=50)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class PriceListQuerySet(models.QuerySet["PriceList"]):
    def in_force(self, owner_id: int, at: datetime) -> "PriceList | None":
        """The list of this bank at a moment: the one that began last."""
        return self.filter(owner_id=owner_id, from_at__lte=at).order_by("-from_at", "-pk").first()

    def newest(self, at: datetime, owners: Iterable[int | None]) -> dict[int, UUID]:
        """The list in force of each of these banks."""
        rows = self.filter(owner__in=[o for o in owners if o], from_at__lte=at)
        return dict(rows.order_by("from_at", "pk").values_list("owner_id", "pk"))


class PriceList(models.Model):
    """What a bank pays from a moment on. Published once, never changed; a parent bank's list is the guide."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey("Unit", on_delete=models.PROTECT, related_name="price_lists")
    version = models.PositiveIntegerField()
    from_at = models.DateTimeField(_("valid from"))
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = PriceListQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "version"], name="price_list_version_once"),
        ]
        indexes = [models.Index(fields=["owner", "-from_at"])]

    def __str__(self) -> str:
        return f"v{self.version}"


class Price(models.Model):
    """Rupiah per kilogram of one material in one list."""

    price_list = models.ForeignKey(PriceList, on_delete=models.PROTECT, related_name="prices")
    material = models.ForeignKey(Material, on_delete=models.PROTECT, related_name="+")
    rupiah_per_kilogram = models.PositiveIntegerField(_("price per kilogram"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["price_list", "material"], name="price_stands_once"),
            models.CheckConstraint(
                condition=Q(rupiah_per_kilogram__lte=1_000_000), name="price_is_plausible"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.material_id}: {self.rupiah_per_kilogram}"
