"""A request and a reply, as raw ASGI knows them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

import orjson

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
ALWAYS = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes = b""
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    async def leave(self, send: Send, *, without_body: bool = False) -> None:
        headers = [
            (b"content-type", self.kind.encode()),
            (b"content-length", str(len(self.body)).encode()),
            *ALWAYS,
            *((name.encode(), value.encode()) for name, value in self.headers.items()),
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if without_body else self.body})


def json(data: Any, status: int = 200) -> Reply:
    return Reply(status, orjson.dumps(data))


def text(words: str) -> Reply:
    return Reply(200, words.encode(), "text/plain; charset=utf-8")


def problem(status: int, title: str, detail: str, **headers: str) -> Reply:
    """RFC 9457."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Reply(status, orjson.dumps(body), "application/problem+json", headers)


class Refused(Exception):
    """The request cannot be answered, and why."""

    def __init__(self, status: int, title: str, detail: str, **headers: str) -> None:
        super().__init__(title)
        self.reply = problem(status, title, detail, **headers)


class Request:
    """What came in. Query values are read only when asked for."""

    def __init__(self, scope: Mapping[str, Any], receive: Receive) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.receive = receive
        self._scope = scope

    @cached_property
    def query(self) -> dict[str, str]:
        try:
            return dict(parse_qsl(self._scope["query_string"].decode("ascii"), max_num_fields=20))
        except ValueError:
            raise Refused(400, "Bad request", "The query cannot be read.") from None

    def number(self, name: str, least: int = 0) -> int:
        """A query value that must be a whole number of ordinary size."""
        given = self.query.get(name, "")
        if not (given.isascii() and given.isdigit() and len(given) <= 15 and int(given) >= least):
            raise Refused(400, "Bad request", f"{name} must be a whole number from {least}.")
        return int(given)
