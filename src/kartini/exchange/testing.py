"""Two exchanges for tests: a quiet one for a system alone, and an open one where the real bus works.

Quiet: facts are kept, and the test itself gives the answers. Open: what the installed systems declare
is granted, questions are logged, and the test says when deliveries are made.
"""

import http.server
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ClassVar, TypeVar
from unittest.mock import patch

from django.utils import timezone

from kartini.contracts import Contract, Event, Query
from kartini.exchange import breaker, bus, grants, outbox, providers

Answer = TypeVar("Answer", bound=Contract)


class Post:
    """What a test sees of the exchange."""

    def __init__(self) -> None:
        self.published: list[Event] = []
        self.asked: list[Query[Any]] = []
        self._answers: dict[str, Any] = {}

    def answer(self, query: type[Query[Answer]], value: Answer | Exception) -> None:
        """From now on, this is the answer (or the exception that is raised)."""
        self._answers[query.name] = value

    def ask(self, query: Query[Any], **_how: Any) -> Any:
        self.asked.append(query)
        value = self._answers.get(query.name, bus.Unanswered(query.name))
        if isinstance(value, Exception):
            raise value
        return value


@contextmanager
def quiet_exchange() -> Generator[Post]:
    """Within: ``bus.publish`` and ``bus.ask`` reach only the ``Post``."""
    post = Post()
    with patch.object(bus, "publish", post.published.append), patch.object(bus, "ask", post.ask):
        yield post


class OpenExchange:
    """The real one, in step with the test."""

    def deliver_all(self, at: datetime | None = None) -> int:
        """Hand over everything that is due, and what follows from it."""
        total = 0
        while handed := outbox.deliver(at=at or timezone.now()):
            total += handed
        return total


@contextmanager
def open_exchange() -> Generator[OpenExchange]:
    """Within: everything that the installed systems declare is granted. Needs the database."""
    grants.declare(approve=True, at=timezone.now())
    try:
        yield OpenExchange()
    finally:
        grants.forget()


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """A system of another maker: to every question it gives the one ``answer`` that the test has set."""

    answer: ClassVar[bytes] = b""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", str(len(self.answer)))
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *_words: Any) -> None:
        """Tests are quiet."""


@contextmanager
def system_elsewhere() -> Generator[str]:
    """Within: ``Elsewhere`` answers at the address that is given, and no breaker remembers an earlier test."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with patch.object(providers, "breaker", breaker.Breaker()):
        yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
