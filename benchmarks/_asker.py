"""The process behind ``ask.py``: an empty handler asked serially, then by 32 callers at once."""

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from kartini.contracts import Contract, Purpose, Query
from kartini.exchange import bus, grants, log, registry
from kartini.exchange.log.postgres import PostgresStore

SECONDS = 4.0
CALLERS = 32


class Nothing(Contract):
    found: bool = True


class Empty(Query[Nothing]):
    """Nothing, as quickly as possible."""

    name = "bench-knower.empty.v1"
    nik: str = ""


def main() -> None:
    call_command("migrate", verbosity=0)
    registry.subsystem("bench-asker", member="dpmptsp", title="bench")
    registry.subsystem("bench-knower", member="disdukcapil", title="bench")
    registry.answers(Empty)(lambda _query: Nothing())
    registry.needs(Empty, asker="bench-asker", purpose=Purpose.GOVERNANCE, basis="benchmark")
    grants.declare(approve=True, at=timezone.now())
    ask()
    yardstick = per_second(bare_commit())
    serial = per_second(ask)
    used = time.process_time()
    many = per_second(ask, CALLERS)
    used = (time.process_time() - used) / (many * SECONDS)
    where = type(log.the_log().store).__name__.removesuffix("Store")
    print(f"bare commit on {where}, serial: {yardstick:,.0f}/s")
    print(f"ask, serial: {serial:,.0f}/s, ratio {serial / yardstick:.2f}")
    print(
        f"ask, {CALLERS} callers: {many:,.0f}/s, ratio {many / yardstick:.2f}, "
        f"{used * 1e6:.0f} µs of this process's processor each"
    )


def ask() -> None:
    bus.ask(
        Empty(nik="3320116204959002"),
        asker="bench-asker",
        purpose=Purpose.GOVERNANCE,
        subjects=["3320116204959002"],
    )


def bare_commit() -> Callable[[], object]:
    store: Any = log.the_log().store
    if isinstance(store, PostgresStore):
        line = store.connect()
        line.execute("DROP TABLE IF EXISTS bench")
        line.execute("CREATE TABLE bench (id bigserial primary key, words text)")
        return lambda: line.execute("INSERT INTO bench (words) VALUES (%s)", ("x" * 500,))
    file = sqlite3.connect(Path(settings.DATA_DIR) / "bare.sqlite3", isolation_level=None)
    file.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE bench (words TEXT)"
    )
    return lambda: file.execute("INSERT INTO bench VALUES (?)", ("x" * 500,))


def per_second(work: Callable[[], object], callers: int = 1) -> float:
    counts = [0] * callers
    end = time.perf_counter() + SECONDS

    def call(number: int) -> None:
        while time.perf_counter() < end:
            work()
            counts[number] += 1

    if callers == 1:
        call(0)
    else:
        threads = [threading.Thread(target=call, args=(number,)) for number in range(callers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return sum(counts) / SECONDS
