"""The tables of ``dispatch``: what was asked of institutions outside, and how those stand."""

from django.db import models
from django.db.models import Q


class Errand(models.Model):
    """A deed asked of an institution outside, known by its key there and here (see ``dispatch``).

    ``held_until``: a process is at it; one that was killed at it holds it no longer than that.
    """

    key = models.CharField(max_length=200, primary_key=True)
    verb = models.CharField(max_length=100)
    address = models.CharField(max_length=200)
    digest = models.CharField(max_length=80)
    begun_at = models.DateTimeField()
    tried_at = models.DateTimeField()
    held_until = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    receipt = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(receipt="") | Q(done_at__isnull=False),
                name="only_what_was_done_has_a_receipt",
            ),
        ]
        indexes = [models.Index(fields=["tried_at"])]

    def __str__(self) -> str:
        return f"{self.verb} {self.key}"


class Institution(models.Model):
    """How an institution outside stands that is asked to do something, by its address.

    ``fault`` is the last one (``away``, ``late``, ``rubbish``), empty while it answers.
    """

    address = models.CharField(max_length=200, primary_key=True)
    code = models.CharField(max_length=60)
    failures = models.PositiveIntegerField(default=0)
    rests_until = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rests_until=None) | ~Q(fault=""),
                name="an_institution_rests_for_a_fault",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.address}"
