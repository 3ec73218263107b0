"""Writing the log on the spot: durable, never waiting for others, never long for a slow disk."""

import asyncio
import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from kartini.exchange import log
from kartini.exchange.log.here import Here
from kartini.exchange.log.sqlite import SqliteStore
from kartini.exchange.tests.outsider import Outsider


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "log.sqlite3")
    yield store
    store.close()


def entry() -> log.Entry:
    message = log.message(at=timezone.now(), method="POST", client="a", service="b", status=200)
    return log.Entry(message, [log.Subject("1", "ab")])


def lies_there(store: SqliteStore) -> int:
    return int(store.rows("SELECT count(*) FROM message")[0][0])


@contextmanager
def somebody_writes(store: SqliteStore) -> Iterator[None]:
    with store.path.with_suffix(".turn").open("rb") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def test_what_is_written_here_is_there_for_everybody(store: SqliteStore) -> None:
    assert Here(store).write([entry(), entry()])
    assert lies_there(SqliteStore(store.path)) == 2
    assert store.rows("SELECT count(*) FROM subject") == [(2,)]


def test_nobody_waits_for_the_turn_of_another_process(store: SqliteStore) -> None:
    begun = time.monotonic()
    with somebody_writes(store):
        assert not Here(store).write([entry()])
    assert time.monotonic() - begun < 1
    assert lies_there(store) == 0
    assert Here(store).write([entry()])


def test_nobody_waits_for_a_thread_of_his_own_process_either(store: SqliteStore) -> None:
    with store.turn():
        assert not Here(store).write([entry()])


def test_anothers_turn_is_waited_for_some_milliseconds_and_then_by_the_thread(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    ours = Here(store)
    assert not ours.may_soon()
    with somebody_writes(store):
        for now[0] in (1.0, 1.004):
            assert not ours.write([entry()])
            assert ours.may_soon()
        now[0] = 1.006
        assert not ours.write([entry()])
        assert not ours.may_soon()
        assert not ours.write([entry()])
        assert ours.may_soon()  # for the next message it begins anew
    assert ours.write([entry()])
    assert not ours.may_soon()


def test_where_nobody_takes_turns_there_is_nothing_to_wait_for(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "takes_turns", False)
    ours = Here(store)
    with somebody_writes(store):
        assert not ours.write([entry()])
    assert not ours.may_soon()


@pytest.mark.parametrize("seconds", [0.002, 0.05])
def test_the_edge_writes_what_had_to_wait_for_anothers_turn(
    outsider: Outsider, seconds: float
) -> None:
    store, said = outsider.state.log.store, entry()
    assert isinstance(store, SqliteStore)

    async def go() -> None:
        with somebody_writes(store):
            written = outsider.state.write(said)
            await asyncio.sleep(seconds)
            assert not written.done()
        await written

    outsider.loop.run_until_complete(go())
    assert store.message(said.message.id) is not None


def test_a_slow_disk_is_left_to_the_other_thread_for_a_hundred_times_as_long(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    ours, insert = Here(store), store.insert

    def slow(*how: Any) -> None:
        insert(*how)
        now[0] += 0.5

    monkeypatch.setattr(store, "insert", slow)
    assert ours.write([entry()])
    now[0] = 49.9
    assert not ours.write([entry()])
    now[0] = 50.1
    assert ours.write([entry()])
    assert lies_there(store) == 2


def test_what_cannot_be_written_here_is_not_half_there_and_tried_again_later(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    ours, twice = Here(store), entry()
    assert not ours.write([entry(), twice, twice])
    assert lies_there(store) == 0
    assert not ours.write([entry()])
    now[0] = 2.0
    assert ours.write([entry()])
