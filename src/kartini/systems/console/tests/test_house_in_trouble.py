"""The console's first page says in plain words what is wrong with the house, and who is to do what."""

import shutil
from collections import namedtuple
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from kartini.exchange import heart, log
from kartini.exchange.testing import OpenExchange
from kartini.people.models import User
from kartini.systems.console.tests.test_console import ask, heard, house, officer, page
from kartini.systems.console.views import overview

__all__ = ["heard", "house", "officer"]
pytestmark = pytest.mark.django_db
Room = namedtuple("Room", ["total", "used", "free"])


def test_little_room_is_told_before_it_is_gone(
    client: Client, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Room(9, 9, 3 * 10**9))
    assert "Ruang diska hampir habis" not in page(client, "overview")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Room(9, 9, 1536 * 2**20))
    text = page(client, "overview")
    assert "Ruang diska hampir habis" in text
    assert "1,5\xa0GB" in text


def test_a_log_that_cannot_be_written_is_told(
    client: Client, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log.Log, "trouble", lambda _self: "the disk is full")
    text = page(client, "overview")
    assert "Catatan pesan tidak dapat ditulis" in text
    assert "Apa yang tidak dapat dicatat tidak dijawab" in text


def test_messages_that_wait_too_long_for_their_seal_are_told(
    client: Client, officer: User, exchange: OpenExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    heart.beat({"outbox": timezone.now()})
    log.the_log().sealer.seal(timezone.now())
    ask()
    assert "Catatan tidak disegel" not in page(client, "overview")
    monkeypatch.setattr(overview, "SEALED_WITHIN", timedelta(0))
    assert "Catatan tidak disegel" in page(client, "overview")
