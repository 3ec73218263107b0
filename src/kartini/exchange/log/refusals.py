"""Who was turned away before it was known who he is: counted by day, reason and disguised address.

Such a refusal is no message of the log, or anybody could fill the disk. A process tells at most ``MOST_NAMED``
addresses of a day apart, the rest are counted together; days older than ``KEPT`` are forgotten.
"""

import threading
from datetime import date, datetime, timedelta
from typing import NamedTuple

from kartini.exchange.log.keys import Keys
from kartini.exchange.log.store import Store

MOST_NAMED, KEPT = 100, timedelta(days=90)
OTHERS = ""
_ADD = (
    "INSERT INTO refusal (day, reason, source, calls, newest) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (day, reason, source) DO UPDATE "
    "SET calls = refusal.calls + excluded.calls, newest = excluded.newest"
)


class Refusal(NamedTuple):
    day: str
    reason: str
    source: str
    calls: int
    newest: str


class Refusals:
    """Counts in memory; ``flush`` writes what was counted since."""

    def __init__(self, store: Store, keys: Keys) -> None:
        self._store, self._keys = store, keys
        self._counts: dict[tuple[str, str], int] = {}
        self._named: set[str] = set()
        self._day: date | None = None
        self._lock = threading.Lock()

    def count(self, reason: str, address: str) -> None:
        source = self._keys.digest(address.encode()).rpartition(":")[2][:12]
        with self._lock:
            if source not in self._named and len(self._named) >= MOST_NAMED:
                source = OTHERS
            self._named.add(source)
            self._counts[reason, source] = self._counts.get((reason, source), 0) + 1

    def flush(self, at: datetime) -> None:
        """``at`` is local time."""
        with self._lock:
            counts, self._counts = self._counts, {}
            is_new = self._day != at.date()
            if is_new:
                self._day, self._named = at.date(), set()
        day, now = at.date().isoformat(), at.isoformat(timespec="seconds")
        rows = [(day, *key, calls, now) for key, calls in counts.items()]
        old = [((at.date() - KEPT).isoformat(),)] if is_new else []
        if rows or old:
            self._store.write((_ADD, rows), ("DELETE FROM refusal WHERE day < ?", old))

    def since(self, first: date) -> list[Refusal]:
        """Most frequent first."""
        found = self._store.rows(
            "SELECT day, reason, source, calls, newest FROM refusal WHERE day >= ? "
            "ORDER BY calls DESC LIMIT 1000",
            first.isoformat(),
        )
        return [Refusal(*row) for row in found]
