"""What is done with each fact. A fact that comes twice, late, or before its elder changes nothing wrong."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from kartini.contracts.joss import ApplicationMoved, PermitIssued, PermitRevoked
from kartini.contracts.pengumuman import AnnouncementPublished, AnnouncementWithdrawn
from kartini.systems.command_center.models import Announcement, Case, Permit, Reading

KEEP_CLOSED = timedelta(days=90)
KEEP_PERMITS = timedelta(days=400)


@transaction.atomic
def move_case(*, event: ApplicationMoved) -> None:
    """The newest move counts, whatever the order in which they arrive."""
    known = Case.objects.select_for_update().filter(pk=event.application).first()
    first_at = min(known.first_at, event.at) if known else event.at
    if known and event.at < known.moved_at:
        Case.objects.filter(pk=known.pk).update(first_at=first_at)
        return
    Case.objects.update_or_create(
        application=event.application,
        defaults={
            "permit_type": event.permit_type[:80],
            "title": event.title[:200],
            "state": event.state[:40],
            "holder": event.holder[:40],
            "village_code": event.village_code[:13],
            "due_on": event.due_on,
            "first_at": first_at,
            "moved_at": event.at,
            "closed_at": None if event.holder else event.at,
        },
    )


@transaction.atomic
def count_issued(*, event: PermitIssued) -> None:
    Permit.objects.update_or_create(
        application=event.application,
        defaults={
            "title": event.title[:200],
            "agency": event.agency[:40],
            "village_code": event.village_code[:13],
            "working_days": max(0, event.working_days),
            "promised_days": max(0, event.promised_days),
            "issued_at": event.issued_at,
        },
    )


@transaction.atomic
def note_revoked(*, event: PermitRevoked) -> None:
    Permit.objects.update_or_create(
        application=event.application, defaults={"revoked_at": event.revoked_at}
    )


@transaction.atomic
def announce(*, event: AnnouncementPublished) -> None:
    Announcement.objects.update_or_create(
        slug=event.slug[:120],
        defaults={
            "title": event.title[:200],
            "agency": event.agency[:40],
            "published_at": event.published_at,
        },
    )


@transaction.atomic
def take_down(*, event: AnnouncementWithdrawn) -> None:
    Announcement.objects.update_or_create(
        slug=event.slug[:120], defaults={"withdrawn_at": event.withdrawn_at}
    )


@transaction.atomic
def keep_readings(*, figures: Mapping[str, float | None], at: datetime) -> None:
    """Figures that another system answered; an older answer never replaces a newer one."""
    for key, value in figures.items():
        Reading.objects.get_or_create(key=key, defaults={"value": value, "read_at": at})
        Reading.objects.filter(key=key, read_at__lt=at).update(value=value, read_at=at)


@transaction.atomic
def tidy(*, at: datetime) -> int:
    """Forget closed cases after three months and permits after thirteen: the wall looks at now."""
    gone, _ = Case.objects.filter(closed_at__lt=at - KEEP_CLOSED).delete()
    old, _ = Permit.objects.filter(issued_at__lt=at - KEEP_PERMITS).delete()
    return gone + old
