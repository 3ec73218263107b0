"""The regency's working days, as the clock needs them: the office's calendar, remembered for a minute."""

import time
from datetime import date
from functools import lru_cache

from kartini.office import calendar

KEPT_SECONDS = 60


@lru_cache(maxsize=4096)
def _between(first: date, last: date, _minute: int) -> int:
    return calendar.working_days_between(first, last)


@lru_cache(maxsize=4096)
def _add(start: date, days: int, _minute: int) -> date:
    return calendar.add_working_days(start, days)


def between(first: date, last: date) -> int:
    """Working days after ``first`` up to and including ``last``; negative when ``last`` is earlier."""
    return _between(first, last, int(time.monotonic() // KEPT_SECONDS))


def add(start: date, days: int) -> date:
    """The day that many working days after ``start``."""
    return _add(start, days, int(time.monotonic() // KEPT_SECONDS))
