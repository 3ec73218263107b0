"""What the tests of the exchange are given."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kartini.exchange.testing import OpenExchange
from kartini.exchange.tests.house import House, furnished
from kartini.exchange.tests.outsider import Outsider, an_outsider, take_key
from kartini.exchange.tests.test_remote import Elsewhere


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    return furnished(monkeypatch)


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    other = Elsewhere()
    yield other
    other.close()


@pytest.fixture
def outsider(
    house: House,
    exchange: OpenExchange,
    elsewhere: Elsewhere,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Outsider]:
    with an_outsider(elsewhere, tmp_path, monkeypatch) as outsider:
        yield outsider


@pytest.fixture
def signer(outsider: Outsider) -> Outsider:
    """The same system, known by its key."""
    take_key()
    outsider.begin()
    return outsider
