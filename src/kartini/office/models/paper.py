"""Papers: what people hand in."""

from collections.abc import Collection
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q

from kartini.kit.ids import new_id
from kartini.people.models import User


class PaperSet(models.QuerySet["Paper"]):
    def of(self, owner: User) -> "PaperSet":
        """One account's papers, the newest first."""
        return self.filter(owner=owner).order_by("-received_at", "-id")


class Paper(models.Model):
    """A file that somebody handed in, kept encrypted under an opaque name.

    A system that uses one holds a protecting foreign key to it: that is what "in use" means.
    """

    class Kind(models.TextChoices):
        PDF = "pdf", "PDF"
        JPEG = "jpeg", "JPG"
        PNG = "png", "PNG"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    label = models.CharField(max_length=200)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=4, choices=Kind)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.CharField(max_length=120, unique=True)
    received_at = models.DateTimeField()
    scanned_by = models.CharField(max_length=120, blank=True)

    objects: ClassVar[PaperSet] = PaperSet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "sha256", "label"], name="one_paper_per_owner_bytes_and_label"
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="a_paper_is_not_empty"),
        ]
        indexes = [models.Index(fields=["owner", "-received_at"])]

    def __str__(self) -> str:
        return f"{self.label} ({self.pk})"

    @classmethod
    def in_use(cls, papers: Collection[UUID]) -> set[UUID]:
        """Which of these papers something else points at; one query per kind of user."""
        used: set[UUID] = set()
        for relation in cls._meta.get_fields(include_hidden=True):
            if relation.auto_created and not relation.concrete and relation.related_model:
                field = relation.field.name  # type: ignore[union-attr]
                rows: models.QuerySet[models.Model] = models.QuerySet(
                    relation.related_model
                ).filter(**{f"{field}__in": papers})
                used.update(rows.values_list(field, flat=True))
        return used
