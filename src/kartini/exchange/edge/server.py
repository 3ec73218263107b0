"""The edge's own server: HTTP/1.1 on a socket, read by llhttp, one loop in each of the edge's processes.

No server of others stands between, because it cost half of what a call costs and said its own refusals without our
words. What is too large, too slow or no HTTP at all is answered here, with a sentence, and the connection ended.
"""

import asyncio
import logging
import signal
import socket
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import partial
from http import HTTPStatus

import httptools

from kartini.exchange.edge import framing
from kartini.exchange.edge.door import allow_many_files, let_in
from kartini.exchange.edge.http import (
    BODY_SECONDS,
    MOST_BODY,
    MOST_HEADERS,
    Header,
    Refused,
    Reply,
    Request,
)

logger = logging.getLogger(__name__)
Answering = Callable[[Request], Awaitable[Reply]]
TurningAway = Callable[[Refused, str], None]
HEAD_SECONDS, IDLE_SECONDS, TAKING_SECONDS, LINGER_SECONDS = 10.0, 75.0, 30.0, 2.0
STOP_SECONDS = 8.0
#: of a head, and of what is not body within a body: sizes and marks of chunks, lines behind the last one
MOST_HEAD, MOST_BESIDE_A_BYTE = 2 * MOST_HEADERS, 8
MOST_CONNECTIONS = 4_000
_LINES = {s.value: f"HTTP/1.1 {s.value} {s.phrase}\r\ncontent-type: " for s in HTTPStatus}
_REST = (
    "\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\n"
    "content-security-policy: default-src 'none'; frame-ancestors 'none'\r\n"
)
_BODILESS = {204, 304}
_FRAMING = {b"content-length", b"transfer-encoding"}


def _nobody_minds(_refused: Refused, _address: str) -> None:
    """For a server that nobody watches."""


class Server:
    """Every connection, and the one sweep that ends those whose time is over."""

    def __init__(self, answer: Answering, turned_away: TurningAway = _nobody_minds) -> None:
        self.answer, self.turned_away = answer, turned_away
        self.connections: set[Connection] = set()
        self.stopping = False
        self.sweep(0)

    async def run(self, entrance: socket.socket) -> None:
        """Until SIGTERM or SIGINT; then what is being answered is answered still."""
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        allow_many_files(MOST_CONNECTIONS)
        accepting = loop.create_task(let_in(entrance, lambda: Connection(self)))
        while not (stop.is_set() or accepting.done()):
            self.sweep(loop.time())
            try:
                await asyncio.wait_for(stop.wait(), 1)
            except TimeoutError:
                continue
        if not accepting.cancel():
            accepting.result()
        entrance.close()
        await self._finish(loop)

    def sweep(self, now: float) -> None:
        self.date = f"date: {formatdate(time.time(), usegmt=True)}\r\n"
        for connection in [one for one in self.connections if one.ends_at < now]:
            connection.is_over()

    async def _finish(self, loop: asyncio.AbstractEventLoop) -> None:
        self.stopping, until = True, loop.time() + STOP_SECONDS
        for connection in [*self.connections]:
            connection.close_if_idle()
        while self.connections and loop.time() < until:
            await asyncio.sleep(0.02)


@dataclass(slots=True, eq=False)
class Incoming:
    """A request while it comes in. ``names`` are those of its headers as they were sent."""

    target: bytes = b""
    headers: list[Header] = field(default_factory=list)
    names: list[bytes] = field(default_factory=list)
    body: list[bytes] = field(default_factory=list)
    size: int = 0
    is_whole: bool = False
    goes_on: bool = False
    is_http_1_1: bool = False
    stays: bool = False
    refusal: Refused | None = None
    arrived: asyncio.Future[None] | None = None

    def tell(self) -> None:
        if self.arrived is not None and not self.arrived.done():
            self.arrived.set_result(None)


