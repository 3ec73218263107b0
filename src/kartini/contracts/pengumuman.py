"""What Pengumuman (public announcements) states and answers."""

from datetime import datetime

from pydantic import Field

from kartini.contracts.base import Contract, Event, Query


class AnnouncementPublished(Event):
    """The regency told its residents something."""

    name = "pengumuman.announcement-published.v1"
    ordered_by = "slug"
    example = {
        "slug": "loket-libur-natal",
        "title": "Loket tutup 25 Desember",
        "agency": "diskominfo",
        "published_at": "2026-11-24T02:00:00Z",
    }

    slug: str
    title: str
    agency: str
    published_at: datetime


class AnnouncementWithdrawn(Event):
    """What was announced no longer holds. Its page stays, and says so."""

    name = "pengumuman.announcement-withdrawn.v1"
    ordered_by = "slug"
    example = {"slug": "loket-libur-natal", "withdrawn_at": "2026-11-25T04:30:00Z"}

    slug: str
    withdrawn_at: datetime


class Announcement(Contract):
    """One announcement as the portal shows it."""

    example = {
        "slug": "loket-libur-natal",
        "title": "Loket tutup 25 Desember",
        "summary": "Mal Pelayanan Publik buka kembali 28 Desember.",
        "agency": "diskominfo",
        "published_at": "2026-11-24T02:00:00Z",
    }

    slug: str
    title: str
    summary: str
    agency: str
    published_at: datetime


class Announcements(Contract):
    """The newest announcements, newest first."""

    example = {"announcements": [Announcement.example]}

    announcements: list[Announcement] | None = None


class LatestAnnouncements(Query[Announcements]):
    """What did the regency announce last? ``limit`` is at most 20."""

    name = "pengumuman.latest.v1"
    example = {"limit": 3}

    limit: int = Field(3, ge=1, le=20)
