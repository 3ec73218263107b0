"""Writing the log on the caller's own thread, for an event loop (ADR 0016).

Waking another thread costs more than a quick commit does; a slow commit would keep everybody waiting. So it is done
here only while the turn is free, and a slow one is paid for: a hundred times as long the writer's thread is asked
instead. A loop stands still for a slow disk one hundredth of its time at most. While another process has the turn,
a loop goes on with its other work for some milliseconds and tries again.
"""

import logging
import time
from collections.abc import Sequence

from kartini.exchange.log.store import Entry, Store

SLOW_SECONDS, PAID_FOR, REST_SECONDS, SOON_SECONDS = 0.01, 100, 1.0, 0.005
logger = logging.getLogger(__name__)


class Here:
    """For one thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._not_before = 0.0
        #: since when another has the turn, as far as we tried
        self._taken_at: float | None = None

    def write(self, entries: Sequence[Entry]) -> bool:
        """Are they on disk now? If not, none of them is, and the writer's thread is to be asked."""
        begun = time.monotonic()
        if begun < self._not_before:
            return False
        taken_at, self._taken_at = self._taken_at, None
        try:
            with self._store.free_turn() as connection:
                if connection is not None:
                    self._store.insert(connection, entries)
        except Exception:
            logger.exception("the message log cannot be written here")
            self._not_before = begun + REST_SECONDS
            return False
        if connection is None:
            self._taken_at = (taken_at or begun) if self._store.takes_turns else None
            return False
        took = time.monotonic() - begun
        if took > SLOW_SECONDS:
            self._not_before = begun + took * PAID_FOR
        return True

    def may_soon(self) -> bool:
        """Is it worth while to try again in a moment, because nothing but another's turn is in the way?"""
        if self._taken_at is None or time.monotonic() - self._taken_at > SOON_SECONDS:
            self._taken_at = None
            return False
        return True
