"""Two nodes for journeys: started once, shared by those who walk."""

from collections.abc import Iterator

import pytest
from nacl.signing import SigningKey

from kartini.exchange.log import cosign
from tests.journeys.nodes import Node, running

PUBLIC_NAMES = "localhost,127.0.0.1,layanan.example.go.id,pertukaran.example.go.id"


@pytest.fixture(scope="session")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Node]]:
    """``first`` is the house; ``second`` has announcements only, and a database and keys of its own."""
    folder = tmp_path_factory.mktemp("nodes")
    second = Node(
        folder / "second", "pengumuman", KARTINI_NODE="kedua", KARTINI_KEYS_WITNESS="1:" + "77" * 32
    )
    key = SigningKey(bytes.fromhex("77" * 32)).verify_key
    vkey = cosign.verifier_key("kartini/JPR/kedua/witness", key)
    first = Node(
        folder / "first",
        "pengumuman,console",
        KARTINI_WITNESSES=f"{vkey} {second.edge}/witness",
        KARTINI_HOSTS=PUBLIC_NAMES,
    )
    with running(first, second):
        yield first, second
