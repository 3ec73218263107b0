"""What providers and addresses outside say that HTTP allows, and that it does not: on real sockets."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kartini.exchange import outward
from kartini.exchange.errors import TooSlow
from kartini.exchange.tests.test_remote import Elsewhere, ask, elsewhere
from kartini.exchange.upstream import Answer, Failed, Upstream

__all__ = ["elsewhere"]
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood"
EVIL = b"HTTP/1.1 200 OK\r\nX-Evil: 1\r\nContent-Length: 4\r\n\r\nevil"
HINT = b"HTTP/1.1 103 Early Hints\r\nX-Evil: 1\r\n\r\n"


@pytest.fixture
def other() -> Iterator[Elsewhere]:
    other = Elsewhere()
    yield other
    other.close()


def says(words: bytes) -> Any:
    return lambda line, _number: line.sendall(words)


def drips(words: bytes) -> Any:
    def drip(line: Any, _number: int) -> bool:
        for byte in words:
            line.sendall(bytes([byte]))
            time.sleep(0.05)
        return False

    return drip


def answers(url: str, *methods: str) -> list[Answer]:
    async def go() -> list[Answer]:
        upstream, found = Upstream(), []
        for method in methods:
            found.append(await upstream.ask(method, url, {}, b"", seconds=2, twice=False))
            await asyncio.sleep(0.05)
        return found

    return asyncio.run(go())


@pytest.mark.parametrize("ahead", [HINT, HINT + HINT, b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_a_word_ahead_is_not_the_answer(other: Elsewhere, ahead: bytes) -> None:
    other.behaviour = says(ahead + GOOD)
    found = answers(other.url, "POST", "POST")
    assert [(one.status, one.body) for one in found] == [(200, b"good")] * 2
    assert b"x-evil" not in found[0].headers
    assert other.connections == 1


def test_another_protocol_is_no_answer(other: Elsewhere) -> None:
    other.behaviour = says(b"HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
    with pytest.raises(Failed, match="not HTTP"):
        answers(other.url, "POST")


def test_what_comes_behind_an_answer_answers_nothing(other: Elsewhere) -> None:
    other.behaviour = lambda line, number: line.sendall(GOOD + EVIL if number == 1 else GOOD)
    first, second = answers(other.url, "POST", "POST")
    assert (first.body, second.body) == (b"good", b"good")
    assert b"x-evil" not in first.headers
    assert other.connections == 2


def test_an_answer_without_its_body_is_not_waited_for(other: Elsewhere) -> None:
    other.behaviour = says(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")
    begun = time.monotonic()
    assert [one.status for one in answers(other.url, "HEAD", "HEAD")] == [200, 200]
    assert time.monotonic() - begun < 1


@pytest.mark.django_db
def test_a_head_that_drips_is_not_waited_for_either(elsewhere: Elsewhere) -> None:
    elsewhere.behaviour = drips(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 100)
    begun = time.monotonic()
    with pytest.raises(TooSlow):
        ask()
    assert time.monotonic() - begun < 3, "it would go on for six seconds"


@pytest.mark.parametrize(
    "behaviour",
    [
        lambda _line, _number: False,
        says(b"SSH-2.0-OpenSSH\r\n"),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 2_000_000),
        drips(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"),
        drips(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100),
        lambda line, _number: line.sendall(GOOD[:-1]) and False,
    ],
)
def test_what_is_no_answer_is_called_so(
    other: Elsewhere, monkeypatch: pytest.MonkeyPatch, behaviour: Callable[..., Any]
) -> None:
    monkeypatch.setattr(outward, "SECONDS", 0.5)
    other.behaviour = behaviour
    begun = time.monotonic()
    with pytest.raises(outward.NoAnswer):
        outward.ask(other.url, b"x")
    assert time.monotonic() - begun < 2


def test_a_redirect_is_an_answer(other: Elsewhere) -> None:
    there = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    other.behaviour = says(there)
    assert outward.ask(other.url).status == 302
