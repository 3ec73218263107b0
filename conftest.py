"""Fixtures that every room may use."""

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from kartini.exchange import grants
from kartini.exchange.catalogue import files
from kartini.exchange.testing import OpenExchange, Post, open_exchange, quiet_exchange
from kartini.kit import remembered
from kartini.places import names

hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")
ROWS_OF_YEARS = 100_000
"""Where tests begin to count rows, as a regency of some years does: a page that writes the key of a row
as a number for people ("100.001") is found."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database of the tests, counting its rows from :data:`ROWS_OF_YEARS`."""
    with django_db_blocker.unblock():
        _count_from(ROWS_OF_YEARS)
    yield
    with django_db_blocker.unblock():
        _end_sessions_of_threads()


def _count_from(first: int) -> None:
    with connection.cursor() as cursor:
        for sequence in connection.introspection.sequence_list():
            where: list[Any] = [*map(sequence.get, ("table", "column")), first]
            if connection.vendor == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", where[:1])
                cursor.execute("INSERT INTO sqlite_sequence VALUES (%s, %s)", [where[0], first])
            else:
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", where)


def _end_sessions_of_threads() -> None:
    """A thread that answered over a kept line may hold its session a moment longer, and the database with it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


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
