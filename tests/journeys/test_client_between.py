"""``kartini_client`` between two nodes: it asks the one, the other answers, and it believes what is signed."""

import asyncio
import json
import os
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from nacl.signing import SigningKey

from kartini_client import Answer, AsyncClient, Client, NotTrue, Refused
from tests.journeys.nodes import Node, get_json, until
from tests.journeys.test_connecting import tell
from tests.journeys.test_two_nodes import CONTRACT

pytestmark = pytest.mark.timeout(240)
SYSTEM, SERVICE = "JPR/GOV/dinkes/simrs", f"JPR/GOV/diskominfo/pengumuman/{CONTRACT}"
NOT_YET = {"invalid_client", "Client.NotAuthenticated", "Server.ServerProxy.AccessDenied"}
EVENT = "pengumuman.announcement-published.v1"
PURPOSE = ["--purpose", "public-information", "--basis", "UU 14/2008 Ps. 9"]


@pytest.fixture
def answered_by_the_second(nodes: tuple[Node, Node]) -> Iterator[tuple[str, str]]:
    """Client id and secret of a hospital's system at the first node, which has the second answer."""
    first, second = nodes
    voice = first.kartini("exchange", "public-key")
    second.kartini("exchange", "introduce", "simrs", "--member", "dinkes", "--key", voice)
    second.kartini("exchange", "allow", "simrs", CONTRACT, *PURPOSE)
    first.kartini("exchange", "introduce", "simrs", "--member", "dinkes")
    first.kartini("exchange", "allow", "simrs", CONTRACT, *PURPOSE)
    first.kartini("exchange", "allow", "simrs", EVENT, *PURPOSE)
    first.kartini("exchange", "provider", CONTRACT, f"{second.edge}/r1/{SERVICE}")
    client_id, secret = first.kartini("exchange", "secret", "simrs").split(":")
    yield client_id, secret
    first.kartini("exchange", "provider", CONTRACT)


def calls(node: Node) -> list[str]:
    code = f"from kartini.exchange import log; import json; print(json.dumps([m.request for i, m in log.search(client='{SYSTEM}', method='POST') if m.status == 200]))"
    return list(json.loads(node.python(code)))


def test_it_asks_one_node_another_answers_and_both_know_it(
    nodes: tuple[Node, Node], answered_by_the_second: tuple[str, str]
) -> None:
    with Client(nodes[0].edge, system=SYSTEM, secret=answered_by_the_second) as client:
        answer: Answer = until(lambda: once_known(lambda: _asked(client)))
        assert answer.data["announcements"]
        assert [calls(node).count("visit-17") for node in nodes] == [1, 1]
        with pytest.raises(Refused, match="UnknownService"):
            client.ask(SERVICE.replace("latest", "other"), {})


def _asked(client: Client) -> Answer:
    return client.ask(SERVICE, {"limit": 2}, purpose="public-information", case="visit-17")


def once_known(say: Callable[[], Any]) -> Any:
    """Credentials and grants are in force everywhere after a second."""
    try:
        return say()
    except Refused as no:
        if no.kind not in NOT_YET:
            raise
        return None


def test_it_signs_with_a_key_and_pulls_facts_by_its_cursor(
    nodes: tuple[Node, Node], answered_by_the_second: tuple[str, str]
) -> None:
    first, _second = nodes
    key = SigningKey(os.urandom(32))
    public = b64encode(bytes(key.verify_key)).decode()
    first.kartini("exchange", "introduce", "simrs", "--member", "dinkes", "--key", public)
    pinned = [one["x"] for one in get_json(f"{first.edge}/exchange/keys")["keys"]]
    mine: dict[str, Any] = {"system": SYSTEM, "key": b64encode(bytes(key)).decode()}

    async def go() -> list[str]:
        async with AsyncClient(first.edge, **mine, exchange_keys=pinned) as client:
            before = (await client.pull("0", limit=500))[1]
            tell(first, "dua-simpul")
            tell(first, "tiga-simpul")
            found, after = await client.pull(before, limit=1, wait=20)
            more, _cursor = await client.pull(after, limit=1, wait=20)
            assert found[0].cursor == after
            return [event.data["title"] for event in (*found, *more)]

    assert until(lambda: once_known(lambda: asyncio.run(go()))) == ["dua-simpul", "tiga-simpul"]
    with (
        Client(first.edge, **mine, exchange_keys=[public]) as misled,
        pytest.raises(NotTrue, match="not the exchange's"),
    ):
        misled.ask(SERVICE, {"limit": 1})
