"""How the worker learns at once that something was committed, without a broker."""

import threading
from typing import Any, Protocol

import psycopg
from django.db import connection

LONGEST = 1.0
GLANCE = 0.02


class Bell(Protocol):
    def wait(self, stop: threading.Event) -> None:
        """Return when something may have happened, at the latest after a second, or when to stop."""

    def close(self) -> None: ...


class Glance:
    """SQLite: ``data_version`` changes when another connection commits."""

    def __init__(self) -> None:
        self._seen = self._version()

    def wait(self, stop: threading.Event) -> None:
        for _ in range(int(LONGEST / GLANCE)):
            version = self._version()
            if version != self._seen:
                self._seen = version
                return
            if stop.wait(GLANCE):
                return

    def close(self) -> None:
        return

    def _version(self) -> int:
        connection.ensure_connection()
        found = connection.connection.execute("PRAGMA data_version").fetchone()
        return int(found[0])


class Listen:
    """PostgreSQL: NOTIFY is heard when the publisher's transaction commits."""

    def __init__(self, channel: str) -> None:
        where: dict[str, Any] = {**connection.get_connection_params()}
        for own in ("cursor_factory", "context", "prepare_threshold"):
            where.pop(own, None)
        self._line = psycopg.connect(**where, autocommit=True)
        self._line.execute(f"LISTEN {channel}")

    def wait(self, stop: threading.Event) -> None:
        for _ in range(5):
            if stop.is_set() or any(self._line.notifies(timeout=LONGEST / 5, stop_after=1)):
                return

    def close(self) -> None:
        self._line.close()


def bell(channel: str) -> Bell:
    return Listen(channel) if connection.vendor == "postgresql" else Glance()
