"""The house split over two nodes by configuration only; nobody who asks notices."""

import json
import re
import time
from collections.abc import Iterator

import pytest

from tests.journeys.nodes import Node, get, running, until

CONTRACT = "pengumuman.latest.v1"
PORTAL = "JPR/GOV/diskominfo/portal"
ASK = """
from kartini.contracts import Purpose
from kartini.contracts.pengumuman import LatestAnnouncements as Q
from kartini.exchange import bus
def ask():
    try:
        answer = bus.ask(Q(limit=3), asker='portal', purpose=Purpose.PUBLIC_INFORMATION)
        return answer.model_dump_json()
    except bus.Unanswered as why:
        return f'{type(why).__name__}: {why}'
"""
pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Node]]:
    """``first`` is the house; ``second`` has announcements only, and a database and keys of its own."""
    folder = tmp_path_factory.mktemp("nodes")
    first = Node(folder / "first", "pengumuman,console")
    second = Node(folder / "second", "pengumuman")
    with running(first, second):
        yield first, second


def asked(node: Node) -> str:
    """What the portal of this node gets, whoever answers."""
    return node.python(f"{ASK}\nprint(ask())")


def served(node: Node) -> list[dict[str, str]]:
    """Calls of the portal that this node's edge answered, newest first."""
    code = f"from kartini.exchange import log; import json; print(json.dumps([m._asdict() for i, m in log.search(client='{PORTAL}', method='POST')]))"
    found: list[dict[str, str]] = json.loads(node.python(code))
    return found


def home(node: Node) -> str:
    """The portal's front page, without what differs each time (it is kept a few seconds)."""
    page = get(f"{node.web}/?baru={time.monotonic_ns()}")
    return re.sub(r'(nonce|value)="[^"]+"', "", page)


def announced(page: str) -> list[str]:
    return re.findall(r'href="/pengumuman/([a-z0-9-]+)/"', page)


def test_a_system_moves_to_a_second_node_and_back_and_nobody_notices(
    nodes: tuple[Node, Node],
) -> None:
    first, second = nodes
    before, page = asked(first), announced(home(first))
    assert page
    assert before.startswith('{"announcements":[')
    assert not served(second)

    second.kartini(
        "exchange", "introduce", "portal", "--member", "diskominfo",
        "--key", first.kartini("exchange", "public-key"),
    )  # fmt: skip
    second.kartini(
        "exchange", "allow", "portal", CONTRACT,
        "--purpose", "public-information", "--basis", "UU 14/2008",
    )  # fmt: skip
    first.kartini(
        "exchange", "provider", CONTRACT,
        f"{second.edge}/r1/JPR/GOV/diskominfo/pengumuman/{CONTRACT}",
    )  # fmt: skip

    time.sleep(1.1)
    assert asked(first) == before
    assert announced(home(first)) == page
    calls = until(lambda: served(second))
    assert {call["status"] for call in calls} == {200}
    assert {call["service"] for call in calls} == {f"JPR/GOV/diskominfo/pengumuman/{CONTRACT}"}
    both_know(first, calls[0])

    second.stop()
    time.sleep(1.1)
    assert asked(first).startswith("ProviderFailed: ")
    assert "left alone for a while" in [asked(first) for _ in range(5)][-1]
    until(lambda: not announced(home(first)))

    second.start()
    until(second.is_up, 60)
    until(lambda: asked(first) == before)
    first.kartini("exchange", "provider", CONTRACT)
    time.sleep(1.1)
    count = len(served(second))
    assert asked(first) == before
    until(lambda: announced(home(first)) == page)
    assert len(served(second)) == count
    for node in nodes:
        assert "The log is whole" in node.kartini("exchange", "verify-log")


def both_know(first: Node, call: dict[str, str]) -> None:
    """One call, a message in each log: the id that the asker gave is the one that the answerer noted."""
    code = "from kartini.exchange import log; print([m.id for i, m in log.search(method='ASK')])"
    assert call["request"] in first.python(code)
