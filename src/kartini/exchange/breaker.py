"""A circuit breaker: who failed five times in a row is left alone for a while, and then tried by one call."""

import threading
import time

FAILURES = 5
PAUSE = 10.0


class Breaker:
    """One for each service, in each process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures: dict[str, int] = {}
        self._closed_until: dict[str, float] = {}

    def lets(self, service: str) -> bool:
        """May it be tried? In the pause no; after it, one may, and the pause begins anew for the others."""
        if service not in self._closed_until:
            return True
        with self._lock:
            until = self._closed_until.get(service)
            if until is not None and time.monotonic() < until:
                return False
            if until is not None:
                self._closed_until[service] = time.monotonic() + PAUSE
            return True

    def went(self, service: str, *, well: bool) -> None:
        if well and service not in self._failures:
            return
        with self._lock:
            if well:
                self._failures.pop(service, None)
                self._closed_until.pop(service, None)
                return
            self._failures[service] = self._failures.get(service, 0) + 1
            if self._failures[service] >= FAILURES:
                self._closed_until[service] = time.monotonic() + PAUSE
