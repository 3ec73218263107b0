"""Several processes behind the exchange's one door, as ``kartini serve`` starts them."""

import signal
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from kartini.site import serve
from tests.journeys.nodes import free_ports

CALLS = 60
pytestmark = pytest.mark.timeout(120)


class Edges:
    def __init__(self) -> None:
        (self.port,) = free_ports(1)
        self.children = serve.exchange(self.port, 2)
        for child in self.children:
            child.start()

    def get(self, path: str) -> str:
        """Over a connection of its own. The door is open before anybody stands behind it: this waits."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            return str(answer.read().decode())

    def counted(self) -> float:
        """Answers of 200, as whoever keeps watch is told by any of them."""
        return sum(
            sample.value
            for family in text_string_to_metric_families(self.get("/metrics"))
            for sample in family.samples
            if sample.name == "kartini_request_seconds_count" and sample.labels["status"] == "200"
        )

    def stop(self) -> None:
        for child in self.children:
            child.signal(signal.SIGTERM)
            assert child.process
            child.process.wait(20)
        assert self.children[0].door
        self.children[0].door.close()


@pytest.fixture
def edges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Edges]:
    monkeypatch.setenv("KARTINI_DATA_DIR", str(tmp_path))
    edges = Edges()
    yield edges
    edges.stop()


def test_they_count_together_and_nobody_is_refused_while_one_dies(edges: Edges) -> None:
    before = edges.counted()
    for _ in range(CALLS):
        assert "live" in edges.get("/live")
    assert edges.counted() == before + CALLS + 1
    for child in edges.children:
        assert child.process
        child.process.kill()
        child.process.wait()
        child.start()
        for _ in range(5):
            assert "live" in edges.get("/live")
            time.sleep(0.02)
    assert edges.counted() > before + CALLS
