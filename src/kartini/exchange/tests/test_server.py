"""The edge's own server: HTTP as it is meant, HTTP as it is abused, and lines that fall silent."""

import asyncio
import json
from collections.abc import Iterator

import pytest

from kartini.exchange.edge import server
from kartini.exchange.edge.http import Refused, Reply, Request, text
from kartini.exchange.edge.server import Connection, Server
from kartini.exchange.tests.line import Answer, Line

GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"


async def echo(request: Request) -> Reply:
    """Answers with what came; ``/bad`` with a header that would become two."""
    try:
        body = await request.body()
    except Refused as no:
        return no.reply
    bad = {"x-bad": "a\r\nx-more: b"} if request.path == "/bad" else {}
    return Reply(200, f"{request.method} {request.path} ".encode() + body, "text/plain", bad)


class Talk:
    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.line = Line()
        self.loop.run_until_complete(self._begin())

    async def _begin(self) -> None:
        self.server = Server(echo)
        self.connection = Connection(self.server)
        self.connection.connection_made(self.line)

    def say(self, *pieces: bytes) -> "Talk":
        for piece in pieces:
            self.loop.call_soon(self.connection.data_received, piece)
            self.loop.run_until_complete(asyncio.sleep(0.002))
        return self

    @property
    def answer(self) -> Answer:
        return Answer(self.line.sent)

    def problem(self) -> tuple[int, bool]:
        """Its number, when it has our words, and whether the line ended."""
        said = json.loads(self.answer.body)
        assert said["status"] == self.answer.status
        assert said["detail"]
        assert self.answer.headers["connection"] == "close"
        return self.answer.status, self.line.is_closed


def test_what_never_became_a_request_is_told_to_who_counts() -> None:
    told: list[tuple[str, str]] = []

    async def over_long() -> None:
        counting = Server(echo, lambda refused, address: told.append((refused.title, address)))
        connection = Connection(counting)
        connection.connection_made(Line())
        connection.data_received(b"GET / HTTP/1.1\r\nX-Long: " + b"x" * 200_000)
        connection.data_received(b"x" * 200_000)

    asyncio.run(over_long())
    assert [title for title, _address in told] == ["Headers too large"]


@pytest.fixture
def talk() -> Iterator[Talk]:
    talk = Talk()
    yield talk
    talk.loop.call_soon(talk.connection.connection_lost, None)
    talk.loop.run_until_complete(asyncio.sleep(0.002))
    talk.loop.close()


def test_one_task_answers_all_of_a_line_and_ends_with_it(talk: Talk) -> None:
    for _ in range(3):
        talk.say(GET)
    assert talk.line.sent.count(b"200 OK") == 3
    assert len(asyncio.all_tasks(talk.loop)) == 1
    talk.connection.connection_lost(None)
    talk.say()
    talk.loop.run_until_complete(asyncio.sleep(0.002))
    assert not asyncio.all_tasks(talk.loop)


def test_a_request_is_answered_and_the_line_stays(talk: Talk) -> None:
    assert talk.say(GET).answer.body == b"GET /a "
    assert not talk.line.is_closed
    assert {"date", "content-security-policy", "content-length"} <= talk.answer.headers.keys()


@pytest.mark.parametrize("cut", range(1, len(GET), 5))
def test_it_does_not_matter_how_the_bytes_are_cut(talk: Talk, cut: int) -> None:
    assert talk.say(GET[:cut], GET[cut:]).answer.body == b"GET /a "


def test_what_is_asked_ahead_is_answered_in_its_order(talk: Talk) -> None:
    talk.say(b"".join(GET.replace(b"/a", f"/{n}".encode()) for n in range(50)))
    bodies = [part.partition(b"\r\n\r\n")[2] for part in talk.line.sent.split(b"HTTP/1.1")[1:]]
    assert bodies == [f"GET /{n} ".encode() for n in range(50)]
    assert not talk.line.is_paused


