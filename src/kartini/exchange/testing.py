"""A quiet exchange for tests: facts are kept, and the test itself gives the answers."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, TypeVar
from unittest.mock import patch

from kartini.contracts import Contract, Event, Query
from kartini.exchange import bus

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
