"""A house in trouble says so where somebody looks, loses nothing that was answered, and goes on by itself."""

import shutil
import sqlite3
import threading
from collections import namedtuple
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from kartini.exchange import heart, probes, worker
from kartini.exchange import log as logs
from kartini.exchange.log import writer
from kartini.exchange.log.sqlite import SqliteStore
from kartini.exchange.log.store import Entry
from kartini.exchange.tests.test_log import entry

Room = namedtuple("Room", ["total", "used", "free"])


class SmallDisk(SqliteStore):
    """``pages`` is what the disk holds; SQLite then says the same as on a full one."""

    pages = 1 << 30

    def connect(self, patience: float = 10) -> sqlite3.Connection:
        connection = super().connect(patience)
        connection.execute(f"PRAGMA max_page_count = {self.pages}")
        return connection


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[logs.Log]:
    """The log of this process, on a disk that can become full."""
    log = logs.Log(SmallDisk(tmp_path / "log.sqlite3"), folder=tmp_path, origin="o")
    monkeypatch.setattr(logs, "the_log", lambda: log)
    yield log
    log.close()


def not_written() -> float:
    return REGISTRY.get_sample_value("kartini_log_not_written_total") or 0.0


def fill(log: logs.Log) -> list[str]:
    """Write until the disk is full; the messages that were answered for."""
    answered: list[str] = []
    with pytest.raises(logs.NotDurable, match="full"):
        append_without_end(log, answered)
    return answered


def append_without_end(log: logs.Log, answered: list[str]) -> None:
    while True:
        made = entry(log)
        log.append(made)
        answered.append(made.message.id)


def test_a_full_disk_is_said_loses_nothing_and_is_over_when_there_is_room(ours: logs.Log) -> None:
    assert probes.unwritten() == ""
    ours.store.pages = 40  # type: ignore[attr-defined]
    before = not_written()
    answered = fill(ours)
    assert answered
    assert probes.unwritten() == "the message log cannot be written: the disk is full"
    assert not_written() == before + 1
    assert {m.id for _place, m in ours.search(limit=9999)} == {*answered}
    ours.store.pages = 1 << 30  # type: ignore[attr-defined]
    ours.append(entry(ours))
    assert probes.unwritten() == ""
    assert len(ours.search(limit=9999)) == len(answered) + 1


def test_what_was_not_written_long_ago_keeps_nobody_away(
    ours: logs.Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours.store.pages = 40  # type: ignore[attr-defined]
    fill(ours)
    monkeypatch.setattr(writer, "LATELY", 0.0)
    assert probes.unwritten() == ""


def test_a_disk_that_says_nothing_is_named(ours: logs.Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "LATELY", 0.0)
    hangs, goes_on = threading.Event(), threading.Event()

    def insert(connection: sqlite3.Connection, batch: list[Entry]) -> None:
        hangs.set()
        goes_on.wait(10)

    monkeypatch.setattr(ours.store, "insert", insert)
    ours.submit([entry(ours)], lambda fault: None)
    assert hangs.wait(5)
    assert probes.unwritten().startswith("the message log cannot be written: no answer from the")
    goes_on.set()


def test_no_room_is_said_before_anybody_tries_to_write(
    ours: logs.Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Room(100, 100, 4096))
    assert probes.unwritten() == "the disk is full"


def test_a_part_that_stumbles_again_and_again_gives_no_sign_of_life_and_says_why(
    ours: logs.Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, stumbled = threading.Event(), threading.Semaphore(0)

    def seal(part: worker.Part) -> None:
        while part.goes_on():
            stumbled.release()
            raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(stop, "wait", lambda _seconds: None)
    part = worker.Part("sealer", seal, stop)
    for _ in range(3):
        assert stumbled.acquire(timeout=5)
    seen = part.seen_at
    for _ in range(3):
        assert stumbled.acquire(timeout=5)
    assert part.seen_at == seen
    stop.set()
    part.join(5)
    monkeypatch.setattr(heart, "STALE_AFTER", timedelta(0))
    assert worker._idle([part]) == "sealer (OperationalError: database or disk is full)"


def test_a_part_that_ended_a_turn_after_a_stumble_is_well_again(ours: logs.Log) -> None:
    stop, times = threading.Event(), iter(range(9))

    def work(part: worker.Part) -> None:
        while part.goes_on():
            if next(times) == 0:
                raise ValueError("once")
            if part.fault == "":
                stop.set()

    part = worker.Part("outbox", work, stop)
    part.join(5)
    assert stop.is_set()
    assert part.fault == ""
    assert worker._idle([part]) == ""
