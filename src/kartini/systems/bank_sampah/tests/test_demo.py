"""The demo's two years keep the books like any others, and can be filled again."""

from datetime import date, timedelta

import pytest

from kartini.contracts.bank_sampah import DepositRecorded
from kartini.exchange.testing import Post
from kartini.people import demo as people
from kartini.places import demo as places
from kartini.systems.bank_sampah import demo
from kartini.systems.bank_sampah.models import Deposit, Unit
from kartini.systems.bank_sampah.services.audit import audit

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize("day", range(7))
def test_the_last_saturday_has_passed_whatever_the_day(day: int) -> None:
    last = demo.last_saturday(TODAY + timedelta(days=day))
    assert last.weekday() == 5
    assert last < TODAY + timedelta(days=day)


def test_two_years_of_saturdays_fit_the_books(
    db: None, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "UNITS", 9)
    monkeypatch.setattr(demo, "DEPOSITORS", 9 * 45)
    places.fill(TODAY)
    people.fill(TODAY)
    story = demo.fill(TODAY)
    assert list(audit()) == []
    assert demo.fill(TODAY) == story
    assert Unit.objects.units().count() == 9
    assert {d.booked_on.weekday() for d in Deposit.objects.all()} == {5}
    assert {e.name.split(".")[1] for e in post.published} >= {"unit-opened", "deposit-recorded"}
    post.published.clear()
    demo.fill_scale(TODAY, 10 / 400, lambda part: None)
    assert Unit.objects.units().count() == 10
    heard = {e.unit for e in post.published if isinstance(e, DepositRecorded)}
    assert len(heard) == 1, "the new one is awake for its neighbours"
    assert list(audit()) == []
