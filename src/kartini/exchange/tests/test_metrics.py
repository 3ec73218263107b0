"""Whoever keeps watch is told, and nobody else."""

import json
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from kartini.exchange import bus, grants, heart, log, metrics, outbox, probes, standing
from kartini.exchange.models import Delivery, Fact
from kartini.exchange.tests.house import NIK, PURPOSE, House, Moved, WhoIs
from kartini.exchange.tests.outsider import Outsider
from kartini.exchange.tests.test_remote import Elsewhere, hang_up
from kartini.kit import logs

pytestmark = pytest.mark.django_db


def figures(text: str) -> dict[str, float]:
    """Name with labels: value. Prometheus' own parser reads it."""
    return {
        f"{sample.name}{''.join(f'[{v}]' for v in sample.labels.values())}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_web_process_tells_how_the_house_stands(
    client: Client, house: House, settings: Any
) -> None:
    standing.watch_the_house()
    grants.declare(approve=True, at=timezone.now())
    hour_ago = timezone.now() - timedelta(hours=1)
    outbox.put(Moved(thing="a", step=1), at=hour_ago)
    Delivery.objects.update(attempts=2)
    heart.beat({"sealer": hour_ago})
    told = figures(client.get("/metrics").content.decode())
    assert told["kartini_deliveries[open]"] == told["kartini_deliveries[failing]"] == 1
    assert told["kartini_delivery_oldest_seconds"] >= 3600
    assert told["kartini_part_age_seconds[sealer]"] >= 3600
    assert told["kartini_disk_free_bytes"] > 0
    assert told["process_resident_memory_bytes"] > 0
    before = told.get("kartini_request_seconds_count[web][404]", 0.0)
    client.get("/nothing/")
    after = figures(client.get("/metrics").content.decode())
    assert after["kartini_request_seconds_count[web][404]"] == before + 1


@pytest.mark.parametrize("way", ["edge", "bus"])
def test_a_system_elsewhere_that_fails_is_seen_by_whoever_keeps_watch(
    client: Client, outsider: Outsider, elsewhere: Elsewhere, way: str
) -> None:
    """The alert looks at this figure: on the wire each of these is a 500."""
    standing.watch_the_house()
    name = f"kartini_calls_failed[{WhoIs.name}]"
    before = figures(client.get("/metrics").content.decode()).get(name, 0.0)
    elsewhere.behaviour = hang_up
    if way == "edge":
        assert outsider.ask().status == 500
    else:
        with pytest.raises(bus.ProviderFailed):
            bus.ask(WhoIs(nik=NIK), asker="asker", purpose=PURPOSE, subjects=[NIK])
    assert figures(client.get("/metrics").content.decode())[name] == before + 1


def test_a_figure_that_cannot_be_asked_for_is_left_out(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    standing.watch_the_house()
    monkeypatch.setattr(log, "the_log", lambda: 1 / 0)
    told = figures(client.get("/metrics").content.decode())
    assert "kartini_deliveries[open]" in told
    assert "kartini_log_messages" not in told


@pytest.mark.parametrize(
    ("peer", "headers", "token", "may"),
    [
        ("127.0.0.1", {}, "", True),
        ("::1", {}, "", True),
        ("127.0.0.1", {"x-forwarded-for": "127.0.0.1"}, "", False),
        ("127.0.0.1", {"forwarded": "for=127.0.0.1"}, "", False),
        ("10.0.0.7", {}, "", False),
        ("", {}, "", False),
        ("10.0.0.7", {"authorization": "Bearer "}, "", False),
        ("10.0.0.7", {"authorization": "Bearer wrong"}, "right", False),
        ("10.0.0.7", {"authorization": "Bearer right", "x-forwarded-for": "x"}, "right", True),
    ],
)
def test_only_this_machine_or_the_token_may_read(
    settings: Any, peer: str, headers: dict[str, str], token: str, may: bool
) -> None:
    settings.METRICS_TOKEN = token
    assert metrics.may_read(peer, headers) is may


def test_probes_answer_whatever_name_and_scheme_they_are_asked_by(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["layanan.example.go.id"], True
    for path in ("/live", "/ready", "/metrics"):
        assert client.get(path, headers={"host": "127.0.0.1:8000"}).status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7").status_code == 404
    monkeypatch.setattr(log, "the_log", lambda: 1 / 0)
    unready = client.get("/ready")
    assert (unready.status_code, unready.json()["missing"]) == (
        503,
        "message log: ZeroDivisionError",
    )
    assert client.get("/live").json() == {"live": True}


@pytest.fixture
def port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@pytest.fixture
def missing() -> list[str]:
    return []


@pytest.fixture
def worker(port: int, missing: list[str]) -> Iterator[str]:
    server = probes.serve(port, lambda: ", ".join(missing))
    assert server
    assert probes.serve(port, lambda: "") is None
    yield f"http://127.0.0.1:{port}"
    server.shutdown()
    server.server_close()


def status(url: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read()


def test_the_worker_says_which_part_is_idle(worker: str, missing: list[str]) -> None:
    assert status(f"{worker}/ready")[0] == status(f"{worker}/live")[0] == 200
    assert b"process_resident_memory_bytes" in status(f"{worker}/metrics")[1]
    missing.append("sealer")
    code, body = status(f"{worker}/ready")
    assert (code, json.loads(body)["missing"]) == (503, "sealer")
    assert status(f"{worker}/etc/passwd")[0] == 404


def test_one_id_goes_from_the_request_to_the_handler(house: House) -> None:
    grants.declare(approve=True, at=timezone.now())
    seen: list[str] = []
    house.hear = lambda event: seen.append(logs.current_request.get())  # type: ignore[method-assign]
    from kartini.exchange import registry

    registry.subscribes(Moved, id="asker.moved")(house.hear)
    with logs.request("0193f0aa-from-the-proxy"):
        outbox.put(Moved(thing="a", step=1), at=timezone.now())
    assert Fact.objects.get().request == "0193f0aa-from-the-proxy"
    outbox.deliver(at=timezone.now())
    assert seen == ["0193f0aa-from-the-proxy"]


def test_a_log_line_is_one_json_object_with_the_id(capsys: pytest.CaptureFixture[str]) -> None:
    import logging

    with logs.request("0193f0aa-0000"):
        record = logging.LogRecord("kartini", 20, "", 1, "NIK 3320116204959002 asked", (), None)
        line = json.loads(logs.JsonFormatter().format(record))
    assert line["request"] == "0193f0aa-0000"
    assert not re.search(r"[0-9]{16}", line["message"])
