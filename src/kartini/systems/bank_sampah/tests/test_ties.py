"""What crosses the exchange: each contract as it is answered here and as one would answer elsewhere; no person in it."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from kartini.contracts import Event, Purpose, Query
from kartini.contracts import bank_sampah as contract
from kartini.contracts.reference import CodeChanged
from kartini.exchange import bus, grants, registry
from kartini.exchange.catalogue import declared
from kartini.exchange.models import Service
from kartini.exchange.testing import Elsewhere, OpenExchange, Post, system_elsewhere
from kartini.systems.bank_sampah import handlers
from kartini.systems.bank_sampah.models import Buyer, Unit
from kartini.systems.bank_sampah.services import (
    cash,
    corrections,
    deposits,
    prices,
    sales,
    stock,
    units,
    withdrawals,
)
from kartini.systems.bank_sampah.services.deposits import Weighed
from kartini.systems.bank_sampah.services.identity import ME
from kartini.systems.bank_sampah.services.sales import WeighedOut
from kartini.systems.bank_sampah.tests.conftest import SATURDAY, VILLAGE, Bank

EVENTS = [kind for kind in vars(contract).values() if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event]  # fmt: skip
QUERIES: list[type[Query[Any]]] = [contract.DivertedKilograms, contract.UnitsNear]
NOVEMBER = {"from_month": "2026-11", "until_month": "2026-11"}


def everything(bank: Bank) -> None:
    """Each fact once."""
    words: dict[str, Any] = {"by": bank.manager, "at": SATURDAY}
    pet = bank.materials["pet"]
    prices.publish(owner=bank.parent, prices={pet: 2600}, from_at=SATURDAY, **words)
    opened = units.open_unit(code="bs-baru", name="Baru", prefix="BRU", village_code=VILLAGE, opened_on=SATURDAY.date(), **words)  # fmt: skip
    units.close_unit(unit=opened, closed_on=SATURDAY.date(), **words)
    cash.move(id=uuid.uuid4(), unit=bank.unit, way="capital-in", amount_rupiah=300_000, reason="modal", **words)  # fmt: skip
    made = [weigh(bank, number) for number in range(3)]
    asked = withdrawals.ask(id=uuid.uuid4(), depositor=bank.depositor(), amount_rupiah=20_000, **words)  # fmt: skip
    withdrawals.approve(withdrawal=asked, **words)
    withdrawals.pay(withdrawal=asked, **words)
    sold = sales.record(id=uuid.uuid4(), unit=bank.unit, heaps=[WeighedOut(pet.pk, 9000, 3000)], to=Buyer.objects.create(name="UD Jaya"), **words)  # fmt: skip
    stock.count(id=uuid.uuid4(), unit=bank.unit, material=pet, counted_grams=50_000, cause="residue", explanation="Sri Rahayu lupa", **words)  # fmt: skip
    corrections.ask(kind="sale", deed=sold.pk, reason="Slamet salah", **words)
    corrections.ask(kind="deposit", deed=made[2].pk, reason="Umi salah", **words)


def weigh(bank: Bank, number: int, material: str = "pet") -> Any:
    bags = [Weighed(bank.materials[material].pk, 20_000)]
    return deposits.record(id=uuid.uuid4(), depositor=bank.depositor(number), bags=bags, weighed_at=SATURDAY, by=bank.manager, at=SATURDAY)  # fmt: skip


def test_every_fact_is_stated_and_names_nobody(bank: Bank, post: Post) -> None:
    everything(bank)
    assert {type(event) for event in post.published} == set(EVENTS)
    told = " ".join(event.model_dump_json() for event in post.published).lower()
    ids = [str(depositor.pk) for depositor in bank.depositors]
    names = [bank.manager.full_name, bank.officer.full_name, *(d.name for d in bank.depositors)]
    assert not [secret for secret in (*ids, *names) if secret.lower() in told]
    assert not [word for name in names for word in name.lower().split() if word in told]


@pytest.mark.parametrize("kind", [*EVENTS, *QUERIES], ids=lambda kind: kind.name)
def test_the_examples_are_what_they_are_examples_of(kind: Any) -> None:
    made = kind(**kind.example)
    assert kind.model_validate_json(made.model_dump_json()) == made
    if issubclass(kind, Event):
        assert made.ordering_key == kind.example["unit"]


@pytest.fixture
def elsewhere() -> Iterator[str]:
    with system_elsewhere() as address:
        yield address


@pytest.fixture
def granted(exchange: OpenExchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody may ask; here the bank asks itself."""
    monkeypatch.setattr(registry, "needed", dict(registry.needed))
    for kind in QUERIES:
        registry.needs(kind, asker=ME, purpose=Purpose.GOVERNANCE, basis="uji")
    grants.declare(approve=True, at=SATURDAY)
    grants.forget()


