"""A request and a reply, as raw ASGI knows them."""

import asyncio
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
MOST_BODY = 2 * 1024 * 1024
MOST_HEADERS = 32 * 1024
BODY_SECONDS = 10.0


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


def json(data: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(status, orjson.dumps(data), headers=headers)


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
        self.status, self.title, self.detail, self.headers = status, title, detail, headers

    @property
    def reply(self) -> Reply:
        return problem(self.status, self.title, self.detail, **self.headers)


class Request:
    """What came in. Query values and body are read only when asked for."""

    def __init__(self, scope: Mapping[str, Any], receive: Receive) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self._receive = receive
        self._scope = scope
        raw: bytes = scope.get("raw_path") or self.path.encode()
        #: as it was sent: percent signs and all
        self.raw_path = raw.decode("ascii", "replace").partition("?")[0]
        self.raw_query: str = scope["query_string"].decode("ascii", "replace")
        self.target = f"{self.raw_path}?{self.raw_query}" if self.raw_query else self.raw_path

    @property
    def peer(self) -> str:
        """The address that the connection comes from."""
        return str((self._scope.get("client") or [""])[0])

    @cached_property
    def headers(self) -> dict[str, str]:
        """By lower-case name; where one comes several times, the last counts."""
        raw: list[tuple[bytes, bytes]] = self._scope["headers"]
        if sum(len(name) + len(value) for name, value in raw) > MOST_HEADERS:
            raise Refused(431, "Headers too large", f"At most {MOST_HEADERS} bytes of headers.")
        found = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
        if any(not value.isprintable() for value in found.values()):
            raise Refused(400, "Bad request", "A header has characters that do not belong there.")
        return found

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

    async def body(self, most: int = MOST_BODY) -> bytes:
        """All of it, within size and time."""
        try:
            async with asyncio.timeout(BODY_SECONDS):
                message = await self._receive()
                body: bytes = message.get("body", b"")
                while message.get("more_body") and len(body) <= most:
                    message = await self._receive()
                    body += message.get("body", b"")
        except TimeoutError:
            raise Refused(408, "Too slow", "The body did not come in time.") from None
        if message["type"] == "http.disconnect":
            raise Refused(400, "Bad request", "The connection ended within the body.")
        if len(body) > most:
            raise Refused(413, "Too large", f"At most {most} bytes.", connection="close")
        return body
