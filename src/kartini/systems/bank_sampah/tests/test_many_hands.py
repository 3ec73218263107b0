"""Many hands at once: no deadlock, no lost or doubled rupiah. Real transactions, real threads."""

import random
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from kartini.exchange.testing import Post
from kartini.systems.bank_sampah.models import Account, Deposit, Withdrawal
from kartini.systems.bank_sampah.services import cash, deposits, withdrawals
from kartini.systems.bank_sampah.services.audit import audit
from kartini.systems.bank_sampah.services.deposits import Weighed
from kartini.systems.bank_sampah.tests.conftest import SATURDAY, Bank

WRITERS = 8


def at_once(work: Callable[[int], Any], hands: int = WRITERS) -> list[Any]:
    """Start everybody at the same moment; return what each brought back, exceptions too."""
    start = Barrier(hands)

    def hand(number: int) -> Any:
        try:
            start.wait()
            return work(number)
        except Exception as error:  # noqa: BLE001 — the test looks at it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(hands) as pool:
        return list(pool.map(hand, range(hands)))


def weigh(bank: Bank, who: int, grams: int, key: uuid.UUID | None = None) -> Deposit:
    materials = random.sample(sorted(m.pk for m in bank.materials.values()), 3)
    return deposits.record(
        id=key or uuid.uuid4(), depositor=bank.depositor(who % 3), by=bank.manager, at=SATURDAY, weighed_at=SATURDAY,
        bags=[Weighed(material, grams) for material in materials],
    )  # fmt: skip


def test_eight_writers_lose_and_double_nothing(committed_bank: Bank, post: Post) -> None:
    bank = committed_bank
    cash.move(id=uuid.uuid4(), unit=bank.unit, way="capital-in", amount_rupiah=10**9, reason="modal", by=bank.officer, at=SATURDAY)  # fmt: skip

    def work(number: int) -> int:
        done = 0
        for turn in range(6):
            done += weigh(bank, number + turn, 4000 + number).total_rupiah
            try:
                asked = withdrawals.ask(id=uuid.uuid4(), depositor=bank.depositor(turn % 3), amount_rupiah=10_000, by=bank.manager, at=SATURDAY)  # fmt: skip
            except withdrawals.NotEnoughSaved:
                continue
            withdrawals.approve(withdrawal=asked, by=bank.second, at=SATURDAY)
            withdrawals.pay(withdrawal=asked, by=bank.second, at=SATURDAY)
            done -= 10_000
        return done

    results = at_once(work)
    assert [r for r in results if isinstance(r, Exception)] == []
    saved = sum(a.balance for a in Account.objects.filter(kind="savings"))
    assert saved == sum(results)
    assert Deposit.objects.count() == WRITERS * 6
    assert list(audit()) == []


def test_one_deposit_sent_by_eight_at_once_is_saved_once(committed_bank: Bank, post: Post) -> None:
    key, bags = uuid.uuid4(), [Weighed(committed_bank.materials["pet"].pk, 2000)]
    results = at_once(
        lambda _: deposits.record(
            id=key, depositor=committed_bank.depositor(), bags=bags, weighed_at=SATURDAY,
            by=committed_bank.manager, at=SATURDAY,
        ).pk
    )  # fmt: skip
    assert results == [key] * WRITERS
    assert Account.objects.get(kind="savings").balance == 5000


def test_one_balance_is_withdrawn_at_one_of_two_counters(committed_bank: Bank, post: Post) -> None:
    bank = committed_bank
    bags = [Weighed(bank.materials["pet"].pk, 20_000)]
    deposits.record(id=uuid.uuid4(), depositor=bank.depositor(), bags=bags, weighed_at=SATURDAY, by=bank.manager, at=SATURDAY)  # fmt: skip
    results = at_once(
        lambda _: withdrawals.ask(
            id=uuid.uuid4(), depositor=bank.depositor(), amount_rupiah=50_000, by=bank.manager, at=SATURDAY
        ),
        hands=2,
    )  # fmt: skip
    kinds = sorted(type(r).__name__ for r in results)
    assert kinds == ["NotEnoughSaved", "Withdrawal"]
    assert Withdrawal.objects.count() == 1


@pytest.mark.parametrize("rounds", [3])
def test_sales_upward_and_deposits_cross_without_deadlock(
    committed_bank: Bank, post: Post, rounds: int
) -> None:
    from kartini.systems.bank_sampah.services import sales
    from kartini.systems.bank_sampah.services.sales import WeighedOut

    bank = committed_bank
    cash.move(id=uuid.uuid4(), unit=bank.parent, way="capital-in", amount_rupiah=10**8, reason="modal", by=bank.officer, at=SATURDAY)  # fmt: skip
    every = [Weighed(m.pk, 150_000) for m in bank.materials.values()]
    deposits.record(id=uuid.uuid4(), depositor=bank.depositor(), bags=every, weighed_at=SATURDAY, by=bank.manager, at=SATURDAY)  # fmt: skip

    def work(number: int) -> None:
        for _ in range(rounds):
            if number % 2:
                weigh(bank, number, 1000)
            else:
                heaps = [WeighedOut(m.pk, 1000, 3000) for m in bank.materials.values()]
                random.shuffle(heaps)
                sales.record(id=uuid.uuid4(), unit=bank.unit, heaps=heaps, to=bank.parent, by=bank.manager, at=SATURDAY)  # fmt: skip

    assert [r for r in at_once(work) if r is not None] == []
    assert list(audit()) == []
