"""Addresses below /pengumuman/, and what the system hangs out at the portal."""

from collections.abc import Iterator
from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from kartini.kit import doors
from kartini.people import roles
from kartini.systems.pengumuman import rules, views
from kartini.systems.pengumuman.models import Announcement

app_name = "pengumuman"
urlpatterns = [
    path("", views.index, name="index"),
    path("petugas/tulis/", views.write, name="write"),
    path("<slug:slug>/", views.detail, name="detail"),
    path("<slug:slug>/tarik/", views.withdraw, name="withdraw"),
]

doors.open_door(doors.Door("public", _("Announcements"), "pengumuman:index", "bell"))
doors.open_door(
    doors.Door(
        "staff",
        _("Write an announcement"),
        "pengumuman:write",
        "edit",
        who=lambda user: roles.holds(user, rules.EDITOR),
        order=95,
        group=_("Announcements"),
    )
)


@doors.finds("pengumuman")
def found(words: str, _user: Any) -> Iterator[doors.Found]:
    """Announcements whose title holds the words, for the portal's search."""
    for one in Announcement.objects.public().filter(title__icontains=words)[:20]:
        url = reverse("pengumuman:detail", args=[one.slug])
        yield doors.Found(one.title, url, text=one.summary, kind=_("Announcement"))
