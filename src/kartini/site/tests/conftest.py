"""What the tests of the catalogue are given."""

from datetime import date

import pytest

from kartini.exchange import demo
from kartini.exchange.catalogue import editions
from kartini.places import load


@pytest.fixture
def filled(db: None) -> None:
    """The demo's places and datasets."""
    load.load(places=load.read())
    demo.fill(date(2026, 11, 24))


@pytest.fixture
def counted(filled: None) -> None:
    editions.count_all()
