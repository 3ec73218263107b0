"""Two exchanges for tests: a quiet one for a system alone, and an open one where the real bus works.

Quiet: facts are kept, and the test itself gives the answers. Open: what the installed systems declare
is granted, questions are logged, and the test says when deliveries are made.
"""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar
from unittest.mock import patch

from django.utils import timezone

from kartini.contracts import Contract, Event, Query
from kartini.exchange import bus, grants, outbox

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
