"""Working days of the regency: Indonesia's holidays and collective leave, changed by decrees."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

import holidays
from django.db.models import QuerySet

from kartini.office.models import HolidayOverride

SATURDAY = 5


def add_working_days(start: date, days: int) -> date:
    """The day that many working days after ``start``; the start itself does not count."""
    overrides = _overrides(start, start + timedelta(days=days * 3 + 40))
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= _is_working(day, overrides)
    return day


def working_days_between(first: date, last: date) -> int:
    """Working days after ``first`` up to and including ``last``; negative when ``last`` is earlier."""
    if last < first:
        return -working_days_between(last, first)
    overrides = _overrides(first, last)
    return sum(
        _is_working(first + timedelta(days=n), overrides) for n in range(1, (last - first).days + 1)
    )


def is_working_day(day: date) -> bool:
    return _is_working(day, _overrides(day, day))


def _overrides(first: date, last: date) -> dict[date, bool]:
    rows: QuerySet[HolidayOverride] = HolidayOverride.objects.filter(day_on__range=(first, last))
    return {row.day_on: row.working for row in rows}


def _is_working(day: date, overrides: dict[date, bool]) -> bool:
    known = overrides.get(day)
    if known is not None:
        return known
    return day.weekday() < SATURDAY and day not in _free_days(day.year)


@lru_cache(maxsize=40)
def _free_days(year: int) -> frozenset[date]:
    found: Iterable[date] = holidays.country_holidays(
        "ID", years=year, categories=("public", "government")
    )
    return frozenset(found)
