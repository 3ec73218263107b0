from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kartini.kit.workdays import Calendar, NoWorkingDay, indonesian_holidays

days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
calendars = st.builds(
    Calendar,
    free=st.frozensets(days, max_size=30),
    overrides=st.dictionaries(days, st.booleans(), max_size=30),
)
counts = st.integers(1, 200)


@given(calendars, days, counts)
def test_counting_what_was_added_gives_it_back(calendar: Calendar, start: date, n: int) -> None:
    end = calendar.add(start, n)
    assert calendar.is_working(end)
    assert calendar.between(start, end) == n
    assert calendar.between(end, start) == -n


@given(calendars, days, counts, counts)
def test_adding_in_two_steps_is_adding_at_once(
    calendar: Calendar, start: date, n: int, more: int
) -> None:
    assert calendar.add(calendar.add(start, n), more) == calendar.add(start, n + more)


@given(calendars, days, counts)
def test_going_back_from_a_working_day_returns_to_it(
    calendar: Calendar, start: date, n: int
) -> None:
    working = calendar.add(start, 1)
    assert calendar.add(calendar.add(working, n), -n) == working


@given(calendars, days, days, days)
def test_spans_that_meet_add_up(calendar: Calendar, a: date, b: date, c: date) -> None:
    a, b, c = sorted((a, b, c))
    assert calendar.between(a, b) + calendar.between(b, c) == calendar.between(a, c)


@given(calendars, days)
def test_a_decree_wins_over_weekday_and_holiday(calendar: Calendar, day: date) -> None:
    for working in (True, False):
        changed = Calendar(calendar.free, {**calendar.overrides, day: working})
        assert changed.is_working(day) is working


def test_seven_working_days_from_a_thursday_pass_a_weekend() -> None:
    assert Calendar().add(date(2026, 11, 26), 7) == date(2026, 12, 7)


def test_a_calendar_without_working_days_is_refused_rather_than_searched_for_ever() -> None:
    start = date(2026, 1, 1)
    closed = {start + timedelta(days=n): False for n in range(800)}
    with pytest.raises(NoWorkingDay):
        Calendar(overrides=closed).add(start, 1)


def test_indonesia_rests_on_independence_day_and_at_collective_leave() -> None:
    assert date(2026, 8, 17) in indonesian_holidays(2026)
    assert date(2025, 12, 26) in indonesian_holidays(2025)  # cuti bersama Natal, SKB 2025
