"""The connector against the real stand-in server, and against servers that misbehave on the wire."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date
from http.client import HTTPConnection
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kartini.contracts.dukcapil import Resident, ResidentByNik
from kartini.exchange import bus
from kartini.systems.dukcapil import client, demo, handlers

SITI = "3320116204959002"


def free_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The stand-in, in a process of its own."""
    number, home = free_port(), tmp_path_factory.mktemp("outside")
    environment = {
        **os.environ,
        "KARTINI_DATA_DIR": str(home),
        "PYTHONPATH": str(Path(__file__).parents[4]),
    }
    alone = (
        "from kartini_outside import dukcapil, server;"
        f"server.make_server({{'dukcapil': dukcapil.answer}}, {number}).serve_forever()"
    )
    server = subprocess.Popen([sys.executable, "-c", alone], env=environment)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", number)) == 0:
                    break
            time.sleep(0.05)
        yield number
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture
def registry(port: int, settings: object) -> Iterator[Callable[..., None]]:
    """The connector's settings point to the stand-in; the value sets its fault."""
    settings.DUKCAPIL_URL = f"http://127.0.0.1:{port}/dukcapil"  # type: ignore[attr-defined]
    client.breaker.reset()

    def fault(mode: str, seconds: float = 5) -> None:
        with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as wire:
            body = json.dumps({"mode": mode, "seconds": seconds})
            wire.request("POST", "/dukcapil/faults", body, {"Content-Type": "application/json"})
            assert wire.getresponse().status == 200

    yield fault
    fault("none")
    client.breaker.reset()


