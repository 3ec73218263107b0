"""Permit types as they were when somebody applied."""

from typing import Any

from django.db import models

from kartini.systems.joss.engine.definition import Definition

_known: dict[str, Definition] = {}


class PermitType(models.Model):
    """One version of a permit type, word for word as its file said. An application keeps the version
    with which it was made; ``digest`` is the SHA-256 of the canonical form.

    A type without ``definition`` is only a title: it names permits of the time before Kartini.
    """

    code = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    title_id = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    sector = models.CharField(max_length=100, blank=True)
    agencies = models.JSONField(default=list)
    definition: Any = models.JSONField(null=True)
    pinned_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "digest"], name="a_type_is_pinned_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"

    def rules(self) -> Definition:
        """What this version says."""
        if self.digest not in _known:  # the digest is that of the words: it never means others
            _known[self.digest] = Definition.read(self.definition)
        return _known[self.digest]

    def title(self, language: str) -> str:
        return self.title_en if language.startswith("en") else self.title_id