@pytest.mark.parametrize("kind", QUERIES, ids=lambda kind: kind.name)
def test_a_question_is_answered_here_and_elsewhere_alike(
    bank: Bank, granted: None, elsewhere: str, kind: type[Query[Any]]
) -> None:
    question = kind(**kind.example)
    here = bus.ask(question, asker=ME, purpose=Purpose.GOVERNANCE)
    Elsewhere.answer = kind.answer_type()(**kind.answer_type().example).model_dump_json().encode()
    Service.objects.filter(contract=kind.name).update(url=elsewhere, milliseconds=2000)
    grants.forget()
    there = bus.ask(question, asker=ME, purpose=Purpose.GOVERNANCE)
    assert type(there) is type(here) is kind.answer_type()
    assert there == kind.answer_type()(**kind.answer_type().example)


def test_kilograms_of_few_depositors_are_withheld(bank: Bank, post: Post) -> None:
    for number in range(3):
        weigh(bank, number)
    bank.unit.terms.small_cell = 3
    bank.unit.terms.save()
    [cell] = handlers.diverted_kilograms(contract.DivertedKilograms(**NOVEMBER)).cells or []
    assert (cell.month, cell.category, cell.kilograms) == ("2026-11", "plastik", Decimal(60))
    bank.unit.terms.small_cell = 5
    bank.unit.terms.save()
    [cell] = handlers.diverted_kilograms(contract.DivertedKilograms(**NOVEMBER)).cells or []
    assert cell.kilograms is None


def test_a_village_alone_is_told_no_more_than_the_whole_regency(bank: Bank, post: Post) -> None:
    """Two categories; of one too few brought: the other goes with it, or the month's total would say it."""
    bank.unit.terms.small_cell = 2
    bank.unit.terms.save()
    for number in range(3):
        weigh(bank, number)
    weigh(bank, 0, "kardus")
    everywhere = handlers.diverted_kilograms(contract.DivertedKilograms(**NOVEMBER)).cells or []
    village = NOVEMBER | {"village_code": bank.unit.village_code}
    here = handlers.diverted_kilograms(contract.DivertedKilograms(**village)).cells or []
    assert [cell.kilograms for cell in everywhere] == [None, None]
    assert here == everywhere
    elsewhere = NOVEMBER | {"village_code": "33.20.01.2001"}
    assert handlers.diverted_kilograms(contract.DivertedKilograms(**elsewhere)).cells == []


def test_the_nearest_open_units_come_first(bank: Bank) -> None:
    for unit, lat in ((bank.unit, -6.60), (bank.other, -6.62), (bank.parent, -6.601)):
        Unit.objects.filter(pk=unit.pk).update(lat=lat, lng=110.68)
    here = {"lat": -6.615, "lng": 110.68}
    near = handlers.units_near(contract.UnitsNear(**here, within_kilometres=5)).units or []
    assert [one.unit for one in near] == ["bs-kenanga", "bs-melati"]
    assert near[0].kilometres == 0.6
    Unit.objects.filter(pk=bank.other.pk).update(closed_on=SATURDAY.date())
    near = handlers.units_near(contract.UnitsNear(**here, within_kilometres=1)).units or []
    assert near == []


def test_units_follow_their_village_to_its_new_code(bank: Bank) -> None:
    changed = {**CodeChanged.example, "change": "ended"}
    handlers.village_code(CodeChanged(**{**changed, "followed_by": ["33.20.17.2001", "33.20.17.2002"]}))  # fmt: skip
    assert Unit.objects.filter(village_code=VILLAGE).count() == 3
    handlers.village_code(CodeChanged(**{**changed, "code_list": "faskes", "followed_by": ["x"]}))
    for _ in range(2):
        handlers.village_code(CodeChanged(**{**changed, "followed_by": ["33.20.17.2001"]}))
    assert Unit.objects.filter(village_code="33.20.17.2001").count() == 3


def test_the_dataset_for_everyone_counts_who_stands_behind_each_row(bank: Bank, post: Post) -> None:
    """What is withheld, for its own sake or another's, counts as few."""
    everything(bank)
    offered = declared.datasets["sampah-terpilah-bank-sampah"]
    with time_machine.travel(SATURDAY + timedelta(days=2), tick=False):
        rows = list(offered.rows())
    columns = {column.name for column in offered.columns}
    assert [{name for name in row if name not in columns} for row in rows] == [{"penabung"}]
    assert (rows[0]["bulan"], rows[0]["kilogram"], rows[0]["penabung"]) == ("2026-11", Decimal(40), 2)  # fmt: skip
