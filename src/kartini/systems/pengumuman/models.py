"""The one table: announcements."""

from django.db import models
from django.db.models import F, Q

from kartini.kit.ids import new_id
from kartini.people.models import Organisation


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def public(self) -> "AnnouncementQuerySet":
        """What anyone may read, newest first."""
        return self.filter(withdrawn_at=None).order_by("-published_at", "-id")


class Announcement(models.Model):
    """Something that an agency told everyone. It is never deleted, only withdrawn."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=120, unique=True)
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=240)
    body = models.TextField()
    agency = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(slug=""), name="pengumuman_has_an_address"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(withdrawn_at__gte=F("published_at")),
                name="pengumuman_withdrawn_after_published",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-published_at", "-id"],
                condition=Q(withdrawn_at=None),
                name="pengumuman_public",
            )
        ]

    def __str__(self) -> str:
        return self.title
