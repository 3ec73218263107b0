"""Looking into a log of 1,000,000 messages of a month: search, figures, and what counting costs."""

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from kartini.exchange import log
from kartini.exchange.log import figures
from kartini.exchange.log.leaf import COLUMNS
from kartini.exchange.log.sqlite import SqliteStore

NAME = "Searching the message log (wanted: 200 ms at 1,000,000 messages)"
MESSAGES = 1_000_000
CLIENTS = [f"JPR/GOV/dinas{n}/system{n}" for n in range(12)]
SERVICES = [f"JPR/GOV/owner{n}/knower{n}/knower{n}.question.v1" for n in range(10)]


def run() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="kartini-bench-") as folder:
        store = SqliteStore(Path(folder) / "log.sqlite3")
        the_log = log.Log(store, folder=Path(folder), origin="bench")
        since = timezone.now() - timedelta(days=30)
        _fill(store, since)
        begun = time.perf_counter()
        while the_log.count():
            pass
        took = time.perf_counter() - begun
        blocks = figures.counted(store) // figures.BLOCK
        yield f"counting: {took / blocks * 1000:.1f} ms a block of {figures.BLOCK}, beside the calls"
        for name, look in _looks(the_log, since).items():
            yield f"{name}: {_median(look):.0f} ms"
        the_log.close()


def _looks(the_log: log.Log, since: datetime) -> dict[str, Callable[[], object]]:
    rare = "JPR/COM/vendor/simpus-vendor"
    today = timezone.localdate()
    month = since.date()
    return {
        "newest page": lambda: the_log.search(limit=51),
        "one client": lambda: the_log.search(client=CLIENTS[3], limit=51),
        "a client of one message in 20,000": lambda: the_log.search(client=rare, limit=51),
        "that client's failed events": lambda: the_log.search(
            client=rare, failed=True, method="EVENT", limit=51
        ),
        "failures of one client": lambda: the_log.search(client=CLIENTS[1], failed=True, limit=51),
        "a number": lambda: the_log.search(request="r-123457", limit=51),
        "calls of today, by pair": lambda: the_log.pairs(today, today),
        "calls of a month, by pair": lambda: the_log.pairs(month, today),
        "calls of a month, by day": lambda: the_log.by_day(month, today),
        "half and slowest twentieth of a month": lambda: the_log.paces("service", month, today),
    }


def _median(look: Callable[[], object], times: int = 5) -> float:
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        look()
        took.append(time.perf_counter() - begun)
    return sorted(took)[times // 2] * 1000


def _fill(store: SqliteStore, since: datetime) -> None:
    """Straight into the table: what is measured is looking, not writing."""
    dice = random.Random(3)
    begin = since
    insert = f"INSERT INTO message (tree_index, {', '.join(COLUMNS)}) VALUES ({', '.join('?' * (1 + len(COLUMNS)))})"
    with store.reading() as connection:
        connection.execute("PRAGMA synchronous=OFF")
        for first in range(0, MESSAGES, 10_000):
            connection.execute("BEGIN")
            connection.executemany(
                insert, [(n, *_message(n, begin, dice)) for n in range(first, first + 10_000)]
            )
            connection.execute("COMMIT")


def _message(n: int, begin: datetime, dice: random.Random) -> log.Message:
    at = begin + timedelta(days=30) * (n / MESSAGES)
    client = "JPR/COM/vendor/simpus-vendor" if n % 20_000 == 99 else CLIENTS[n % 12]
    return log.Message(
        1,
        f"{figures.first_id(at)[:13]}-7{n % 4096:03x}-8000-{n:012x}",
        at.isoformat(timespec="microseconds"),
        "ASK" if n % 3 else "EVENT",
        client,
        SERVICES[dice.randrange(2) + n % 12 % 9],
        200 if n % 40 else 502,
        request=f"r-{n}",
        microseconds=int(dice.lognormvariate(8, 0.5)),
        request_bytes=300,
        response_bytes=900,
    )
