"""Fixtures that every room may use."""

from collections.abc import Iterator
from typing import Any

import pytest

from kartini.exchange import grants
from kartini.exchange.catalogue import files
from kartini.exchange.testing import OpenExchange, Post, open_exchange, quiet_exchange
from kartini.kit import remembered
from kartini.places import names


@pytest.fixture(autouse=True)
def staff_by_password_alone(settings: Any) -> None:
    """Officers in tests need no second factor, except where a test asks for it."""
    settings.SECOND_FACTOR = False


@pytest.fixture
def post() -> Iterator[Post]:
    """A quiet exchange: facts are kept, the test gives the answers."""
    with quiet_exchange() as post:
        yield post


@pytest.fixture
def exchange(db: None) -> Iterator[OpenExchange]:
    """The real exchange: what the installed systems declare is granted, the test says when to deliver."""
    with open_exchange() as exchange:
        yield exchange


@pytest.fixture(autouse=True)
def no_grants_of_an_earlier_test() -> None:
    """The snapshot of grants may be a second old; a test must not see its neighbour's."""
    grants.forget()


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """What a process remembers for speed must not travel from one test to the next."""
    grants.meter.forget()
    names.forget()
    files.forget()


@pytest.fixture(autouse=True)
def _pages_made_anew(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test changes rows behind the pages' back; only in the browser pages are kept as in a real house."""
    remembered.turn.move()
    if "browser" not in request.keywords:
        monkeypatch.setattr(remembered, "FRESH_SECONDS", 0.0)
