"""The demo is filled room by room."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kartini.site import prepare

TODAY = date(2026, 11, 24)


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
