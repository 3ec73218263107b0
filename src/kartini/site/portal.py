"""What the portal home gathers from the whole house. Each part may be missing; the page stands."""

import logging
import re
import threading
import time
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.urls import NoReverseMatch, reverse

from kartini.contracts import Purpose
from kartini.contracts.pengumuman import LatestAnnouncements
from kartini.exchange import bus
from kartini.kit import doors
from kartini.people.models import Organisation

ASKER = "portal"
FRESH_SECONDS = 15.0
MOST_FOUND = 20
LONGEST_QUESTION = 100
TRACKING_NUMBER = re.compile(r"[A-Z]{2,5}-[0-9]{4}-[0-9]{3,8}")
logger = logging.getLogger(__name__)
T = TypeVar("T")


class Shelf:
    """Keeps what was made for a few seconds, in this process only."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._kept: dict[Hashable, tuple[float, Any]] = {}

    def take(self, key: Hashable, make: Callable[[], T]) -> T:
        found = self._kept.get(key)
        if found and time.monotonic() - found[0] < self.seconds:
            kept: T = found[1]
            return kept
        made = make()
        with self._lock:
            self._kept[key] = (time.monotonic(), made)
        return made

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


shelf = Shelf(FRESH_SECONDS)


@dataclass(frozen=True)
class News:
    """An announcement as the home page lists it."""

    title: str
    summary: str
    agency: str
    published_at: datetime
    url: str


def address(name: str, *args: Any) -> str:
    """The address of a page that may not exist in this house; then nothing."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def news(limit: int = 3) -> list[News] | None:
    """The latest announcements, asked through the exchange; ``None`` when nobody answered."""
    try:
        answer = bus.ask(
            LatestAnnouncements(limit=limit), asker=ASKER, purpose=Purpose.PUBLIC_INFORMATION
        )
    except bus.Unanswered:
        return None
    found = answer.announcements or []
    names = Organisation.objects.in_bulk({one.agency for one in found})
    return [
        News(
            title=one.title,
            summary=one.summary,
            agency=str(names.get(one.agency, one.agency)),
            published_at=one.published_at,
            url=address("pengumuman:detail", one.slug),
        )
        for one in found
    ]


def figures(now: datetime) -> list[doors.Figure]:
    """All live public figures of the house."""
    return _from_each(doors.figure_sources, lambda source: source(now))


def find(words: str, user: Any, moment: str = "") -> list[doors.Found]:
    """What the house has under these words (or under a moment of life); with neither, everything."""
    found = _from_each(doors.finders, lambda finder: _some(finder(words, user), whole=not words))
    if moment:
        found = [one for one in found if one.moment == moment]
    return sorted(found, key=lambda one: str(one.title).lower())


def _some(found: Iterable[doors.Found], *, whole: bool) -> list[doors.Found]:
    rows = list(found)
    return rows if whole else rows[:MOST_FOUND]


def by_kind(found: Iterable[doors.Found]) -> list[tuple[str, list[doors.Found]]]:
    kinds: dict[str, list[doors.Found]] = {}
    for one in found:
        kinds.setdefault(str(one.kind), []).append(one)
    return sorted(kinds.items())


def tracking_number(words: str) -> str:
    """The words, when they look like the number of an application."""
    number = words.strip().upper().replace(" ", "")
    return number if TRACKING_NUMBER.fullmatch(number) else ""


def _from_each(sources: dict[str, Any], ask: Callable[[Any], Iterable[T]]) -> list[T]:
    """One system's fault must not take the portal down: it is logged, and its part stays empty."""
    gathered: list[T] = []
    for key, source in sorted(sources.items()):
        try:
            gathered += ask(source)
        except Exception:
            logger.exception("the portal got nothing from %s", key)
    return gathered
