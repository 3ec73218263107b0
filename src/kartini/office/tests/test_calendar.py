"""Working days: holidays, collective leave, and decrees that change them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from kartini.office import calendar
from kartini.office.tests.conftest import AT

pytestmark = pytest.mark.django_db


def decree(day: date, kind: str) -> None:
    calendar.set_day(day_on=day, kind=kind, name="Contoh", decree="SKB contoh", by=None, at=AT)


def test_weekends_holidays_and_collective_leave_do_not_count() -> None:
    # 24 December 2026 is collective leave, 25 Christmas, 26 and 27 a weekend
    assert calendar.add_working_days(date(2026, 12, 23), 1) == date(2026, 12, 28)
    assert calendar.working_days_between(date(2026, 12, 23), date(2026, 12, 28)) == 1


def test_a_decree_makes_a_day_free_or_working() -> None:
    decree(date(2026, 12, 28), "leave")
    decree(date(2026, 12, 24), "working")
    assert calendar.add_working_days(date(2026, 12, 23), 1) == date(2026, 12, 24)
    assert calendar.add_working_days(date(2026, 12, 24), 1) == date(2026, 12, 29)


def test_a_later_decree_replaces_and_taking_it_out_restores() -> None:
    day = date(2026, 12, 28)
    decree(day, "leave")
    decree(day, "working")
    assert calendar.is_working_day(day)
    decree(day, "holiday")
    assert not calendar.is_working_day(day)
    calendar.clear_day(day_on=day, by=None, at=AT)
    assert calendar.is_working_day(day)


def test_the_year_is_listed_with_its_decrees() -> None:
    decree(date(2026, 12, 28), "leave")
    listed = {day.day_on: day for day in calendar.of_year(2026)}
    assert listed[date(2026, 8, 17)].name == "Hari Kemerdekaan Republik Indonesia"
    assert listed[date(2026, 12, 28)].decree == "SKB contoh"


class Counting(TestCase):
    @hypothesis_settings(max_examples=40, deadline=None)
    @given(st.dates(date(2019, 1, 1), date(2030, 1, 1)), st.integers(0, 300))
    def test_counting_back_gives_what_was_added(self, start: date, days: int) -> None:
        end = calendar.add_working_days(start, days)
        assert calendar.working_days_between(start, end) == days
        assert calendar.working_days_between(end, start) == -days

    @hypothesis_settings(max_examples=40, deadline=None)
    @given(st.dates(date(2019, 1, 1), date(2030, 1, 1)), st.integers(0, 400), st.integers(0, 400))
    def test_spans_add_up(self, start: date, first: int, second: int) -> None:
        middle = start + timedelta(days=first)
        end = middle + timedelta(days=second)
        whole = calendar.working_days_between(start, end)
        parts = calendar.working_days_between(start, middle)
        assert whole == parts + calendar.working_days_between(middle, end)
