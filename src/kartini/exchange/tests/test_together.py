"""What the edge hands to the log: many messages with one commit, and nobody told before it is done."""

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone

from kartini.exchange import log
from kartini.exchange.edge.state import State
from kartini.exchange.log.writer import Settle
from kartini.exchange.snapshot import Snapshot


class Desk:
    """A log that is told when its commits end, and how."""

    def __init__(self) -> None:
        self.handed: list[int] = []
        self.open: list[Settle] = []
        self.ends_at_once = True

    def submit(self, entries: Sequence[log.Entry], settle: Settle) -> None:
        self.handed.append(len(entries))
        if self.ends_at_once:
            settle(None)
        else:
            self.open.append(settle)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk()
    monkeypatch.setattr(log.the_log(), "submit", desk.submit)
    monkeypatch.setattr(log.the_log().here, "write", lambda _entries: False)
    return desk


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(lambda: Snapshot("JPR", date(2026, 11, 30)), tmp_path)


async def call(state: State, *, after: int) -> None:
    """Somebody whose answer is ready after so many rounds of the loop."""
    for _ in range(after):
        await asyncio.sleep(0)
    now = timezone.now()
    await state.write(
        log.Entry(log.message(at=now, method="POST", client="a", service="b", status=200))
    )


def test_who_is_about_to_be_answered_comes_along(state: State, desk: Desk) -> None:
    async def go() -> None:
        await asyncio.gather(*(call(state, after=rounds) for rounds in range(5)))

    asyncio.run(go())
    assert desk.handed == [5]


def test_who_comes_while_a_commit_is_under_way_shares_the_next(state: State, desk: Desk) -> None:
    async def go() -> None:
        desk.ends_at_once = False
        calls = [asyncio.create_task(call(state, after=rounds)) for rounds in (0, 9, 12, 15)]
        await asyncio.sleep(0.01)
        assert desk.handed == [1]
        assert not any(one.done() for one in calls)
        desk.open.pop()(None)
        await calls[0]
        await asyncio.sleep(0.01)
        assert desk.handed == [1, 3]
        desk.open.pop()(None)
        await asyncio.gather(*calls)

    asyncio.run(go())


def test_a_disk_that_says_nothing_keeps_nobody_for_ever(
    state: State, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "PATIENCE", 0.05)

    async def go() -> None:
        desk.ends_at_once = False
        calls = [asyncio.create_task(call(state, after=rounds)) for rounds in (0, 9)]
        ends = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 5)
        assert [type(end) for end in ends] == [log.NotDurable, log.NotDurable]
        desk.ends_at_once = True
        desk.open.pop()(None)
        await asyncio.sleep(0.01)
        await call(state, after=0)

    asyncio.run(go())
    assert desk.handed == [1, 1]


def test_what_is_written_on_the_spot_needs_no_other_thread(
    state: State, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []

    def write(entries: Sequence[log.Entry]) -> bool:
        written.append(len(entries))
        return True

    monkeypatch.setattr(log.the_log().here, "write", write)

    async def go() -> None:
        await asyncio.gather(*(call(state, after=rounds) for rounds in (0, 1, 30)))

    asyncio.run(go())
    assert (written, desk.handed) == ([2, 1], [])


def test_a_commit_that_fails_fails_its_own_and_the_next_goes_on(state: State, desk: Desk) -> None:
    async def go() -> None:
        desk.ends_at_once = False
        first = asyncio.create_task(call(state, after=0))
        await asyncio.sleep(0.01)
        desk.ends_at_once = True
        desk.open.pop()(OSError("disk full"))
        with pytest.raises(log.NotDurable, match="disk full"):
            await first
        await call(state, after=0)

    asyncio.run(go())
    assert desk.handed == [1, 1]
