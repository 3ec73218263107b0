"""The board: every figure, line and shade that the wall shows at one moment, from what was heard."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import get_language, gettext, ngettext

from kartini.exchange import heart
from kartini.kit import formats
from kartini.office import calendar
from kartini.people.models import Organisation
from kartini.places import names
from kartini.systems.command_center.models import (
    APPLICANT,
    Announcement,
    Assignment,
    Case,
    Permit,
    Reading,
    Target,
    last_assignments,
)
from kartini.systems.command_center.services import waste
from kartini.systems.command_center.services.shown import Line, Tile

SOON_WORKING_DAYS = 2
WEEK, MONTH = 7, 30
OLD_READING = timedelta(minutes=10)
TICKER_ROOM = 3
TICKER_LETTERS = 58
SCENE_SECONDS = 30


@dataclass(frozen=True)
class Urgent:
    """A case that needs a decision: what, where, whose, until when, and into whose hands it was put."""

    case: Case
    place: str
    agency: str
    tone: str
    icon: str
    word: str
    assignment: Assignment | None


@dataclass
class Board:
    """What is known at ``at``. Each part is asked for once, when it is first shown."""

    at: datetime
    today: date = field(init=False)

    def __post_init__(self) -> None:
        self.today = timezone.localdate(self.at)

    # -- is it alive?

    @cached_property
    def alive_at(self) -> datetime | None:
        return heart.alive_at()

    @property
    def is_stale(self) -> bool:
        return self.alive_at is None or self.at - self.alive_at > heart.STALE_AFTER

    @property
    def stale_clock(self) -> str:
        return self.clock(self.alive_at) if self.alive_at else ""

    @property
    def minute(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%dT%H:%M%z}"

    @property
    def clock_words(self) -> str:
        return f"{timezone.localtime(self.at):%H.%M}"

    # -- the parts

    @cached_property
    def agencies(self) -> dict[str, str]:
        return dict(Organisation.objects.values_list("code", "short_name"))

    @cached_property
    def targets(self) -> dict[str, Target]:
        return Target.objects.in_bulk()

    @cached_property
    def readings(self) -> dict[str, Reading]:
        return Reading.objects.in_bulk()

    @cached_property
    def soon_until(self) -> date:
        return calendar.add_working_days(self.today, SOON_WORKING_DAYS)

    @cached_property
    def late_holders(self) -> dict[str, int]:
        return Case.objects.late(self.today).of_holders()

    @cached_property
    def soon_count(self) -> int:
        return Case.objects.soon(self.today, self.soon_until).count()

    @cached_property
    def by_day(self) -> dict[date, tuple[int, int]]:
        return Permit.objects.by_day(self._midnight(self.today - timedelta(days=WEEK + MONTH)))

    def tiles(self) -> list[Tile]:
        made = [
            self._late(),
            self._on_time(),
            self._open(),
            self._issued_today(),
            self._median(),
            self._issued_this_year(),
        ]
        return [self._greyed(tile) for tile in made]

    @cached_property
    def waste(self) -> list[waste.Concern]:
        """What needs a decision at the waste banks."""
        return waste.concerns(self.today)

    def waste_tiles(self) -> list[Tile]:
        return [self._greyed(tile) for tile in waste.tiles(self.waste, self.today)]

    def urgent(self, most: int) -> list[Urgent]:
        """What needs a decision first: late ones, then those due soon."""
        cases = Case.objects.with_agencies().filter(due_on__lte=self.soon_until)
        return self.described(list(cases.first_due_first()[:most]))

    def described(self, cases: Sequence[Case]) -> list[Urgent]:
        assigned = last_assignments([case.pk for case in cases])
        return [self._urgent(case, assigned.get(case.pk)) for case in cases]

    def ticker(self) -> list[Line]:
        """A window of what there is to say, moving on with each scene; a broken line always comes first."""
        pinned = [self._broken()] if self.is_stale else []
        decisions = [*self._decisions(), *waste.lines(self.waste)]
        lines = [*decisions, *self._issued(), *self._announced()]
        room = TICKER_ROOM - len(pinned)
        if len(lines) > room:
            start = int(self.at.timestamp()) // SCENE_SECONDS * room % len(lines)
            lines = [*lines[start:], *lines[:start]][:room]
        return pinned + lines

    def latest_permits(self, most: int) -> list[Permit]:
        permits = Permit.objects.filter(issued_at__lte=self.at, revoked_at=None)
        return list(permits.order_by("-issued_at", "pk")[:most])

    def place(self, code: str) -> str:
        return names.name(code) if code else gettext("no village")

    def agency(self, code: str) -> str:
        return gettext("the applicant") if code == APPLICANT else self.agencies.get(code, code)

    # -- tiles

    def _late(self) -> Tile:
        count = sum(self.late_holders.values())
        who = [f"{self.agency(code)} {n}" for code, n in list(self.late_holders.items())[:2]]
        most = self.targets.get(Target.Key.LATE)
        good = count <= (float(most.value) if most else 0)
        return Tile(
            gettext("Late"),
            self._number(count),
            gettext("permits"),
            ", ".join(who) or gettext("None"),
            "ok" if good else "bad",
            "check-circle" if good else "clock",
            Case.objects.late_at([(self._end(d), d) for d in self._week()]),
        )

    def _on_time(self) -> Tile:
        shares = [self._share(day) for day in self._week()]
        target = self.targets.get(Target.Key.ON_TIME)
        now = shares[-1]
        good = now is None or target is None or now >= float(target.value)
        return Tile(
            gettext("On time, 30 days"),
            self._number(now, 1),
            "%",
            gettext("Target %(n)s %%") % {"n": self._number(target.value)} if target else "",
            "ok" if good else "warn",
            "check-circle" if good else "trend-down",
            shares,
        )

    def _open(self) -> Tile:
        counts = Case.objects.open_at([self._end(day) for day in self._week()])
        soon = self.soon_count
        words = ngettext("%(n)s due soon", "%(n)s due soon", soon) % {"n": self._number(soon)}
        return Tile(
            gettext("Open applications"),
            self._number(counts[-1]),
            "",
            words if soon else gettext("None due soon"),
            "warn" if soon else "ok",
            "clock" if soon else "check-circle",
            counts,
        )

    def _issued_today(self) -> Tile:
        counts = [self.by_day.get(day, (0, 0))[0] for day in self._week()]
        up = counts[-1] >= counts[-2]
        return Tile(
            gettext("Issued today"),
            self._number(counts[-1]),
            gettext("permits"),
            gettext("Yesterday %(n)s") % {"n": self._number(counts[-2])},
            "off",
            "trend-up" if up else "trend-down",
            counts,
        )

    def _median(self) -> Tile:
        value, since = self._read("joss.median_working_days")
        target = self.targets.get(Target.Key.MEDIAN)
        tone, icon = "ok", "check-circle"
        if value is None:
            tone, icon = "off", "hourglass"
        elif target and value > float(target.value):
            tone, icon = "warn", "trend-up"
        return Tile(
            gettext("Median, 90 days"),
            self._number(value),
            gettext("working days"),
            gettext("At most %(n)s") % {"n": self._number(target.value)} if target else "",
            tone,
            icon,
            stale_since=since,
        )

    def _issued_this_year(self) -> Tile:
        value, since = self._read("joss.issued_this_year")
        week = [self.by_day.get(day, (0, 0))[0] for day in self._week()]
        trend = [value - sum(week[i + 1 :]) for i in range(WEEK)] if value is not None else []
        return Tile(
            gettext("Issued this year"),
            self._number(value),
            gettext("permits"),
            gettext("+%(n)s in 7 days") % {"n": self._number(sum(week))},
            "off",
            "trend-up",
            trend,
            since,
        )

    def _read(self, key: str) -> tuple[float | None, datetime | None]:
        """The value, and since when it stands still if it is old."""
        reading = self.readings.get(key)
        if reading is None:
            return None, None
        is_old = self.at - reading.read_at > OLD_READING
        return reading.value, reading.read_at if is_old else None

    def _greyed(self, tile: Tile) -> Tile:
        since = tile.stale_since or (self.alive_at if self.is_stale else None)
        if since is None:
            return tile
        words = gettext("Data since %(time)s") % {"time": self.clock(since)}
        return Tile(tile.label, tile.value, tile.unit, words, "off", "hourglass", tile.trend, since)

    # -- lines

    def _urgent(self, case: Case, assignment: Assignment | None) -> Urgent:
        tone, icon, word = self.due_words(case)
        place, agency = self.place(case.village_code), self.agency(case.holder)
        return Urgent(case, place, agency, tone, icon, word, assignment)

    def due_words(self, case: Case) -> tuple[str, str, str]:
        """Tone, icon and word for how much time is left."""
        if case.due_on is None:
            return "off", "hourglass", gettext("No day promised yet")
        late = case.days_late(self.today)
        if case.holder == APPLICANT:
            return "off", "pause", gettext("Clock stands still")
        if late > 0:
            words = ngettext("%(n)s day late", "%(n)s days late", late) % {"n": late}
            return "bad", "error", words
        word = {0: gettext("Today"), -1: gettext("Tomorrow")}.get(late)
        word = word or gettext("%(n)s days left") % {"n": -late}
        return "warn" if case.due_on <= self.soon_until else "info", "clock", word

    def _broken(self) -> Line:
        since = self.clock(self.alive_at) if self.alive_at else "–"
        text = gettext("No data exchange since %(time)s, Diskominfo") % {"time": since}
        return Line("bad", "error", gettext("Cut off"), text)

    def _decisions(self) -> Iterator[Line]:
        for one in self.urgent(4):
            text = gettext("%(title)s in %(place)s, %(agency)s") % {
                "title": one.case.title,
                "place": one.place,
                "agency": one.agency,
            }
            yield Line(one.tone, one.icon, one.word, text)

    def _issued(self) -> Iterator[Line]:
        since = self.at - timedelta(days=1)
        for permit in self.latest_permits(3):
            if permit.issued_at and permit.issued_at > since:
                today = timezone.localdate(permit.issued_at) == self.today
                when = self.clock(permit.issued_at) if today else gettext("yesterday")
                text = f"{permit.title}, {self.place(permit.village_code)}, {when}"
                yield Line("ok", "check", gettext("Issued"), text)

    def _announced(self) -> Iterator[Line]:
        recent = Announcement.objects.filter(
            published_at__range=(self.at - timedelta(days=WEEK), self.at), withdrawn_at=None
        )
        for one in recent.order_by("-published_at")[:2]:
            yield Line("info", "bell", gettext("Announcement"), _short(one.title))

    # -- small things

    def clock(self, at: datetime) -> str:
        """09.14, or with the date when it was another day."""
        local = timezone.localtime(at)
        if local.date() == self.today:
            return f"{local:%H.%M}"
        return f"{formats.long_date(local.date(), language=self._language)} {local:%H.%M}"

    @property
    def _language(self) -> str:
        return get_language() or "id"

    def _number(self, value: Any, places: int | None = None) -> str:
        return formats.number(value, places, language=self._language)

    def _week(self) -> list[date]:
        return [self.today - timedelta(days=WEEK - 1 - n) for n in range(WEEK)]

    def _midnight(self, day: date) -> datetime:
        return timezone.make_aware(datetime.combine(day, time.min))

    def _end(self, day: date) -> datetime:
        return min(self._midnight(day + timedelta(days=1)), self.at + timedelta(seconds=1))

    def _share(self, day: date) -> float | None:
        """Percent on time among what was issued in the 30 days up to this one."""
        month = range(MONTH)
        counts = [self.by_day.get(day - timedelta(days=n), (0, 0)) for n in month]
        total = sum(n for n, _ in counts)
        return 100 * sum(ok for _, ok in counts) / total if total else None


def _short(text: str) -> str:
    """What fits into two lines of the ticker."""
    return Truncator(text).chars(TICKER_LETTERS)


def scene_at(at: datetime, scenes: Sequence[str], pinned: str = "") -> str:
    """Scenes turn by the clock, so that all walls of a house show the same one."""
    if pinned in scenes:
        return pinned
    return scenes[int(at.timestamp()) // SCENE_SECONDS % len(scenes)]


def disagreements(board: Board) -> Iterable[tuple[str, int, int]]:
    """Where JOSS counts otherwise than what was heard here: (figure, JOSS, here)."""
    heard = {"open": Case.objects.open().count(), "late": sum(board.late_holders.values())}
    for name, here in heard.items():
        reading = board.readings.get(f"joss.{name}")
        if reading and reading.value is not None and round(reading.value) != here:
            yield name, round(reading.value), here
