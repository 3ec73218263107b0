"""Asking providers from the event loop: connections that stay open, limits on time and size, one new try when
an idle connection turns out to be dead and the call may be made twice.
"""

import asyncio
import ssl
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

import httptools
from django.utils.translation import gettext_noop

MOST_BYTES = 10 * 1024 * 1024
MOST_IDLE = 64
GLANCE_SECONDS = 0.05
NO_CONNECTION = gettext_noop("No connection: the machine does not answer at this address.")
NO_ADDRESS = gettext_noop("The address cannot be used: it has signs that no web address has.")
CLOSED = gettext_noop("The connection was closed before the answer was whole.")
NOT_HTTP = gettext_noop("The answer is not HTTP.")
TOO_LONG = gettext_noop("The answer is too long.")


class Failed(Exception):
    """No usable answer; says why."""


class Answer(NamedTuple):
    """``headers`` by lower-case name."""

    status: int
    kind: str
    body: bytes
    headers: Mapping[bytes, bytes]

    def said(self, name: str) -> str:
        """A header; empty when it is not there."""
        return self.headers.get(name.encode(), b"").decode("latin-1")


Place = tuple[str, str, int]
Resolve = Callable[[str, str, int], Awaitable[str]]


async def as_named(_scheme: str, host: str, _port: int) -> str:
    return host


class Upstream:
    """Idle connections by scheme, host and port. ``resolve`` says to which address to connect, or raises
    ``Failed``; ``most`` is how long an answer may be."""

    def __init__(self, *, most: int = MOST_BYTES, resolve: Resolve = as_named) -> None:
        self._most, self._resolve = most, resolve
        self._idle: dict[Place, list[_Line]] = defaultdict(list)
        self._asked: set[_Line] = set()
        self._watches = False
        self._tls: ssl.SSLContext | None = None

    async def ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        seconds: float,
        twice: bool,
    ) -> Answer:
        """Raises ``Failed`` or ``TimeoutError``. ``twice``: it may be sent again if a connection was stale."""
        place, message = _message(method, url, headers, body)
        until = asyncio.get_running_loop().time() + seconds
        idle = self._idle[place]
        while idle:
            line = idle.pop()
            if line.is_dead:
                continue
            try:
                return await self._talk(line, place, message, until)
            except Failed:
                if line.answered or not twice:
                    raise
                break
        async with asyncio.timeout_at(until):
            line = await self._connect(place)
        return await self._talk(line, place, message, until)

    async def _talk(self, line: "_Line", place: Place, message: bytes, until: float) -> Answer:
        self._watch(line, until)
        try:
            answer = await line.ask(message)
        except BaseException:
            line.close()
            raise
        finally:
            self._asked.discard(line)
        if line.stays_open and len(self._idle[place]) < MOST_IDLE:
            self._idle[place].append(line)
        else:
            line.close()
        return answer

    def _watch(self, line: "_Line", until: float) -> None:
        """One look now and then at all that are asked: a timer for each would cost more than the answer's parsing."""
        line.until = until
        self._asked.add(line)
        if not self._watches:
            self._watches = True
            asyncio.get_running_loop().call_later(GLANCE_SECONDS, self._look)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        for line in [line for line in self._asked if line.until < loop.time()]:
            line.fail(TimeoutError())
        self._watches = bool(self._asked)
        if self._watches:
            loop.call_later(GLANCE_SECONDS, self._look)

    async def _connect(self, place: Place) -> "_Line":
        scheme, host, port = place
        if scheme == "https" and self._tls is None:
            self._tls = ssl.create_default_context()
        tls = self._tls if scheme == "https" else None
        address = await self._resolve(scheme, host, port)
        try:
            loop = asyncio.get_running_loop()
            _transport, line = await loop.create_connection(
                lambda: _Line(self._most),
                address,
                port,
                ssl=tls,
                server_hostname=host if tls else None,
            )
        except OSError as fault:
            raise Failed(NO_CONNECTION) from fault
        return line


def _message(method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[Place, bytes]:
    """Where to, and what goes over the line."""
    try:
        place, host, path = _where(url)
        fields = [f"{name}: {value}\r\n" for name, value in headers.items()]
        if "host" not in headers:
            fields.insert(0, f"host: {host}\r\n")
        begin, end = f"{method} {path} HTTP/1.1\r\n", f"content-length: {len(body)}\r\n\r\n"
        return place, "".join([begin, *fields, end]).encode("latin-1") + body
    except (ValueError, KeyError):
        raise Failed(NO_ADDRESS) from None


_PORTS = {"http": 80, "https": 443}


@lru_cache(1024)
def _where(url: str) -> tuple[Place, str, str]:
    """Where to connect, what to call it, and what to ask for there."""
    parts = urlsplit(url)
    place = (parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme])
    return place, parts.netloc, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


_FRAMING = frozenset({b"content-length", b"transfer-encoding"})


class _Line(asyncio.Protocol):
    """One connection; one question at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._is_head = False
        self.is_dead = self.answered = self.stays_open = False
        self.until = 0.0
        self._begin()

    def ask(self, message: bytes) -> asyncio.Future[Answer]:
        self._begin()
        waiting: asyncio.Future[Answer] = self._loop.create_future()
        self._waiting, self._is_head = waiting, message.startswith(b"HEAD ")
        assert self._transport is not None  # noqa: S101 — create_connection has made it
        self._transport.write(message)
        return waiting

    def close(self) -> None:
        self.is_dead = True
        if self._transport is not None:
            self._transport.abort()

    def _begin(self) -> None:
        self._headers: dict[bytes, bytes] = {}
        self._pieces: list[bytes] = []
        self._size = 0
        self.answered = self._until_close = False

    # -- asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        if self._waiting is None or self._waiting.done():
            self.close()
            return
        self.answered = True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade, _TooLong):
            self.fail(Failed(TOO_LONG if self._size > self._most else NOT_HTTP))

    def connection_lost(self, exc: Exception | None) -> None:
        """The end of an answer that did not say how long it is; else it was cut off."""
        self.is_dead = True
        if exc is None and self._until_close:
            self.on_message_complete()
        else:
            self.fail(Failed(CLOSED))

    def fail(self, why: Exception) -> None:
        self.is_dead = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(why)

    # -- the parser's side

    def on_message_begin(self) -> None:
        """What comes behind the answer is no answer to what will be asked next."""
        self._headers = {}
        if self._waiting is None or self._waiting.done():
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value))
        self._headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        self._until_close = _FRAMING.isdisjoint(self._headers)
        if self._is_head:  # the parser would wait for the body that it says it would have had
            self.is_dead = True
            self.on_message_complete()

    def on_body(self, piece: bytes) -> None:
        self._count(len(piece))
        self._pieces.append(piece)

    def on_message_complete(self) -> None:
        self._until_close = False
        status = self._parser.get_status_code()
        if status < 200:  # a word ahead of the answer (RFC 9110, 15.2)
            return
        self.stays_open = not self.is_dead and self._parser.should_keep_alive()
        kind = self._headers.get(b"content-type", b"").decode("latin-1")
        answer = Answer(status, kind, b"".join(self._pieces), self._headers)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answer)

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > self._most:
            raise _TooLong


class _TooLong(Exception):
    """More than anybody needs to answer."""
