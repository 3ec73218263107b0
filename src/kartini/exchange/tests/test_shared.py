"""What several processes of the edge know together."""

import asyncio
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings

from kartini.exchange.edge.shared import LINE, Nonces, Rates
from kartini.exchange.edge.state import State
from kartini.exchange.signatures import Claim, NotSigned
from kartini.exchange.snapshot import Right
from kartini.kit.processes import HOPS

NOW = 1_795_486_440
CLAIM = Claim("kartini", (), "", NOW, "n1", "k1", b"")
TAKE_ALL = """
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from kartini.exchange.edge.shared import Nonces
from kartini.exchange.edge.state import State
from kartini.exchange.signatures import Claim, NotSigned
nonces = Nonces(Path(sys.argv[1]), 0)
for number in range(2000):
    try:
        nonces.take(Claim("", (), "", 1000 + number % 50, str(number), "k1", b""), 1000)
    except NotSigned:
        continue
    print(number)
"""


def test_a_signature_is_taken_once_and_only_in_its_time(tmp_path: Path) -> None:
    nonces = Nonces(tmp_path, NOW - 1000)
    nonces.take(CLAIM, NOW)
    for when, words in ((NOW, "before"), (NOW + 400, "clock"), (NOW - 100, "clock")):
        with pytest.raises(NotSigned, match=words):
            nonces.take(CLAIM, when)
    with pytest.raises(NotSigned, match="began"):
        Nonces(tmp_path, NOW + 10).take(replace(CLAIM, nonce="n2"), NOW + 10)


@pytest.mark.parametrize("ahead", [200, 400, 10**8])
def test_a_clock_that_ran_ahead_and_is_set_back_brings_no_used_signature_back(
    tmp_path: Path, ahead: int
) -> None:
    nonces, other = Nonces(tmp_path, NOW - 1000), Nonces(tmp_path, NOW - 1000)
    nonces.take(CLAIM, NOW)
    for one in (nonces, other):
        one.see(NOW + ahead)
    for minute in range(5):  # as the others come in, what no longer counts is swept
        at = NOW + ahead + 60 * minute
        nonces.take(replace(CLAIM, created=at, nonce=str(minute)), at)
        other.see(at)  # each looks at the clock every second
    for one in (nonces, other):
        with pytest.raises(NotSigned):
            one.take(CLAIM, NOW + 10)
        one.take(replace(CLAIM, created=NOW + 200, nonce=str(id(one))), NOW + 200)


def test_of_processes_that_race_for_signatures_one_gets_each(tmp_path: Path) -> None:
    racing = [
        subprocess.Popen(
            [sys.executable, "-c", TAKE_ALL, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    taken = Counter(number for one in racing for number in one.communicate()[0].split())
    assert len(taken) == 2000
    assert set(taken.values()) == {1}


def test_half_a_line_of_a_killed_process_is_written_over(tmp_path: Path) -> None:
    Nonces(tmp_path, 0).take(CLAIM, NOW)
    (sheet,) = tmp_path.iterdir()
    with sheet.open("ab") as file:
        file.write(b"half")
    later = Nonces(tmp_path, 0)
    later.take(replace(CLAIM, nonce="n2"), NOW)
    assert sheet.stat().st_size == 2 * LINE
    for nonce in ("n1", "n2"):
        with pytest.raises(NotSigned, match="before"):
            Nonces(tmp_path, 0).take(replace(CLAIM, nonce=nonce), NOW)


def test_sheets_that_no_longer_count_are_swept_away(tmp_path: Path) -> None:
    gone, stays = Nonces(tmp_path, 0), Nonces(tmp_path, 0)
    gone.take(CLAIM, NOW)
    for minutes in range(30):
        at = NOW + 60 * minutes
        stays.take(replace(CLAIM, created=at, nonce=str(minutes)), at)
    assert len([*tmp_path.iterdir()]) == 6


def test_the_rate_of_a_grant_is_counted_over_all_processes(tmp_path: Path) -> None:
    right = Right("7", "JPR/GOV/dinkes/simrs", "p", "b", frozenset(), None, 5)
    one, two = Rates(tmp_path), Rates(tmp_path)
    allowed = [rates.allows(right, NOW) for rates in (one, two, two, one, two, one, two)]
    assert allowed == [True] * 5 + [False] * 2
    assert one.allows(replace(right, grant_id="8"), NOW)
    assert one.allows(replace(right, per_minute=None), NOW)
    assert two.allows(right, NOW + 60)


def test_a_no_is_said_from_a_view_of_this_moment_and_a_yes_from_any(tmp_path: Path) -> None:
    """Another edge may know a grant that this one does not know yet."""
    began = time.monotonic()
    views = [SimpleNamespace(read_at=began - 1, known=who) for who in ("", "ani")]
    views += [SimpleNamespace(read_at=began + 60, known="ani budi")]
    told: Any = iter(views)
    state = State(lambda: next(told), tmp_path)

    def knows(who: str) -> str | None:
        return asyncio.run(state.surely(lambda view: who if who in view.known else None))  # type: ignore[attr-defined]

    assert [knows(who) for who in ("ani", "ani", "budi", "citra", "citra")] == [
        "ani",
        "ani",
        "budi",
        None,
        None,
    ]
    assert [*told] == []


def test_a_database_that_is_away_leaves_what_was_known(tmp_path: Path) -> None:
    reads = iter([SimpleNamespace(read_at=0.0, known="ani"), OSError("away")])

    def read_now() -> Any:
        found = next(reads)
        if isinstance(found, OSError):
            raise found
        return found

    state = State(read_now, tmp_path)
    assert asyncio.run(state.surely(lambda _view: None)) is None
    assert state.view.known == "ani"  # type: ignore[attr-defined]


def test_who_waits_for_its_turn_at_the_web_process_waits_within_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = most = 0

    async def slow(*_what: Any, seconds: float, **_how: Any) -> Any:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(min(seconds, 0.2))
        at_once -= 1
        return seconds

    async def ask(many: int, seconds: float) -> list[Any]:
        state = State(lambda: SimpleNamespace(), tmp_path)  # type: ignore[arg-type,return-value]
        monkeypatch.setattr(state.upstream, "ask", slow)
        calls = [state.ask_web("/x", "a.b.v1", b"", "1", seconds) for _ in range(many)]
        return await asyncio.gather(*calls, return_exceptions=True)

    told = asyncio.run(ask(3 * HOPS, 5.0))
    assert most == HOPS // settings.EXCHANGE_PROCESSES
    assert all(isinstance(left, float) for left in told)
    late = asyncio.run(ask(3 * HOPS, 0.1))
    assert sum(isinstance(one, TimeoutError) for one in late) > HOPS
