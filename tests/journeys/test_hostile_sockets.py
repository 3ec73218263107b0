"""The edge on a real socket, and callers that do not keep to HTTP: each gets a no, nothing stops, nothing changes."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.journeys.nodes import free_ports, get, until

ROOT = Path(__file__).parents[2]
CONTRACT = "joss.permit-by-number.v1"
CLIENT = "JPR/GOV/dinkes/bench"
PATH = f"/r1/JPR/GOV/dpmptsp/joss/{CONTRACT}"
QUESTION = b'{"permit_number": "1"}'
PREPARE = "import django; django.setup(); from benchmarks import _outsider; _outsider.main()"
COUNT = "import django; django.setup(); from kartini.exchange import log; print(len(log.search(limit=10**6)))"
REFUSED = "import django; django.setup(); from datetime import date; from kartini.exchange import log; print(*[one.reason for one in log.the_log().refusals.since(date.min)])"
pytestmark = pytest.mark.timeout(180)


class Edge:
    """The edge as ``serve`` starts it, with one outside system, and a provider that answers everything."""

    def __init__(self, folder: Path) -> None:
        self.port, web = free_ports(2)
        self.asked = 0
        self._door = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._provide, daemon=True).start()
        self.environment = os.environ | {
            "KARTINI_DATA_DIR": str(folder),
            "KARTINI_LOG_IN": "file",
            "KARTINI_EXCHANGE_PORT": str(self.port),
            "KARTINI_WEB_PORT": str(web),
            "DJANGO_SETTINGS_MODULE": "kartini.site.settings",
        }
        self.environment.pop("KARTINI_DATABASE_URL", None)
        provider = f"http://127.0.0.1:{self._door.getsockname()[1]}/"
        secret = self.python(PREPARE, CONTRACT, provider).splitlines()[-1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kartini.exchange.edge"], env=self.environment
        )
        until(lambda: self.lives(), 60)
        self.token = self._token(secret)

    def python(self, code: str, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code, *words],
            env=self.environment, cwd=ROOT, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    def lives(self) -> bool:
        try:
            return "live" in get(f"http://127.0.0.1:{self.port}/live")
        except OSError:
            return False

    def head(self, *more: str, path: str = PATH, length: int = len(QUESTION)) -> bytes:
        lines = [
            f"POST {path} HTTP/1.1",
            "Host: localhost",
            f"X-Road-Client: {CLIENT}",
            f"Authorization: Bearer {self.token}",
            f"Content-Length: {length}",
            *more,
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n"

    def say(self, message: bytes, *, end: bool = False) -> bytes:
        """What comes back within a while; empty when the line is simply cut."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as line:
            answer = b""
            try:
                line.sendall(message)
                if end:
                    line.shutdown(socket.SHUT_WR)
                while piece := line.recv(65536):
                    answer += piece
                    head, gap, body = answer.partition(b"\r\n\r\n")
                    length = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
                    if gap and len(body) >= int(length or 0):
                        break
            except OSError:
                pass
            return answer

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(20)
        self._door.close()

    def _token(self, secret: str) -> str:
        basic = b64encode(secret.encode()).decode()
        request = Request(
            f"http://127.0.0.1:{self.port}/oauth2/token",
            b"grant_type=client_credentials",
            {"Authorization": f"Basic {basic}"},
        )
        with urlopen(request) as answer:
            return str(json.load(answer)["access_token"])

    def _provide(self) -> None:
        while True:
            try:
                line, _address = self._door.accept()
            except OSError:
                return
            with line:
                line.recv(65536)
                self.asked += 1
                body = b'{"found": true, "state": "valid"}'
                head = (
                    f"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
                )
                line.sendall(head.encode() + body)


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    edge = Edge(tmp_path_factory.mktemp("sockets"))
    yield edge
    edge.close()


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def test_a_good_call_is_answered_and_logged(edge: Edge) -> None:
    before = int(edge.python(COUNT))
    answer = edge.say(edge.head() + QUESTION)
    assert status(answer) == 200
    assert b"signature-input" in answer.lower()
    assert int(edge.python(COUNT)) == before + 1


@pytest.mark.parametrize("steps", ["/../other", "/%2e%2e/other", "/a%2fb", "/a%5cb", "//etc"])
def test_a_path_that_leads_away_is_refused_with_a_sentence(edge: Edge, steps: str) -> None:
    before = edge.asked
    answer = edge.say(edge.head(path=PATH + steps) + QUESTION)
    assert 400 <= status(answer) < 500
    said = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert said["type"].startswith("Client.")
    assert said["message"]
    assert edge.asked == before


@pytest.mark.parametrize(
    "message",
    [
        b"GET / HTTP/1.1\r\n" + b"X-Long: " + b"x" * 1024 * 1024 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X-Many: 1\r\n" * 20_000 + b"\r\n",
        b"GET /" + b"x" * 1024 * 1024 + b" HTTP/1.1\r\n\r\n",
        b"NONSENSE\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["1 MB header", "20,000 headers", "1 MB path", "nonsense", "TLS", "two lengths", "-5", "chunk"],
)  # fmt: skip
def test_what_is_not_http_gets_a_no_with_a_sentence(edge: Edge, message: bytes) -> None:
    answer = edge.say(message, end=True)
    assert status(answer) in {400, 405, 431}
    said = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert said["status"] == status(answer)
    assert said["detail"]
    assert edge.lives()


def test_what_was_turned_away_is_counted_for_the_console(edge: Edge) -> None:
    edge.say(b"GET / HTTP/1.1\r\n" + b"X-Long: " + b"x" * 1024 * 1024 + b"\r\n\r\n", end=True)
    edge.say(edge.head(path=PATH + "/../other") + QUESTION)
    wanted = {"Client.HeadersTooLarge", "Client.BadRequest"}
    until(lambda: wanted <= set(edge.python(REFUSED).split()))


@pytest.mark.parametrize(
    ("body", "wanted"),
    [(b"[" * 1_000_000, 400), (b'{"a":' * 300_000, 400), (b" " * 3_000_000, 413)],
    ids=["brackets", "objects", "3 MB"],
)
def test_a_bomb_of_json_is_refused(edge: Edge, body: bytes, wanted: int) -> None:
    before, begun = edge.asked, time.monotonic()
    assert status(edge.say(edge.head(length=len(body)) + body)) == wanted
    assert edge.asked == before
    assert time.monotonic() - begun < 20


def test_half_a_body_asks_nobody(edge: Edge) -> None:
    before = edge.asked
    assert status(edge.say(edge.head(length=100) + QUESTION, end=True)) == 400
    assert edge.asked == before
    assert status(edge.say(edge.head() + QUESTION)) == 200


def test_a_hundred_that_connect_and_say_nothing_hold_nobody_up(edge: Edge) -> None:
    silent = [socket.create_connection(("127.0.0.1", edge.port)) for _ in range(100)]
    for line in silent[:50]:
        line.sendall(edge.head(length=100)[:40])
    assert status(edge.say(edge.head() + QUESTION)) == 200
    for line in silent:
        line.close()
