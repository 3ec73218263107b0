"""Every test of this room seals with keys of its own."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from kartini.people import demo, messages
from kartini.people.messages import Letter


@pytest.fixture(autouse=True)
def own_keys(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.DATA_DIR = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> list[Letter]:
    """What the account wrote to people."""
    written: list[Letter] = []
    monkeypatch.setattr(messages, "_carriers", [written.append])
    return written


@pytest.fixture
def jepara(db: None) -> date:
    """The demo's people; returns the day of the demo, which is today."""
    today = timezone.localdate()
    demo.fill(today)
    return today
