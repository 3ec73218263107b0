"""A circuit breaker: who failed five times in a row is left alone for a while, and then tried by one call."""

import threading
import time

FAILURES = 5
PAUSE = 10.0
PAUSE_HERE = 1.0
"""For our own web process, at no address: it comes back in seconds, and who asks it meanwhile waits for nothing."""
Provider = tuple[str, str]  # a service, and the address where it was asked for


class Breaker:
    """One in each process. What failed at one address says nothing of the same service at another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: dict[Provider, int] = {}
        self._closed_until: dict[Provider, float] = {}

    def lets(self, who: Provider) -> bool:
        """May it be tried? In the pause no; after it, one may, and the pause begins anew for the others."""
        if who not in self._closed_until:
            return True
        with self._lock:
            until = self._closed_until.get(who)
            if until is not None and time.monotonic() < until:
                return False
            if until is not None:
                self._closed_until[who] = _pause(who)
            return True

    def went(self, who: Provider, *, well: bool) -> None:
        if well and who not in self._failures:
            return
        with self._lock:
            if well:
                self._failures.pop(who, None)
                self._closed_until.pop(who, None)
                return
            self._failures[who] = self._failures.get(who, 0) + 1
            if self._failures[who] >= FAILURES:
                self._closed_until[who] = _pause(who)


def _pause(who: Provider) -> float:
    """Until when."""
    return time.monotonic() + (PAUSE if who[1] else PAUSE_HERE)
