"""Kill -9 between any two statements: the books are whole, and sent again everything stands once."""

import os
import random
import signal
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection

from kartini.kit.flow import MoveRefused
from kartini.systems.bank_sampah.models import Account, Buyer, StockCount
from kartini.systems.bank_sampah.services import (
    cash,
    corrections,
    deposits,
    sales,
    stock,
    withdrawals,
)
from kartini.systems.bank_sampah.services.audit import audit
from kartini.systems.bank_sampah.services.deposits import Weighed
from kartini.systems.bank_sampah.services.sales import WeighedOut
from kartini.systems.bank_sampah.tests.conftest import SATURDAY, Bank

SHORT = 8
ALREADY = (MoveRefused, corrections.AlreadyTakenBack)
Step = Callable[[], Any]


def saturday(bank: Bank, number: int) -> Iterator[Step]:
    """A morning under ids of its own: 20 kg in, 30,000 out, 5 kg sold upward and 1 kg on, 100 g lost, a mistake mended."""
    ids = iter(uuid.uuid5(uuid.UUID(int=number), str(n)) for n in range(20))
    words: dict[str, Any] = {"by": bank.manager, "at": SATURDAY}
    who, pet = bank.depositor(), bank.materials["pet"]

    def weigh(id_: uuid.UUID, grams: int) -> Any:
        return deposits.record(id=id_, depositor=who, bags=[Weighed(pet.pk, grams)], weighed_at=SATURDAY, **words)  # fmt: skip

    def ask(id_: uuid.UUID, rupiah: int) -> Any:
        return withdrawals.ask(id=id_, depositor=who, amount_rupiah=rupiah, **words)

    def sell(id_: uuid.UUID, to: Any, grams: int) -> Any:
        return sales.record(id=id_, unit=bank.unit, heaps=[WeighedOut(pet.pk, grams, 3000)], to=to, **words)  # fmt: skip

    def count(id_: uuid.UUID) -> Any:
        known = StockCount.objects.filter(pk=id_).first()
        book = Account.objects.get(kind="stock", unit=bank.unit, material=pet).balance
        left = known.counted_grams if known else book - 100
        return stock.count(id=id_, unit=bank.unit, material=pet, counted_grams=left, cause="residue", explanation="kotor", **words)  # fmt: skip

    first, paid, refused, wrong = next(ids), next(ids), next(ids), next(ids)
    money, up, on, counted = next(ids), next(ids), next(ids), next(ids)
    yield lambda: weigh(first, 20_000)
    yield lambda: cash.move(id=money, unit=bank.unit, way="capital-in", amount_rupiah=100_000, reason="modal", **words)  # fmt: skip
    yield lambda: withdrawals.approve(withdrawal=ask(paid, 30_000), **words)
    yield lambda: withdrawals.pay(withdrawal=ask(paid, 30_000), **words)
    yield lambda: withdrawals.refuse(withdrawal=ask(refused, 10_000), reason="x", **words)
    yield lambda: sell(up, bank.parent, 5000)
    yield lambda: sell(on, Buyer.objects.get_or_create(name="Pengepul Jaya")[0], 1000)
    yield lambda: count(counted)
    yield lambda: corrections.ask(kind="deposit", deed=weigh(wrong, 9000).pk, reason="salah", **words)  # fmt: skip


def play(bank: Bank, number: int) -> None:
    for step in saturday(bank, number):
        with suppress(*ALREADY):
            step()


def killed_at(bank: Bank, number: int, point: int) -> bool:
    """Play it in a process of its own that dies at this point: before a statement, or right after one."""
    connection.close()
    child = os.fork()
    if child:
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])
    points = iter(range(10**6))

    def die_or(execute: Any, *statement: Any) -> Any:
        if next(points) == point:
            os.kill(os.getpid(), signal.SIGKILL)
        result = execute(*statement)
        if next(points) == point:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    try:
        with connection.execute_wrapper(die_or):
            play(bank, number)
    finally:
        os._exit(0)


def points_of(bank: Bank) -> int:
    """How many a morning has; the very first one also opens accounts."""
    play(bank, 0)
    seen = 0

    def see(execute: Any, *statement: Any) -> Any:
        nonlocal seen
        seen += 2
        return execute(*statement)

    with connection.execute_wrapper(see):
        play(bank, 1)
    return seen


def prove(bank: Bank, points: list[int], *, every: int) -> None:
    """After each death the books are whole; after all was sent again, each morning counts once."""
    for number, point in enumerate(points, 2):
        assert killed_at(bank, number, point), point
        if number % every == 0:
            assert list(audit()) == [], point
        play(bank, number)
    assert list(audit()) == []
    mornings = len(points) + 2
    held = {a.place.split(":")[0]: a.balance for a in Account.objects.filter(unit=bank.unit)}
    assert held["savings"] == mornings * 20_000
    assert held["cash"] == mornings * (100_000 - 30_000 + 15_000 + 3000)
    stock_account = Account.objects.get(kind="stock", unit=bank.unit)
    assert stock_account.balance == mornings * (20_000 - 5000 - 1000 - 100)


@pytest.fixture
def rich(committed_bank: Bank) -> Bank:
    """The parent bank can buy."""
    bank = committed_bank
    cash.move(id=uuid.uuid4(), unit=bank.parent, way="capital-in", amount_rupiah=10**9, reason="modal", by=bank.officer, at=SATURDAY)  # fmt: skip
    return bank


def test_killed_between_two_statements_the_books_are_whole(rich: Bank) -> None:
    points = points_of(rich)
    prove(rich, random.sample(range(points), SHORT), every=1)


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_killed_between_any_two_statements_the_books_are_whole(rich: Bank) -> None:
    """Each point of the morning once; the real exchange's rows are written in the same transactions."""
    prove(rich, list(range(points_of(rich))), every=5)
