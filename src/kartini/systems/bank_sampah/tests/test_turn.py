"""Whose turn it is to write, and what happens when the world changes between reading and writing."""

import time
import uuid
from datetime import date, timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from kartini.exchange.testing import Post
from kartini.systems.bank_sampah.models import Account, Deposit, Depositor, Withdrawal
from kartini.systems.bank_sampah.services import (
    cash,
    depositors,
    deposits,
    prices,
    turn,
    withdrawals,
)
from kartini.systems.bank_sampah.services.audit import audit
from kartini.systems.bank_sampah.services.deposits import Weighed
from kartini.systems.bank_sampah.tests.conftest import SATURDAY, Bank


def weigh(bank: Bank, who: Depositor, **more: Any) -> Deposit:
    words: dict[str, Any] = {
        "id": uuid.uuid4(), "depositor": who, "bags": [Weighed(bank.materials["pet"].pk, 2000)], "weighed_at": SATURDAY,
        "by": bank.manager, "at": SATURDAY,
    }  # fmt: skip
    return deposits.record(**words | more)


def read(bank: Bank, number: int = 0) -> Depositor:
    """As a page read it a moment ago."""
    return Depositor.objects.select_related("unit__terms").get(pk=bank.depositor(number).pk)


def merge(bank: Bank) -> None:
    source, target = bank.depositor(0), bank.depositor(1)
    depositors.merge(id=uuid.uuid4(), source=source, target=target, reason="satu orang", by=bank.manager, at=SATURDAY)  # fmt: skip


def test_bags_of_a_passbook_that_was_merged_meanwhile_follow_it(bank: Bank, post: Post) -> None:
    stale = read(bank)
    merge(bank)
    assert weigh(bank, stale).depositor == bank.depositor(1)
    assert list(audit()) == []


def test_a_withdrawal_of_a_passbook_that_was_merged_meanwhile_follows_it(
    bank: Bank, post: Post
) -> None:
    for _ in range(3):
        weigh(bank, bank.depositor(0))
    key, stale = uuid.uuid4(), read(bank)
    asked = [
        withdrawals.ask(id=key, depositor=stale, amount_rupiah=10_000, by=bank.manager, at=SATURDAY)
    ]
    withdrawals.void(withdrawal=asked[0], reason="x", by=bank.manager, at=SATURDAY)
    merge(bank)
    again = withdrawals.ask(id=key, depositor=stale, amount_rupiah=10_000, by=bank.manager, at=SATURDAY)  # fmt: skip
    assert again == asked[0]
    new = withdrawals.ask(id=uuid.uuid4(), depositor=stale, amount_rupiah=10_000, by=bank.manager, at=SATURDAY)  # fmt: skip
    assert new.depositor == bank.depositor(1)
    with pytest.raises(withdrawals.IdUsed):
        withdrawals.ask(id=key, depositor=bank.depositor(2), amount_rupiah=10_000, by=bank.manager, at=SATURDAY)  # fmt: skip


def test_who_left_meanwhile_saves_nothing_more(bank: Bank, post: Post) -> None:
    stale = read(bank)
    depositors.leave(depositor=bank.depositor(), on=SATURDAY.date(), by=bank.manager, at=SATURDAY)
    with pytest.raises(deposits.NoLongerSaving):
        weigh(bank, stale)
    with pytest.raises(deposits.NoLongerSaving):
        withdrawals.ask(id=uuid.uuid4(), depositor=stale, amount_rupiah=10_000, by=bank.manager, at=SATURDAY)  # fmt: skip


def test_a_month_that_was_closed_meanwhile_takes_the_bags_today(bank: Bank, post: Post) -> None:
    stale, october = read(bank), SATURDAY.replace(month=10, day=24)
    cash.close_month(unit=bank.unit, month_on=date(2026, 10, 1), by=bank.manager, at=SATURDAY)
    late = weigh(bank, stale, weighed_at=october)
    assert (late.weighed_at, late.booked_on) == (october, SATURDAY.date())


def test_an_id_used_twice_inside_a_larger_transaction_spoils_nothing(
    bank: Bank, post: Post
) -> None:
    key = uuid.uuid4()
    with transaction.atomic():
        first = weigh(bank, bank.depositor(), id=key)
        assert weigh(bank, bank.depositor(), id=key) == first
        with pytest.raises(deposits.IdUsed):
            weigh(bank, bank.depositor(1), id=key)
        weigh(bank, bank.depositor(1))
    assert Deposit.objects.count() == 2
    assert list(audit()) == []


def test_bags_that_were_taken_stay_taken_whatever_happened_since(bank: Bank, post: Post) -> None:
    """The phone heard no answer, and asks again after the depositor has left and the prices are long gone."""
    key, words = uuid.uuid4(), {"price_list": bank.prices}
    first = weigh(bank, bank.depositor(), id=key, **words)
    later = SATURDAY + timedelta(days=90)
    prices.publish(owner=bank.unit, prices={bank.materials["pet"]: 1}, from_at=SATURDAY + timedelta(hours=1), by=bank.manager, at=SATURDAY)  # fmt: skip
    merge(bank)
    depositors.merge(id=uuid.uuid4(), source=bank.depositor(1), target=bank.depositor(2), reason="satu orang", by=bank.manager, at=SATURDAY)  # fmt: skip
    assert weigh(bank, bank.depositor(), id=key, at=later, weighed_at=later, **words) == first
    with pytest.raises(prices.OutOfDate):
        weigh(bank, bank.depositor(), at=later, weighed_at=later, **words)


@pytest.mark.skipif(
    "connection.vendor != 'sqlite'", reason="PostgreSQL needs no turn: it has many writers"
)
def test_the_turn_goes_on_at_once_and_survives_a_refusal(committed_bank: Bank, post: Post) -> None:
    bank, inside, go_on = committed_bank, Event(), Event()

    def hold() -> None:
        with turn.writing():
            inside.set()
            go_on.wait(5)
        connection.close()

    holder = Thread(target=hold)
    holder.start()
    inside.wait(5)

    def wait() -> None:
        weigh(bank, bank.depositor())
        connection.close()

    waiting = Thread(target=wait)
    waiting.start()
    time.sleep(0.1)
    assert Deposit.objects.count() == 0
    go_on.set()
    holder.join()
    waiting.join()
    assert Deposit.objects.count() == 1
    with pytest.raises(withdrawals.NotEnoughSaved):
        withdrawals.ask(id=uuid.uuid4(), depositor=bank.depositor(), amount_rupiah=90_000, by=bank.manager, at=SATURDAY)  # fmt: skip
    weigh(bank, bank.depositor())
    assert Account.objects.get(kind="savings").balance == 10_000
    assert Withdrawal.objects.count() == 0