class Connection(asyncio.Protocol):
    """Answers one request after the other. What a caller sends ahead waits unread."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._reading: Incoming | None = None
        self._waiting: deque[tuple[Incoming, str]] = deque()
        self._work: asyncio.Task[None] | None = None
        self._idle: asyncio.Future[None] | None = None
        self._bytes = 0
        self._ended = self._full = self._lost = self._half = self._lingers = False
        self._is_answering = self._is_told_again = False
        self.ends_at = self._loop.time() + HEAD_SECONDS

    # -- the socket's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        peer = transport.get_extra_info("peername")
        self._peer = str(peer[0]) if peer else ""
        self._server.connections.add(self)
        if len(self._server.connections) > MOST_CONNECTIONS:
            self._refuse(framing.TOO_MANY)

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        self._server.connections.discard(self)
        self._no_more()
        self._go_on()

    def eof_received(self) -> bool:
        """Half a request never becomes whole; one that is being answered is still answered."""
        self._half = True
        self._no_more()
        return self._is_answering

    def pause_writing(self) -> None:
        self._full = True
        self.ends_at = self._loop.time() + TAKING_SECONDS

    def resume_writing(self) -> None:
        self._full = False
        self.ends_at = self._loop.time() + IDLE_SECONDS

    def data_received(self, data: bytes) -> None:
        if self._ended:
            return
        self._bytes += len(data)
        rest: bytes | memoryview = data
        try:
            while rest:
                rest = self._fed(rest)
        except httptools.HttpParserError:
            self._refuse(framing.NOT_HTTP)
        else:
            self._measure()

    def _fed(self, data: bytes | memoryview) -> bytes | memoryview:
        """What is left for the parser. It stops where another protocol was wished for, which we pass over; so the
        framing is told to a new one again, that the body of such a request is never taken for the next request."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as other:
            reading, self._parser = self._reading, httptools.HttpRequestParser(self)
            framing = [each for each in reading.headers if each[0] in _FRAMING] if reading else []
            if reading is not None and framing:
                fields = b"".join(b"%b: %b\r\n" % each for each in framing)
                reading.is_whole, self._is_told_again = False, True
                self._parser.feed_data(b"POST / HTTP/1.1\r\n%b\r\n" % fields)
                self._is_told_again = False
            return memoryview(data)[other.args[0] :]
        return b""

    def _measure(self) -> None:
        """What does not end is not kept."""
        reading = self._reading
        if reading is None or reading.is_whole:
            return
        if self._bytes > MOST_HEAD + MOST_BESIDE_A_BYTE * reading.size:
            self._refuse(framing.NOT_HTTP if reading.goes_on else framing.TOO_LARGE)

    # -- the parser's side

    def on_message_begin(self) -> None:
        if self._is_told_again:
            return
        self._reading, self._bytes = Incoming(), 0
        if not self._is_answering:
            self.ends_at = self._loop.time() + HEAD_SECONDS

    def on_url(self, piece: bytes) -> None:
        reading = self._reading
        if reading is not None and not reading.goes_on:
            reading.target += piece

    def on_header(self, name: bytes, value: bytes) -> None:
        reading = self._reading
        if reading is not None and not reading.goes_on:
            reading.headers.append((name.lower(), value))
            reading.names.append(name)

    def on_headers_complete(self) -> None:
        reading = self._reading
        assert reading is not None  # noqa: S101
        if reading.goes_on:
            return
        reading.goes_on = True
        version, method = self._parser.get_http_version(), self._parser.get_method().decode()
        reading.is_http_1_1 = version == "1.1"
        reading.stays = reading.is_http_1_1 and self._parser.should_keep_alive()
        reading.refusal = framing.wrong(reading.target, reading.headers, version, method)
        self._waiting.append((reading, method))
        if self._is_answering:
            self._transport.pause_reading()
        else:
            self._is_answering = True
            self._go_on()

    def on_body(self, piece: bytes) -> None:
        reading = self._reading
        assert reading is not None  # noqa: S101
        reading.size += len(piece)
        if reading.size <= MOST_BODY:
            reading.body.append(piece)
        else:
            reading.body.clear()
            reading.tell()

    def on_message_complete(self) -> None:
        assert self._reading is not None  # noqa: S101
        self._reading.is_whole = True
        self._reading.tell()

    # -- answering

    def _go_on(self) -> None:
        """One task for each connection that asks at all: a new one for each request would cost more than its parsing."""
        if self._idle is not None and not self._idle.done():
            self._idle.set_result(None)
        elif self._work is None and not self._lost:
            self._work = self._loop.create_task(self._answer_all())

    async def _answer_all(self) -> None:
        """Until the connection ends. While nothing waits, it lies idle."""
        await self._answer_waiting()
        while not self._ended:
            self._idle = self._loop.create_future()
            await self._idle
            await self._answer_waiting()

    async def _answer_waiting(self) -> None:
        try:
            while self._waiting and not self._transport.is_closing():
                self.ends_at = float("inf")
                await self._answer(*self._waiting.popleft())
                while self._full and not self._lost:
                    await asyncio.sleep(0.05)
        except Exception:
            logger.exception("an answer could not be sent")
            self._transport.abort()
        finally:
            self._is_answering = False
        if self._ended and not self._lingers and not self._transport.is_closing():
            self._transport.close()

    async def _answer(self, incoming: Incoming, method: str) -> None:
        if incoming.refusal is not None:
            self._server.turned_away(incoming.refusal, self._peer)
            self._send(incoming.refusal.reply, method, stays=False)
            self._end(gently=True)
            return
        body, names = partial(self._body, incoming), incoming.names
        request = Request(method, incoming.target, incoming.headers, self._peer, body, names)
        reply = await self._server.answer(request)
        ends = self._server.stopping or (self._ended and not self._waiting)
        stays = incoming.stays and incoming.is_whole and not ends
        self._send(reply, method, stays=stays)
        if not stays:
            self._end(gently=not incoming.is_whole)
        elif not self._waiting:
            self._read_on()

    async def _body(self, incoming: Incoming, most: int) -> bytes:
        """All of it, within size and time."""
        if not incoming.is_whole:
            self._read_on()
            if incoming.is_http_1_1 and framing.is_expected(incoming.headers):
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            try:
                async with asyncio.timeout(BODY_SECONDS):
                    while not (incoming.is_whole or incoming.size > most or self._ended):
                        incoming.arrived = self._loop.create_future()
                        await incoming.arrived
            except TimeoutError:
                raise Refused(408, "Too slow", "The body did not come in time.") from None
        if incoming.size > most:
            raise Refused(413, "Too large", f"At most {most} bytes.")
        if not incoming.is_whole:
            raise Refused(400, "Bad request", "The connection ended within the body.")
        return b"".join(incoming.body)

    def _send(self, reply: Reply, method: str, *, stays: bool) -> None:
        fields = [f"{name}: {value}\r\n" for name, value in reply.headers.items()]
        begin = _LINES.get(reply.status) or f"HTTP/1.1 {reply.status} \r\ncontent-type: "
        if not stays:
            fields.append("connection: close\r\n")
        if reply.status not in _BODILESS:
            fields.append(f"content-length: {len(reply.body)}\r\n")
        said = "".join([reply.kind, *reply.headers.values()])
        if "\r" in said or "\n" in said:
            raise ValueError("a header of the answer has a line break")
        head = f"{begin}{reply.kind}{_REST}{self._server.date}{''.join(fields)}\r\n"
        self.ends_at = self._loop.time() + IDLE_SECONDS
        body = b"" if method == "HEAD" or reply.status in _BODILESS else reply.body
        self._transport.write(head.encode("latin-1", "replace") + body)

    # -- ending

    def _read_on(self) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def _no_more(self) -> None:
        self._ended = True
        if self._reading is not None:
            self._reading.tell()

    def _refuse(self, why: Refused) -> None:
        """What never became a request: an answer and the end, once what came before is answered."""
        self._no_more()
        self._server.turned_away(why, self._peer)
        if not (self._is_answering or self._transport.is_closing()):
            self._send(why.reply, "", stays=False)
            self._end(gently=True)

    def _end(self, *, gently: bool) -> None:
        """``gently``: who still sends gets our answer to the end, and a moment to stop."""
        self._ended = True
        self._waiting.clear()
        if gently and not (self._full or self._lost or self._half):
            self._lingers = True
            self._read_on()
            self._transport.write_eof()
            self.ends_at = self._loop.time() + LINGER_SECONDS
        else:
            self._transport.close()

    def close_if_idle(self) -> None:
        if not self._is_answering:
            self._transport.close()

    def is_over(self) -> None:
        """Its time is over: half a head gets a word, all others just the end."""
        reading = self._reading
        if not self._ended and not self._full and reading is not None and not reading.goes_on:
            self._refuse(framing.TOO_SLOW)
        else:
            self._transport.abort()
