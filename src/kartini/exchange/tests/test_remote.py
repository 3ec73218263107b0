"""A system at an address of its own: well behaved, slow, dying, lying."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from kartini.exchange import breaker, bus, grants, log, providers, signatures
from kartini.exchange.models import Service
from kartini.exchange.testing import OpenExchange
from kartini.exchange.tests.house import NIK, PURPOSE, House, Known, WhoIs

pytestmark = pytest.mark.django_db
GOOD = b'{"found": true, "name": "Siti Nur Aisyah", "new_in_v2": 1}'
Behaviour = Callable[[socket.socket, int], object]


class Elsewhere:
    """A raw server: each request is answered by ``behaviour(socket, number)``."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.connections = 0
        self.behaviour: Behaviour = reply(GOOD)
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}/who-is?a=1"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _address = self._door.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        with suppress(OSError), line, line.makefile("rb") as incoming:
            while incoming.readline():
                headers = {}
                while (text := incoming.readline().decode().strip()) != "":
                    name, _colon, value = text.partition(":")
                    headers[name.lower()] = value.strip()
                body = incoming.read(int(headers.get("content-length", "0")))
                self.requests.append((headers, body))
                if self.behaviour(line, len(self.requests)) is False:
                    return


def reply(body: bytes, status: str = "200 OK", length: int | None = None) -> Behaviour:
    said = len(body) if length is None else length

    def behave(line: socket.socket, _number: int) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {said}\r\n"
        line.sendall(head.encode() + b"\r\n" + body)

    return behave


def hang_up(line: socket.socket, number: int) -> bool:
    return False


def drip(line: socket.socket, number: int) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(100):
        time.sleep(0.1)
        line.sendall(b" ")


def flood(line: socket.socket, number: int) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(400):
        line.sendall(b" " * 65536)


@pytest.fixture
def elsewhere(house: House, exchange: OpenExchange) -> Iterator[Elsewhere]:
    """The knower was taken over by a system outside."""
    providers.breaker = breaker.Breaker()
    other = Elsewhere()
    Service.objects.filter(contract=WhoIs.name).update(url=other.url, milliseconds=1000)
    grants.forget()
    yield other
    other.close()


def ask() -> Known:
    return bus.ask(WhoIs(nik=NIK), asker="asker", purpose=PURPOSE, subjects=[NIK])


def last() -> log.Message:
    return log.search(limit=1)[0][1]


def test_the_caller_cannot_tell_that_the_answer_came_from_elsewhere(elsewhere: Elsewhere) -> None:
    assert ask() == Known(found=True, name="Siti Nur Aisyah")
    assert ask().model_fields_set == {"found", "name"}
    assert (last().status, last().contract) == (200, "knower.who-is.v1")
    assert log.messages_about(NIK)[0].id == last().id


def test_the_answerer_learns_who_asks_for_what_and_can_prove_it(elsewhere: Elsewhere) -> None:
    ask()
    headers, body = elsewhere.requests[0]
    assert json.loads(body) == {"nik": NIK}
    assert headers["x-road-client"] == "JPR/GOV/dpmptsp/asker"
    assert headers["x-road-service"].endswith("/knower.who-is.v1")
    assert headers["x-road-request-id"] == last().id
    assert headers["x-kartini-purpose"] == PURPOSE
    assert signatures.digest_holds(headers["content-digest"], body)
    claim = signatures.read(headers["signature-input"], headers["signature"])
    values: dict[str, Any] = {**headers, "@method": "POST", "@target-uri": elsewhere.url}
    public = bytes(log.the_log().keys.voice.verify_key)
    signatures.verify(claim, values, public, needed=signatures.REQUEST)


def test_a_connection_is_used_again_and_a_stale_one_is_replaced(elsewhere: Elsewhere) -> None:
    ask()
    ask()
    assert elsewhere.connections == 1

    def once_then_hang_up(line: socket.socket, number: int) -> Any:
        return hang_up(line, number) if number == 3 else reply(GOOD)(line, number)

    elsewhere.behaviour = once_then_hang_up
    assert ask().found
    assert elsewhere.connections == 2


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (hang_up, bus.ProviderFailed),
        (reply(b"{}", "500 Internal Server Error"), bus.ProviderFailed),
        (reply(b"", "302 Found"), bus.ProviderFailed),
        (reply(b"not json"), bus.ProviderFailed),
        (reply(b'{"found": "perhaps"}'), bus.ProviderFailed),
        (reply(b"[" * 100_000), bus.ProviderFailed),
        (reply(GOOD, length=len(GOOD) + 50), bus.TooSlow),
        (reply(GOOD, length=5), bus.ProviderFailed),
        (reply(GOOD, length=-5), bus.TooSlow),
        (drip, bus.TooSlow),
        (flood, bus.ProviderFailed),
        (lambda line, _n: line.sendall(b"SSH-2.0-OpenSSH\r\n"), bus.ProviderFailed),
        (lambda _line, _n: time.sleep(3), bus.TooSlow),
    ],
)
def test_bad_manners_elsewhere_are_named_logged_and_end_in_time(
    elsewhere: Elsewhere, behaviour: Behaviour, error: type[bus.Unanswered]
) -> None:
    elsewhere.behaviour = behaviour
    begun = time.monotonic()
    with pytest.raises(error):
        ask()
    assert time.monotonic() - begun < 4
    assert last().status == error.status
    elsewhere.behaviour = reply(GOOD)
    assert ask().found


def test_who_fails_again_and_again_is_left_alone_for_a_while(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere.behaviour = reply(b"", "503 Service Unavailable")
    for _ in range(breaker.FAILURES):
        with pytest.raises(bus.ProviderFailed):
            ask()
    with pytest.raises(bus.ProviderFailed, match="left alone"):
        ask()
    assert len(elsewhere.requests) == breaker.FAILURES
    elsewhere.behaviour = reply(GOOD)
    monkeypatch.setattr(time, "monotonic", lambda now=time.monotonic: now() + breaker.PAUSE)
    assert ask().found
    assert ask().found


def test_who_is_left_alone_is_left_alone_at_that_address_only(
    elsewhere: Elsewhere, house: House
) -> None:
    elsewhere.behaviour = reply(b"", "503 Service Unavailable")
    for _ in range(breaker.FAILURES):
        with pytest.raises(bus.ProviderFailed):
            ask()
    elsewhere.behaviour = reply(GOOD)
    Service.objects.update(url=elsewhere.url.replace("a=1", "b=1"))
    grants.forget()
    assert ask().found
    Service.objects.update(url="")
    grants.forget()
    assert ask() == house.everything


def test_nobody_at_the_address_is_said_so(elsewhere: Elsewhere) -> None:
    elsewhere.close()
    with pytest.raises(bus.ProviderFailed):
        ask()
    Service.objects.update(url="http://127.0.0.1:1/")
    grants.forget()
    with pytest.raises(bus.ProviderFailed):
        ask()


def test_what_was_taken_over_is_taken_back_by_one_row(elsewhere: Elsewhere, house: House) -> None:
    ask()
    Service.objects.update(url="")
    grants.forget()
    assert ask() == house.everything
    assert len(elsewhere.requests) == 1
