"""The two verbs: publish and withdraw."""

from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from kartini.contracts.pengumuman import AnnouncementPublished, AnnouncementWithdrawn
from kartini.exchange import bus
from kartini.people import trail
from kartini.people.models import Organisation, User
from kartini.systems.pengumuman.models import Announcement


class TitleTaken(Exception):
    """Another announcement already stands at the address that this title would get."""


@transaction.atomic
def publish(
    *, title: str, summary: str, body: str, agency: Organisation, by: User, at: datetime
) -> Announcement:
    """Tell everyone. The same words sent twice are one announcement."""
    words = {"title": title, "summary": summary, "body": body, "agency": agency}
    announcement, is_new = Announcement.objects.get_or_create(
        slug=slugify(title)[:120], defaults={**words, "published_at": at}
    )
    if is_new:
        bus.publish(
            AnnouncementPublished(
                slug=announcement.slug, title=title, agency=agency.code, published_at=at
            )
        )
        trail.did(by=by, verb="pengumuman.publish", thing=_thing(announcement), at=at)
    elif announcement.withdrawn_at or any(
        getattr(announcement, name) != value for name, value in words.items()
    ):
        raise TitleTaken(announcement.slug)
    return announcement


@transaction.atomic
def withdraw(*, announcement: Announcement, by: User, at: datetime) -> Announcement:
    """Take it back. Its page stays and says so; withdrawing again changes nothing."""
    current = Announcement.objects.select_for_update().get(pk=announcement.pk)
    if current.withdrawn_at is None:
        current.withdrawn_at = at
        current.save(update_fields=["withdrawn_at"])
        bus.publish(AnnouncementWithdrawn(slug=current.slug, withdrawn_at=at))
        trail.did(by=by, verb="pengumuman.withdraw", thing=_thing(current), at=at)
    return current


def _thing(announcement: Announcement) -> str:
    return f"pengumuman.announcement:{announcement.pk}"
