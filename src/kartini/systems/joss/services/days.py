"""The regency's working days, as the clock needs them: the decrees are read once a minute, whatever is asked."""

import time
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from kartini.office import calendar

KEPT_SECONDS = 60


@lru_cache(maxsize=1)
def _decreed(_minute: int) -> Mapping[date, bool]:
    return calendar.decreed()


def forget() -> None:
    """Read the decrees anew at the next question."""
    _decreed.cache_clear()


def between(first: date, last: date) -> int:
    """Working days after ``first`` up to and including ``last``; negative when ``last`` is earlier."""
    return calendar.working_days_between(first, last, _now())


def add(start: date, days: int) -> date:
    """The day that many working days after ``start``."""
    return calendar.add_working_days(start, days, _now())


def _now() -> Mapping[date, bool]:
    return _decreed(int(time.monotonic() // KEPT_SECONDS))
