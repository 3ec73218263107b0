"""All ties to other systems: whose system this is, what it answers. It hears nothing and asks nobody."""

from kartini.contracts import pengumuman
from kartini.exchange.registry import answers, subsystem
from kartini.systems.pengumuman.models import Announcement

subsystem("pengumuman", member="diskominfo", title="Pengumuman")


@answers(pengumuman.LatestAnnouncements)
def latest(query: pengumuman.LatestAnnouncements) -> pengumuman.Announcements:
    newest = Announcement.objects.public()[: query.limit]
    return pengumuman.Announcements(
        announcements=[
            pengumuman.Announcement(
                slug=one.slug,
                title=one.title,
                summary=one.summary,
                agency=one.agency_id,
                published_at=one.published_at,
            )
            for one in newest
        ]
    )
