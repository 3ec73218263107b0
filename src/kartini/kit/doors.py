"""What a system hangs out at the portal: doors in the menus, figures on the home page, things to find.

A system registers these in its ``urls.py`` (the place that knows its own addresses); the site
shows them. Nobody else needs to know that the system exists.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

Anyone = Callable[[Any], bool]


@dataclass(frozen=True)
class Door:
    """An entry in a menu. ``hall`` is ``public``, ``citizen`` (Data saya), ``staff`` or ``foot`` (below every page; there too stand
    the public ones after the sixth, for which the head has no room); ``who`` gets the user.

    ``group`` is the heading in the staff menu under which it stands. ``count`` says how many new things
    wait behind the door for this user; it is asked only where a page shows it.
    """

    hall: str
    title: Any
    url_name: str
    icon: str
    who: Anyone = lambda _user: True
    order: int = 50
    group: Any = ""
    count: Callable[[Any], int] | None = None


@dataclass(frozen=True)
class Figure:
    """One live number on the portal: never without source, definition and moment.

    ``trend`` is the last days for the small line; ``note`` is one line below with a tone and an icon.
    """

    label: Any
    value: str
    source: Any
    definition: Any
    at: datetime
    unit: Any = ""
    trend: tuple[float, ...] = ()
    note: Any = ""
    tone: str = "off"
    icon: str = "clock"


@dataclass(frozen=True)
class Found:
    """One search result. ``moment`` is the code of the moment of life (``MOMENTS``) under which it stands."""

    title: Any
    url: str
    text: Any = ""
    kind: Any = ""
    moment: str = ""


@dataclass(frozen=True)
class Moment:
    """A moment of life by which people look for services."""

    code: str
    icon: str
    title: Any
    text: Any


MOMENTS = (
    Moment(
        "anak",
        "baby",
        _("Pregnant and having a child"),
        _("Check-ups, birth certificate, immunisation and nutrition."),
    ),
    Moment(
        "menikah",
        "ring",
        _("Getting married"),
        _("Guidance, health check, and registration at the KUA."),
    ),
    Moment(
        "sehat",
        "heart-pulse",
        _("Ill and in care"),
        _("Queue at the health centre, referral, and BPJS membership."),
    ),
    Moment(
        "usaha",
        "factory",
        _("Work and business"),
        _("Permits to practise, billboards, research, and other permits."),
    ),
    Moment(
        "rumah",
        "recycle",
        _("Home and waste"),
        _("Pick-up of sorted waste, waste bank savings, and haulage."),
    ),
    Moment(
        "wisata", "ship", _("Travelling"), _("Places, events, stays, and boats to Karimunjawa.")
    ),
)

doors: list[Door] = []
figure_sources: dict[str, Callable[[datetime], Iterable[Figure]]] = {}
finders: dict[str, Callable[[str, Any], Iterable[Found]]] = {}


def open_door(door: Door) -> None:
    if door not in doors:
        doors.append(door)


def doors_for(user: Any, hall: str) -> list[Door]:
    """The doors of one hall that this person may use, in order; those of one group stand together."""
    found = sorted((d for d in doors if d.hall == hall and d.who(user)), key=lambda d: d.order)
    groups = list(dict.fromkeys(str(d.group) for d in found))
    return sorted(found, key=lambda d: groups.index(str(d.group)))


def entries(user: Any, hall: str) -> list[dict[str, Any]]:
    """The doors of one hall with their addresses; one whose address does not exist (yet) is left out."""
    found = []
    for door in doors_for(user, hall):
        try:
            url = reverse(door.url_name)
        except NoReverseMatch:
            continue
        count = partial(door.count, user) if door.count else 0
        found.append(
            {
                "title": door.title,
                "url": url,
                "icon": door.icon,
                "group": door.group,
                "count": count,
            }
        )
    return found


def shows_figures(
    key: str,
) -> Callable[[Callable[[datetime], Iterable[Figure]]], Callable[[datetime], Iterable[Figure]]]:
    """Register a source of live figures: ``f(now) -> figures``."""

    def register(
        source: Callable[[datetime], Iterable[Figure]],
    ) -> Callable[[datetime], Iterable[Figure]]:
        figure_sources[key] = source
        return source

    return register


def finds(
    key: str,
) -> Callable[[Callable[[str, Any], Iterable[Found]]], Callable[[str, Any], Iterable[Found]]]:
    """Register a finder: ``f(words, user) -> results``; with empty words it lists everything it has."""

    def register(
        finder: Callable[[str, Any], Iterable[Found]],
    ) -> Callable[[str, Any], Iterable[Found]]:
        finders[key] = finder
        return finder

    return register
