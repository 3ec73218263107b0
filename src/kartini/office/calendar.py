"""Working days of the regency: Indonesia's holidays and collective leave, changed by decrees."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import holidays
from django.db import transaction

from kartini.kit import workdays
from kartini.office.models import HolidayOverride
from kartini.people import trail
from kartini.people.models import User

Kind = HolidayOverride.Kind


@dataclass(frozen=True)
class Day:
    """A day on which offices stay closed, or open after all. ``decree`` is empty for what is known anyway."""

    day_on: date
    name: str
    kind: str
    decree: str = ""


def decreed() -> dict[date, bool]:
    """Every day that a decree changed, and whether it is worked on: a handful a year."""
    return {row.day_on: row.working for row in HolidayOverride.objects.all()}


def add_working_days(start: date, days: int, decrees: Mapping[date, bool] | None = None) -> date:
    """The day that many working days after ``start``; the start itself does not count.

    ``decrees`` is what ``decreed`` said, where a caller asks about many days.
    """
    end = start + timedelta(days=abs(days) * 3 + 40)
    return _calendar(start, end, decrees).add(start, days)


def working_days_between(
    first: date, last: date, decrees: Mapping[date, bool] | None = None
) -> int:
    """Working days after ``first`` up to and including ``last``; negative when ``last`` is earlier."""
    return _calendar(min(first, last), max(first, last), decrees).between(first, last)


def is_working_day(day: date) -> bool:
    return _calendar(day, day, None).is_working(day)


def _calendar(first: date, last: date, decrees: Mapping[date, bool] | None) -> workdays.Calendar:
    years = range(first.year - 1, last.year + 2)
    free = frozenset().union(*(workdays.indonesian_holidays(year) for year in years))
    return workdays.Calendar(free, decreed() if decrees is None else decrees)


def of_year(year: int) -> list[Day]:
    """Every day of the year that differs from the working week, with the decree that says so."""
    known = {
        day: Day(day, name, kind)
        for kind in (Kind.LEAVE, Kind.HOLIDAY)
        for day, name in _named(year, kind)
    }
    for row in HolidayOverride.objects.filter(day_on__year=year):
        known[row.day_on] = Day(row.day_on, row.name, row.kind, row.decree)
    return [known[day] for day in sorted(known)]


@transaction.atomic
def set_day(
    *, day_on: date, kind: str, name: str, decree: str, by: User | None, at: datetime
) -> HolidayOverride:
    """Write what a decree says about a day; a later decree replaces an earlier one."""
    override, _fresh = HolidayOverride.objects.update_or_create(
        day_on=day_on,
        defaults={"kind": kind, "name": name, "decree": decree, "set_by": by, "set_at": at},
    )
    trail.did(
        by=by,
        verb="office.set-day",
        thing=f"office.day:{day_on}",
        at=at,
        note=f"{kind}: {name} ({decree})"[:500],
    )
    return override


@transaction.atomic
def clear_day(*, day_on: date, by: User | None, at: datetime) -> None:
    """Take an override away; the day is again what it is known to be."""
    removed, _kinds = HolidayOverride.objects.filter(day_on=day_on).delete()
    if removed:
        trail.did(by=by, verb="office.clear-day", thing=f"office.day:{day_on}", at=at)


@lru_cache(maxsize=40)
def _named(year: int, kind: str) -> tuple[tuple[date, str], ...]:
    category = "public" if kind == Kind.HOLIDAY else "government"
    found: Iterable[tuple[date, str]] = holidays.country_holidays(
        "ID", years=year, categories=(category,), language="id"
    ).items()
    return tuple(sorted(found))
