"""Fixtures that every room may use."""

from collections.abc import Iterator

import pytest

from kartini.exchange.testing import Post, quiet_exchange


@pytest.fixture
def post() -> Iterator[Post]:
    """A quiet exchange: facts are kept, the test gives the answers."""
    with quiet_exchange() as post:
        yield post
