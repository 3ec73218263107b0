"""One request, three processes, one id: from a call at the edge to what the worker does because of it."""

import base64
import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from kartini.contracts.joss import ApplicationMoved
from tests.journeys.nodes import Node, until

pytestmark = pytest.mark.timeout(240)
PROCESSES = {
    "kartini.exchange.edge.application",
    "kartini.site.middleware",
    "kartini.exchange.outbox",
}
CLIENT = "JPR/GOV/dpmptsp/joss"


@pytest.fixture
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """The Command Center hears of permits; the permits themselves are a system elsewhere."""
    folder = tmp_path_factory.mktemp("one-request") / "house"
    node = Node(folder, "command_center", KARTINI_LOG_LEVEL="DEBUG")
    try:
        node.prepare()
        node.start()
        until(node.is_up, 90)
        yield node
    finally:
        node.leave()


def post(url: str, body: str, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    asked = urllib.request.Request(url, body.encode(), named)
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return json.load(answer)


def of(node: Node, request: str) -> list[dict[str, str]]:
    """The lines on stderr that bear this id."""
    text = node.log_file.read_text().splitlines()
    found = [json.loads(line) for line in text if line.startswith("{")]
    return [line for line in found if line.get("request") == request]


def test_edge_web_and_worker_write_the_same_id(node: Node) -> None:
    node.kartini("exchange", "introduce", "joss", "--member", "dpmptsp")
    secret = base64.b64encode(node.kartini("exchange", "secret", "joss").encode()).decode()
    form = "grant_type=client_credentials"
    told = until(lambda: post(f"{node.edge}/oauth2/token", form, Authorization=f"Basic {secret}"))
    for header in ("X_Road_Id", "X_Request_Id"):
        given = f"perkara-{header.replace('_', '-')}"
        state(node, told["access_token"], **{header: given})
        until(lambda: {line["logger"] for line in of(node, given)} == PROCESSES)  # noqa: B023
        (heard,) = [line for line in of(node, given) if line["logger"] == "kartini.exchange.outbox"]
        assert "command-center.application-moved: heard" in heard["message"]


def state(node: Node, token: str, **header: str) -> None:
    """The system elsewhere states a fact of its own; each time another one."""
    event = {
        "specversion": "1.0",
        "id": str([*header]),
        "source": "/joss",
        "type": ApplicationMoved.name,
        "data": ApplicationMoved.example,
    }
    post(
        f"{node.edge}/events",
        json.dumps(event),
        Authorization=f"Bearer {token}",
        X_Road_Client=CLIENT,
        Content_Type="application/cloudevents+json",
        **header,
    )