def test_a_body_that_was_begun_ahead_is_read_to_its_end(talk: Talk) -> None:
    talk.say(GET + b"POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
    assert not talk.line.is_paused
    assert talk.say(b"cd").line.sent.endswith(b"POST /b abcd")


def test_a_body_in_chunks_is_one_body(talk: Talk) -> None:
    head = (
        b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
    )
    talk.say(head)
    assert talk.line.sent == b"HTTP/1.1 100 Continue\r\n\r\n"
    talk.line.sent = b""
    assert talk.say(b"3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n").answer.body == b"POST /a abcde"


@pytest.mark.parametrize(
    ("first", "more", "closes"),
    [("1.1", "X: y", False), ("1.1", "Connection: close", True), ("1.0", "X: y", True)],
)
def test_the_line_ends_when_the_caller_wants_it(
    talk: Talk, first: str, more: str, closes: bool
) -> None:
    talk.say(f"GET /a HTTP/{first}\r\nHost: x\r\n{more}\r\n\r\n".encode())
    assert talk.answer.status == 200
    assert talk.line.is_closed == closes


def test_a_wish_for_another_protocol_is_passed_over(talk: Talk) -> None:
    upgrade = b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    assert talk.say(upgrade).answer.body == b"GET /a "
    talk.line.sent = b""
    assert talk.say(GET).answer.body == b"GET /a "


@pytest.mark.parametrize(
    ("message", "status"),
    [
        (b"GET / HTTP/1.1\r\nX-Long: " + b"x" * 1024 * 1024, 431),
        (b"GET / HTTP/1.1\r\n" + b"X-Many: 1\r\n" * 20_000, 431),
        (b"GET /" + b"x" * 1024 * 1024, 431),
        (b"NONSENSE\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), 400),
        (
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            400,
        ),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX-Id: a\x0bb\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX-Id : a\r\n\r\n", 400),
    ],
)
def test_what_is_not_http_gets_our_own_words_and_the_end(
    talk: Talk, message: bytes, status: int
) -> None:
    pieces = [message[at : at + 65_536] for at in range(0, len(message), 65_536)]
    assert talk.say(*pieces).problem() == (status, True)


def test_a_body_that_is_too_long_is_not_kept(talk: Talk) -> None:
    talk.say(
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n", *[b"x" * 500_000] * 6
    )
    assert talk.problem()[0] == 413
    assert talk.connection._reading is not None
    assert not talk.connection._reading.body


def test_bytes_between_chunks_are_counted_too(talk: Talk) -> None:
    """Else a mark behind the size of a chunk, or a line behind the last one, may grow as long as it likes."""
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    talk.say(head, b"1;" + b"x" * (server.MOST_HEAD + 100))
    assert talk.problem()[0] == 400


def test_nonsense_behind_a_good_request_ends_the_line_after_its_answer(talk: Talk) -> None:
    talk.say(GET + b"\x00\x01\x02\r\n\r\n")
    assert talk.answer.body == b"GET /a "
    assert talk.line.is_closed


def test_a_header_never_becomes_two(talk: Talk) -> None:
    talk.say(GET.replace(b"/a", b"/bad"))
    assert talk.line.sent == b""
    assert talk.line.is_closed


@pytest.mark.parametrize(
    ("said", "status"), [(b"", 0), (b"GET /a HT", 408), (GET, 200)], ids=["nothing", "half", "idle"]
)
def test_who_falls_silent_is_not_waited_for(talk: Talk, said: bytes, status: int) -> None:
    if said:
        talk.say(said)
    talk.server.sweep(talk.loop.time() + server.IDLE_SECONDS + 1)
    assert talk.line.is_closed
    assert status == (talk.answer.status if talk.line.sent else 0)


def test_too_many_connections_are_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 0)
    talk = Talk()
    assert talk.problem() == (503, True)
    talk.loop.close()


def test_what_is_being_answered_is_answered_before_the_end() -> None:
    async def slow(_request: Request) -> Reply:
        await asyncio.sleep(0.05)
        return text("late")

    async def go() -> tuple[Answer, int]:
        line, working = Line(), Server(slow)
        connection = Connection(working)
        connection.connection_made(line)
        connection.data_received(GET)
        await asyncio.sleep(0)
        ending = asyncio.create_task(working._finish(asyncio.get_running_loop()))
        while not line.is_closed:
            await asyncio.sleep(0.01)
        connection.connection_lost(None)
        await ending
        return Answer(line.sent), len(working.connections)

    answer, left = asyncio.run(go())
    assert (answer.body, answer.headers["connection"], left) == (b"late", "close", 0)
