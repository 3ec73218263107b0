"""Where things are: the regency, its kecamatan and villages, and the lines around them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Place(models.Model):
    """A regency, kecamatan or village (desa or kelurahan), by its Kemendagri code: ``33.20.11.2012``.

    ``bps_sources`` says whether two published lists agree about the BPS code or only one names it. A place
    that was merged or split keeps its row, so that what happened there keeps its name: ``ended_on`` is the
    first day without it.
    """

    class Level(models.TextChoices):
        REGENCY = "kabupaten", _("Regency")
        KECAMATAN = "kecamatan", _("Kecamatan")
        DESA = "desa", _("Desa")
        KELURAHAN = "kelurahan", _("Kelurahan")

    class Sources(models.TextChoices):
        AGREE = "agree", _("two lists agree")
        ONE = "one", _("stands in one list only")

    code = models.CharField(max_length=13, primary_key=True)
    name = models.CharField(max_length=100)
    level = models.CharField(max_length=10, choices=Level)
    parent = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="children", db_index=True
    )
    lat = models.FloatField()
    lng = models.FloatField()
    area_km2 = models.FloatField()
    postcode = models.CharField(max_length=5, blank=True)
    bps_code = models.CharField(max_length=10, unique=True)
    bps_sources = models.CharField(max_length=5, choices=Sources)
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(level__in=["kabupaten", "kecamatan", "desa", "kelurahan"]),
                name="place_has_a_known_level",
            ),
            models.CheckConstraint(
                condition=(Q(level="kabupaten") & Q(parent=None))
                | (~Q(level="kabupaten") & Q(parent__isnull=False)),
                name="only_a_regency_has_no_parent",
            ),
            models.CheckConstraint(
                condition=Q(lat__range=(-90, 90)) & Q(lng__range=(-180, 180)),
                name="place_lies_on_earth",
            ),
            models.CheckConstraint(condition=Q(area_km2__gt=0), name="place_has_an_area"),
            models.CheckConstraint(condition=~Q(parent=F("code")), name="place_is_not_in_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


VILLAGE_LEVELS = (Place.Level.DESA, Place.Level.KELURAHAN)


class BoundarySet(models.Model):
    """One import of village boundaries. The newest set is the one that is drawn."""

    source = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    imported_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.source} ({self.imported_at:%Y-%m-%d})"


class Boundary(models.Model):
    """The line around one village: the coordinates of a GeoJSON MultiPolygon, longitude first."""

    boundary_set = models.ForeignKey(
        BoundarySet, on_delete=models.CASCADE, related_name="boundaries"
    )
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="+")
    polygons = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["boundary_set", "place"], name="one_boundary_per_village_and_set"
            )
        ]

    def __str__(self) -> str:
        return str(self.place_id)
