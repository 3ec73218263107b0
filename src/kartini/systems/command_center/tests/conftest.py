"""A small Setda, two agencies, and a worker that was just seen at work."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from kartini.contracts.joss import ApplicationMoved, PermitIssued
from kartini.exchange import heart
from kartini.people.models import Organisation, Role, User
from kartini.places import load
from kartini.systems.command_center import handlers, rules

NOW = datetime(2026, 11, 24, 2, 14, tzinfo=UTC)  # a Tuesday, 09.14 in Jepara
TODAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def morning(db: None) -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        heart.beat({"outbox": NOW})
        yield clock


@pytest.fixture
def jepara() -> None:
    load.load(places=load.read())


@pytest.fixture
def agencies() -> dict[str, Organisation]:
    names = {"setda": "Setda", "dinkes": "Dinkes", "bpkad": "BPKAD", "dpmptsp": "DPMPTSP"}
    return {
        code: Organisation.objects.create(code=code, name=name, short_name=name)
        for code, name in names.items()
    }


@pytest.fixture
def person(agencies: dict[str, Organisation]) -> Callable[..., User]:
    def make(username: str, agency: str, kind: str = rules.VIEWER) -> User:
        user = User.objects.create_user(username, full_name=username.title())
        Role.objects.create(
            user=user, kind=kind, organisation=agencies[agency], from_on=date(2026, 1, 1)
        )
        return user

    return make


@pytest.fixture
def sekda(person: Callable[..., User], client: Client) -> User:
    """The regional secretary, signed in."""
    user = person("sekda", "setda")
    client.force_login(user)
    return user


def moved(number: int, **changes: Any) -> ApplicationMoved:
    at = changes.pop("at", NOW - timedelta(days=5))
    return ApplicationMoved(
        **{**ApplicationMoved.example, "application": f"JOSS-{number}", **changes, "at": at}
    )


def issued(number: int, **changes: Any) -> PermitIssued:
    return PermitIssued(
        **{
            **PermitIssued.example,
            "application": f"JOSS-{number}",
            "issued_at": NOW - timedelta(hours=1),
            **changes,
        }
    )


@pytest.fixture
def some_cases() -> None:
    """Two late at Dinkes, one at BPKAD due tomorrow, one with time, one whose clock stands still."""
    for event in (
        moved(1, due_on=TODAY - timedelta(days=3)),
        moved(2, due_on=TODAY - timedelta(days=1)),
        moved(3, holder="bpkad", due_on=TODAY + timedelta(days=1), village_code="33.20.08.2001"),
        moved(4, holder="dpmptsp", due_on=TODAY + timedelta(days=20)),
        moved(5, holder="applicant", due_on=TODAY - timedelta(days=9)),
    ):
        handlers.application_moved(event)
