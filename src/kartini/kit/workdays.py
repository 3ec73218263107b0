"""Working-day arithmetic: Monday to Friday, without holidays, as changed by decrees.

Pure: which days are free and which are changed is given. The day on which something happens is not
counted; the next working day is day one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

import holidays

ONE_DAY = timedelta(days=1)
SATURDAY = 5
LONGEST_PAUSE = 366


class NoWorkingDay(Exception):
    """The calendar leaves no working day for a whole year: its overrides must be wrong."""


@dataclass(frozen=True)
class Calendar:
    """``overrides`` wins over everything: ``True`` makes a day a working day, ``False`` a free one."""

    free: Collection[date] = frozenset()
    overrides: Mapping[date, bool] = field(default_factory=dict)

    def is_working(self, day: date) -> bool:
        changed = self.overrides.get(day)
        if changed is not None:
            return changed
        return day.weekday() < SATURDAY and day not in self.free

    def add(self, start: date, days: int) -> date:
        """The day that is so many working days after ``start`` (before it, when negative).

        With 0 the answer is ``start`` itself, even when it is a free day.
        """
        step = ONE_DAY if days >= 0 else -ONE_DAY
        day, left, pause = start, abs(days), 0
        while left:
            day += step
            pause = 0 if self.is_working(day) else pause + 1
            left -= self.is_working(day)
            if pause > LONGEST_PAUSE:
                raise NoWorkingDay(start)
        return day

    def between(self, first: date, last: date) -> int:
        """How many working days lie after ``first``, up to and with ``last``; negative when ``last`` is earlier."""
        if last < first:
            return -self.between(last, first)
        days = (last - first).days
        return sum(self.is_working(first + timedelta(days=n)) for n in range(1, days + 1))


@lru_cache(maxsize=32)
def indonesian_holidays(year: int) -> frozenset[date]:
    """Public holidays and collective leave (cuti bersama) of one year, from the package ``holidays``.

    For years whose joint decree (SKB) is not out yet, moving feasts are the package's estimate and
    collective leave is missing: the yearly override table corrects both.
    """
    return frozenset(
        holidays.country_holidays("ID", years=year, categories=("public", "government"))
    )