@contextmanager
def rude_server(settings: object, deed: Callable[[socket.socket], None]) -> Iterator[None]:
    """Accepts one connection, reads the question, and does the deed."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        settings.DUKCAPIL_URL = f"http://127.0.0.1:{server.getsockname()[1]}/dukcapil"  # type: ignore[attr-defined]

        def serve() -> None:
            wire, _ = server.accept()
            with closing(wire):
                heard = b""
                while not heard.endswith(b"}"):
                    heard += wire.recv(65536)
                try:
                    deed(wire)
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        client.breaker.reset()
        try:
            yield
        finally:
            client.breaker.reset()
            thread.join(5)


def ask(nik: str = SITI) -> Resident:
    answer: Resident = handlers.resident_by_nik(ResidentByNik(nik=nik))
    return answer


@pytest.mark.django_db
def test_a_resident_is_answered_in_our_words(registry: Callable[..., None]) -> None:
    assert ask() == Resident(
        found=True,
        name="Siti Nur Aisyah",
        birth_place="Jepara",
        birth_on=date(1995, 4, 22),
        sex="F",
        address="RT 03 RW 02, Desa Tahunan",
        village_code="33.20.11.2012",
        status="alive",
    )


@pytest.mark.django_db
def test_the_dead_the_moved_and_the_long_named_are_told_apart(
    registry: Callable[..., None],
) -> None:
    assert ask("3320071005489006").status == "dead"
    assert ask("3320087011909007").status == "moved"
    long_named = ask("3320064805739014")
    assert long_named.name == "Rr. Siti Ma'rifatun Nur Khasanah Kusumaningtyas"
    assert long_named.address == "Jl. Dr. Sutomo No. 12, RT 01 RW 02, Kelurahan Bulu"
    assert ask("3320117112249017").birth_on == date(1924, 12, 31)


def test_an_unknown_nik_is_not_found_which_is_an_answer(registry: Callable[..., None]) -> None:
    assert ask("3320110101019999") == Resident(found=False)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("down", client.Unreachable),
        ("garbage", client.Garbled),
        ("oversized", client.TooLarge),
        ("stranger", client.Garbled),
    ],
)
def test_a_registry_in_trouble_is_named_and_never_believed(
    registry: Callable[..., None], fault: str, error: type[client.NoAnswer]
) -> None:
    registry(fault)
    with pytest.raises(error):
        client.resident(SITI)
    with pytest.raises(bus.Unanswered, match=error.__name__):
        ask()


def test_a_slow_registry_is_given_up_in_time(
    registry: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "TOTAL_SECONDS", 0.3)
    registry("slow", 1)
    started = time.monotonic()
    with pytest.raises(client.TooSlow):
        client.resident(SITI)
    assert time.monotonic() - started < 0.9


def test_a_wrong_key_and_a_closed_port_have_names(
    registry: Callable[..., None], settings: object
) -> None:
    settings.DUKCAPIL_KEY = "wrong"  # type: ignore[attr-defined]
    with pytest.raises(client.KeyRefused):
        client.resident(SITI)
    settings.DUKCAPIL_URL = f"http://127.0.0.1:{free_port()}"  # type: ignore[attr-defined]
    with pytest.raises(client.Unreachable):
        client.resident(SITI)


def test_a_server_that_lies_about_its_length_is_caught(settings: object) -> None:
    def promise_more(wire: socket.socket) -> None:
        wire.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"kode": "13", "content": []}')

    with rude_server(settings, promise_more), pytest.raises(client.Garbled):
        client.resident(SITI)


def test_a_server_that_sends_one_byte_at_a_time_is_cut_off(
    settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "TOTAL_SECONDS", 0.3)

    def drip(wire: socket.socket) -> None:
        wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n")
        for _ in range(60):
            wire.sendall(b" ")
            time.sleep(0.02)

    with rude_server(settings, drip), pytest.raises(client.TooSlow):
        client.resident(SITI)


@pytest.mark.parametrize("wire_bytes", [b"", b"\x16\x03\x01", b"HTTP/1.1 two hundred\r\n\r\n"])
def test_what_is_no_http_is_unreachable(settings: object, wire_bytes: bytes) -> None:
    with (
        rude_server(settings, lambda wire: wire.sendall(wire_bytes)),
        pytest.raises(client.Unreachable),
    ):
        client.resident(SITI)


def test_after_three_failures_the_registry_rests_and_then_one_question_tries() -> None:
    now = 0.0
    breaker = client.Breaker(clock=lambda: now)

    def fail() -> None:
        with breaker.guard():
            raise client.TooSlow

    for _ in range(3):
        with pytest.raises(client.TooSlow):
            fail()
    with pytest.raises(client.Resting):
        fail()
    now = 16.0
    with breaker.guard(), pytest.raises(client.Resting):
        fail()
    with breaker.guard():
        pass


@given(st.binary(max_size=300) | st.text().map(str.encode))
def test_no_bytes_from_outside_raise_anything_else(body: bytes) -> None:
    with suppress(client.Garbled):
        assert client._checked(body, SITI) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("TGL_LHR", "1995-02-30"),
        ("NAMA_LGKP", "A\x00B"),
        ("NAMA_LGKP", "A" * 500),
        ("JENIS_KLMIN", "?"),
        ("NO_KEC", "11"),
        ("STATUS", None),
    ],
)
def test_a_field_out_of_order_is_named_without_its_value(field: str, value: object) -> None:
    row = {
        "NIK": SITI, "NAMA_LGKP": "SITI", "TMPT_LHR": "JEPARA", "TGL_LHR": "1995-04-22",
        "JENIS_KLMIN": "PEREMPUAN", "ALAMAT": "-", "NO_RT": 3, "NO_RW": 2, "NO_PROP": 33,
        "NO_KAB": 20, "NO_KEC": 11, "NO_KEL": 2012, "KEL_NAME": "TAHUNAN", "STATUS": "HIDUP",
    }  # fmt: skip
    body = json.dumps({"kode": "00", "content": [{**row, field: value}]})
    with pytest.raises(client.Garbled) as error:
        client._checked(body.encode(), SITI)
    assert field in str(error.value)
    assert "SITI" not in str(error.value)


def test_the_demo_grows_the_population_over_its_own_command(
    tmp_path: Path, settings: object
) -> None:
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]
    seen: list[float] = []
    demo.fill_scale(date(2026, 11, 24), 0.001, seen.append)
    assert (tmp_path / "outside" / "dukcapil.sqlite3").stat().st_size > 50_000
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
