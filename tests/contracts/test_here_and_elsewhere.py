"""Every question of the house is answered alike by a neighbour in this process and by a system elsewhere."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from kartini.contracts import Purpose, Query
from kartini.exchange import bus, grants, log, published, registry
from kartini.exchange.models import Grant, Service, Subsystem
from kartini.exchange.testing import Elsewhere, open_exchange, system_elsewhere

pytestmark = pytest.mark.django_db
SERVICES = sorted(published.queries())


def optional(contract: str) -> list[str]:
    """What an answer may lack, so what a grant can withhold."""
    fields = published.queries()[contract].answer_type().model_fields
    return [name for name, field in fields.items() if not field.is_required()]


@pytest.fixture
def elsewhere() -> Iterator[str]:
    with system_elsewhere() as address:
        yield address


@pytest.fixture
def asker() -> Iterator[Subsystem]:
    with open_exchange():
        yield Subsystem.objects.create(code="asker", member="diskominfo", title="Asker")


def both_ways(contract: str, url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What one asks and gets, first here, then elsewhere."""
    kind: type[Query[Any]] = published.queries()[contract]
    example = kind.answer_type()(**kind.answer_type().example)
    monkeypatch.setitem(registry.answerers, contract, lambda _question: example)
    Elsewhere.answer = example.model_dump_json(exclude_unset=True).encode()
    for address in ("", url):
        Service.objects.filter(contract=contract).update(url=address, milliseconds=2000)
        grants.forget()
        yield bus.ask(kind(**kind.example), asker="asker", purpose=Purpose.GOVERNANCE)


def allow(asker: Subsystem, contract: str, fields: list[str]) -> None:
    now = timezone.now()
    Grant.objects.create(
        asker=asker, contract=contract, purpose="governance", basis="test", fields=fields,
        state="approved", asked_at=now, decided_at=now,
    )  # fmt: skip


@pytest.mark.parametrize("contract", SERVICES)
def test_a_question_is_answered_and_logged_here_and_elsewhere_alike(
    asker: Subsystem, elsewhere: str, contract: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(asker, contract, [])
    here, there = both_ways(contract, elsewhere, monkeypatch)
    assert here == there == type(here)(**type(here).example)
    newest = [message.contract for _index, message in log.search(method="ASK", limit=2)]
    assert newest == [contract, contract]


@pytest.mark.parametrize("contract", [*filter(optional, SERVICES)])
def test_what_a_grant_withholds_stays_away_from_both(
    asker: Subsystem, elsewhere: str, contract: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = optional(contract)[:1]
    allow(asker, contract, kept)
    here, there = both_ways(contract, elsewhere, monkeypatch)
    assert here == there
    assert here.model_fields_set - published.required_fields(contract) <= {*kept}
