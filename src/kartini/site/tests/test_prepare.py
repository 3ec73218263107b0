"""The demo is filled room by room."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from kartini.contracts.portal import RegisterTakenIn
from kartini.exchange.testing import Post
from kartini.kit import remembered
from kartini.people import demo as people
from kartini.site import prepare
from kartini.site.handlers import show_what_was_taken_in

TODAY = date(2026, 11, 24)


@pytest.mark.django_db
def test_a_system_that_is_added_later_is_filled_and_the_others_are_left_alone(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    rooms = ["kartini.people.demo"]
    told = SimpleNamespace(fill=lambda today: [f"filled on {today}"])
    monkeypatch.setattr(prepare, "import_module", lambda _name: told)
    monkeypatch.setattr(prepare, "demo_rooms", lambda: rooms)

    assert prepare.fill_demo(TODAY) == ["filled on 2026-11-24"]
    assert prepare.fill_demo(TODAY) == []

    rooms.append("kartini.systems.parkir.demo")
    assert prepare.unfilled_rooms() == ["kartini.systems.parkir.demo"]
    assert prepare.fill_demo(TODAY) == ["filled on 2026-11-24"]


def test_the_demo_dates_nothing_in_the_future_whatever_the_hour() -> None:
    midnight = timezone.make_aware(datetime.combine(TODAY, time()))
    for minutes in range(0, 24 * 60, 10):
        now = midnight + timedelta(minutes=minutes)
        assert now - timedelta(days=1) < people.morning(prepare.demo_day(now)) <= now


@pytest.mark.django_db
def test_a_large_import_is_stated_once_under_one_label(
    monkeypatch: pytest.MonkeyPatch, post: Post
) -> None:
    counted = iter([{"a.row": 1, "b.row": 5}, {"a.row": 3, "b.row": 5}])
    monkeypatch.setattr(prepare, "_counted", lambda: next(counted))
    monkeypatch.setattr(prepare, "demo_rooms", list)

    prepare.fill_scale(TODAY, 0.5)

    (said,) = post.published
    assert isinstance(said, RegisterTakenIn)
    assert said.label == "demo 0.5, 2026-11-24"
    assert said.rows == {"a.row": 2}


def test_what_was_kept_before_an_import_is_not_shown_after_it() -> None:
    before = remembered.turn.now()

    show_what_was_taken_in(RegisterTakenIn(**RegisterTakenIn.example))

    assert remembered.turn.now() != before
