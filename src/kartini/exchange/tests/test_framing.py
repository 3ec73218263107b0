"""Where one request ends and the next begins: RFC 9110 and 9112, and what smugglers make of them.

Each message has a second request behind it, or within it. Nobody may get more answers than a proxy in front of us
would have asked for; what nginx 1.22 says to the same bytes was compared by hand.
"""

import asyncio
import re
import socket
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kartini.exchange.edge.http import Refused, Reply, Request
from kartini.exchange.edge.server import Connection, Server
from kartini.exchange.tests.line import Line

HOST = b"Host: x\r\n"
NEXT = b"GET /next HTTP/1.1\r\n" + HOST + b"\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
WISH = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"


def post(fields: bytes, body: bytes = b"", version: bytes = b"1.1", host: bytes = HOST) -> bytes:
    return b"POST /a HTTP/" + version + b"\r\n" + host + fields + body + NEXT


def length(said: bytes) -> bytes:
    return b"Content-Length: " + said + b"\r\n\r\n"


CORPUS = {
    "a body and what follows": (post(length(b"2"), b"ab"), [200, 200]),
    "chunks and what follows": (post(CHUNKED, b"2\r\nab\r\n0\r\n\r\n"), [200, 200]),
    "a mark behind a size": (post(CHUNKED, b"2;x=y\r\nab\r\n0\r\n\r\n"), [200, 200]),
    "a line behind the chunks": (post(CHUNKED, b"2\r\nab\r\n0\r\nX: y\r\n\r\n"), [200, 200]),
    "two ways to tell the length": (post(b"Content-Length: 4\r\n" + CHUNKED, b"0\r\n\r\n"), [400]),
    "and the other way round": (post(CHUNKED[:-2] + length(b"4"), b"0\r\n\r\n"), [400]),
    "two lengths": (post(b"Content-Length: 2\r\n" + length(b"2"), b"ab"), [400]),
    "a list of lengths": (post(length(b"2, 2"), b"ab"), [400]),
    "a length with a sign": (post(length(b"+2"), b"ab"), [400]),
    "a length in hexadecimal": (post(length(b"0x2"), b"ab"), [400]),
    "a length beyond counting": (post(length(b"18446744073709551617"), b"a"), [400]),
    "no length at all": (post(length(b"")), [400]),
    "a coding we do not know": (post(b"Transfer-Encoding: xchunked\r\n\r\n", b"0\r\n\r\n"), [501]),
    "one more before it": (post(b"Transfer-Encoding: gzip, chunked\r\n\r\n", b"0\r\n\r\n"), [501]),
    "in two lines": (post(b"Transfer-Encoding: gzip\r\n" + CHUNKED, b"0\r\n\r\n"), [501]),
    "chunks before there were any": (
        post(b"Connection: keep-alive\r\n" + CHUNKED, b"0\r\n\r\n", b"1.0"),
        [400],
    ),
    "a folded line": (post(b"Transfer-Encoding:\r\n chunked\r\n\r\n", b"0\r\n\r\n"), [400]),
    "a blank before the colon": (post(b"Content-Length : 2\r\n\r\n", b"ab"), [400]),
    "no carriage return": (post(b"X: y\nContent-Length: 2\r\n\r\n", b"ab"), [400]),
    "no line feed": (post(b"X: y\rContent-Length: 2\r\n\r\n", b"ab"), [400]),
    "a chunk with a sign": (post(CHUNKED, b"-2\r\nab\r\n0\r\n\r\n"), [400]),
    "a chunk beyond counting": (post(CHUNKED, b"FFFFFFFFFFFFFFFFF\r\nab\r\n0\r\n\r\n"), [400]),
    "a chunk that does not end": (post(CHUNKED, b"2\r\nabXX0\r\n\r\n"), [400]),
    "a size that ends too early": (post(CHUNKED, b"2\nab\r\n0\r\n\r\n"), [400]),
    "a wish for another protocol": (post(WISH + b"\r\n"), [200, 200]),
    "a body behind the wish": (post(WISH + length(b"%d" % len(NEXT)), NEXT), [200, 200]),
    "chunks behind the wish": (post(WISH + CHUNKED, b"2\r\nab\r\n0\r\n\r\n"), [200, 200]),
    "a wish without end": ((b"GET / HTTP/1.1\r\nHost: x\r\n" + WISH + b"\r\n") * 1500, [200] * 1500),
    "a tunnel": (b"CONNECT x:80 HTTP/1.1\r\n" + HOST + b"\r\n" + NEXT, [405]),
    "no host": (post(b"\r\n", host=b""), [400]),
    "two hosts": (post(HOST + b"\r\n"), [400]),
    "a host that is none": (post(b"\r\n", host=b"Host: a b/c\r\n"), [400]),
    "no host before there were any": (post(b"\r\n", version=b"1.0", host=b""), [200]),
    "an older one who would stay": (post(b"Connection: keep-alive\r\n\r\n", version=b"1.0"), [200]),
    "an end in the second line": (post(b"Connection: x\r\nConnection: close\r\n\r\n"), [200]),
    "no end, though it sounds like it": (post(b"Connection: disclose\r\n\r\n"), [200, 200]),
    "a version to come": (post(b"\r\n", version=b"2.0"), [505]),
    "a version of old": (post(b"\r\n", version=b"0.9"), [505]),
    "an address without end": (b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", [414]),
}  # fmt: skip

SHORT = sorted(name for name, (message, _expected) in CORPUS.items() if len(message) < 1_000)


async def echo(request: Request) -> Reply:
    try:
        return Reply(200, request.raw_path.encode() + b" " + await request.body(), "text/plain")
    except Refused as no:
        return no.reply


async def said(*pieces: bytes) -> Line:
    line, connection = Line(), Connection(Server(echo))
    connection.connection_made(line)
    for piece in pieces:
        connection.data_received(piece)
        await asyncio.sleep(0)
    while connection._is_answering:
        await asyncio.sleep(0)
    return line


def statuses(sent: bytes) -> list[int]:
    return [int(each) for each in re.findall(rb"HTTP/1\.1 (\d{3}) ", sent)]


@pytest.mark.parametrize("name", CORPUS)
def test_no_message_gets_more_answers_than_it_has_requests(name: str) -> None:
    message, expected = CORPUS[name]
    line = asyncio.run(said(message))
    assert statuses(line.sent) == expected
    assert line.is_closed == (expected[-1] != 200 or len(expected) == 1)


@given(name=st.sampled_from(SHORT), cuts=st.sets(st.integers(1, 200), max_size=6))
def test_a_smuggler_gains_nothing_by_cutting(name: str, cuts: set[int]) -> None:
    message, expected = CORPUS[name]
    places = [0, *sorted(cut for cut in cuts if cut < len(message)), len(message)]
    pieces = [message[a:b] for a, b in pairwise(places)]
    assert statuses(asyncio.run(said(*pieces)).sent) == expected


def test_a_body_behind_a_wish_for_another_protocol_is_read_as_the_body() -> None:
    """Java's client sends such a wish with each first POST, where there is no TLS."""
    message, _expected = CORPUS["a body behind the wish"]
    assert b"/a " + NEXT in asyncio.run(said(message)).sent


@pytest.mark.parametrize(
    ("target", "path"),
    [(b"http://x/b?c", b"/b"), (b"HTTPS://x", b"/"), (b"http://x?c", b"/"), (b"*", b"*")],
)
def test_an_address_may_name_the_host(target: bytes, path: bytes) -> None:
    line = asyncio.run(said(b"OPTIONS " + target + b" HTTP/1.1\r\n" + HOST + b"\r\n"))
    assert line.sent.endswith(path + b" ")


def test_who_waits_before_the_body_is_told_to_go_on_however_it_is_spelt() -> None:
    async def go() -> bytes:
        line, connection = Line(), Connection(Server(echo))
        connection.connection_made(line)
        fields = HOST + b"Expect: 100-Continue\r\n" + length(b"2")
        connection.data_received(b"POST / HTTP/1.1\r\n" + fields)
        await asyncio.sleep(0.01)
        connection.eof_received()
        return line.sent

    assert asyncio.run(go()).startswith(b"HTTP/1.1 100 Continue\r\n\r\n")


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_that_may_not_have_a_body_has_none(status: int) -> None:
    async def bodiless(_request: Request) -> Reply:
        return Reply(status, b"HTTP/1.1 200 OK\r\n\r\n")

    async def go() -> bytes:
        line, connection = Line(), Connection(Server(bodiless))
        connection.connection_made(line)
        connection.data_received(NEXT)
        await asyncio.sleep(0.01)
        return line.sent

    sent = asyncio.run(go())
    assert statuses(sent) == [status]
    assert b"content-length" not in sent
    assert sent.endswith(b"\r\n\r\n")


def test_who_still_sends_hears_why_it_was_refused() -> None:
    """A line that is closed with bytes unread is reset, and the answer with it."""

    async def go() -> bytes:
        loop, server = asyncio.get_running_loop(), Server(echo)
        door = await loop.create_server(lambda: Connection(server), "127.0.0.1", 0)
        sent = await asyncio.to_thread(send, door.sockets[0].getsockname())
        door.close()
        return sent

    def send(where: Any) -> bytes:
        head = b"POST / HTTP/1.1\r\n" + HOST + length(b"50000000")
        with socket.create_connection(where, timeout=5) as line:
            line.sendall(head + b"x" * 3_000_000)
            line.sendall(b"x" * 8_000_000)
            return line.makefile("rb").read()

    sent = asyncio.run(go())
    assert statuses(sent) == [413]
    assert sent.endswith(b"}")
