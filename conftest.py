"""Fixtures that every room may use."""

from collections.abc import Iterator
from typing import Any

import pytest

from kartini.exchange.testing import Post, quiet_exchange


@pytest.fixture(autouse=True)
def staff_by_password_alone(settings: Any) -> None:
    """Officers in tests need no second factor, except where a test asks for it."""
    settings.SECOND_FACTOR = False


@pytest.fixture
def post() -> Iterator[Post]:
    """A quiet exchange: facts are kept, the test gives the answers."""
    with quiet_exchange() as post:
        yield post
