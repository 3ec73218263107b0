"""The trade: what is weighed, paid, sold, counted and taken back keeps the books in any order."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kartini.exchange.testing import Post
from kartini.systems.bank_sampah.engine import chart, ledger
from kartini.systems.bank_sampah.engine.chart import Place
from kartini.systems.bank_sampah.models import (
    Account,
    Deposit,
    Withdrawal,
)
from kartini.systems.bank_sampah.services import (
    books,
    cash,
    corrections,
    depositors,
    deposits,
    prices,
    sales,
    stock,
    withdrawals,
)
from kartini.systems.bank_sampah.services.audit import audit
from kartini.systems.bank_sampah.services.deposits import Weighed
from kartini.systems.bank_sampah.services.sales import WeighedOut
from kartini.systems.bank_sampah.tests.conftest import SATURDAY, Bank


def weigh(bank: Bank, grams: int = 2000, material: str = "pet", **more: Any) -> Deposit:
    words: dict[str, Any] = {
        "id": uuid.uuid4(),
        "depositor": bank.depositor(),
        "bags": [Weighed(bank.materials[material].pk, grams)],
        "weighed_at": SATURDAY,
        "by": bank.manager,
        "at": SATURDAY,
    }
    return deposits.record(**words | more)


def saved(bank: Bank, number: int = 0) -> int:
    account = Account.objects.get(kind="savings", depositor=bank.depositor(number))
    return account.available


def test_a_deposit_that_arrives_three_times_is_saved_once(bank: Bank, post: Post) -> None:
    key = uuid.uuid4()
    made = [weigh(bank, id=key, at=SATURDAY + timedelta(days=n)) for n in range(3)]
    assert {m.pk for m in made} == {key}
    assert saved(bank) == 5000
    assert [e.name for e in post.published] == ["bank-sampah.deposit-recorded.v1"]


def test_another_deposit_under_a_used_id_is_shown_and_overwrites_nothing(
    bank: Bank, post: Post
) -> None:
    key = uuid.uuid4()
    weigh(bank, id=key)
    with pytest.raises(deposits.IdUsed) as refused:
        weigh(bank, id=key, grams=2001)
    assert refused.value.known.total_grams == 2000
    assert saved(bank) == 5000


@pytest.mark.parametrize(
    ("grams", "refusal"),
    [
        (0, deposits.NothingWeighed),
        (-3000, deposits.NothingWeighed),
        (9_000_000, deposits.TooHeavy),
    ],
)
def test_an_impossible_weight_is_refused(
    bank: Bank, post: Post, grams: int, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        weigh(bank, grams)


def test_the_price_that_was_told_counts_when_a_new_list_begins_in_the_middle(
    bank: Bank, post: Post
) -> None:
    at = SATURDAY + timedelta(hours=1)
    newer = prices.publish(
        owner=bank.unit, prices={bank.materials["pet"]: 3000}, from_at=at, by=bank.manager, at=at
    )
    later = at + timedelta(minutes=5)
    told = weigh(bank, weighed_at=later, at=later, price_list=bank.prices)
    now = weigh(bank, weighed_at=later, at=later)
    assert [d.lines.get().rupiah_per_kilogram for d in (told, now)] == [2500, 3000]
    assert now.price_list == newer
    with pytest.raises(deposits.NotBought):
        weigh(bank, material="besi", weighed_at=later, at=later)
    stale = at + timedelta(days=15)
    with pytest.raises(prices.OutOfDate):
        weigh(bank, weighed_at=stale, at=stale, price_list=bank.prices)


def test_a_phone_that_is_two_years_slow_weighs_on_the_right_day(bank: Bank, post: Post) -> None:
    slow = timedelta(days=731)
    made = weigh(bank, weighed_at=SATURDAY - slow - timedelta(hours=2), sent_at=SATURDAY - slow)
    assert made.weighed_at == SATURDAY - timedelta(hours=2)
    assert made.clock_off_seconds == slow.total_seconds()
    assert made.booked_on == SATURDAY.date()


def test_bags_of_a_closed_month_are_booked_on_the_day_they_arrive(bank: Bank, post: Post) -> None:
    bank.unit.closed_until_on = date(2026, 10, 31)
    bank.unit.save(update_fields=["closed_until_on"])
    made = weigh(bank, weighed_at=SATURDAY - timedelta(days=28))
    assert made.weighed_at.date() == date(2026, 10, 24)
    assert made.booked_on == SATURDAY.date()


def test_a_paid_withdrawal_is_held_then_handed_out_once(bank: Bank, post: Post) -> None:
    fund(bank, 100_000)
    weigh(bank, 20_000)
    asked = ask(bank, 30_000)
    assert saved(bank) == 20_000
    with pytest.raises(withdrawals.NotEnoughSaved) as refused:
        ask(bank, 20_001)
    assert refused.value.available == 20_000
    withdrawals.approve(withdrawal=asked, by=bank.manager, at=SATURDAY)
    for _ in range(2):
        withdrawals.pay(withdrawal=asked, signature="M0 0", by=bank.manager, at=SATURDAY)
    assert Account.objects.get(kind="cash", unit=bank.unit).balance == 70_000
    assert [e.name for e in post.published].count("bank-sampah.withdrawal-paid.v1") == 1
    assert list(audit()) == []


def test_a_manager_does_not_approve_a_withdrawal_of_her_own(bank: Bank, post: Post) -> None:
    weigh(bank, 20_000)
    who = bank.depositor()
    who.holder = bank.manager
    who.save(update_fields=["holder"])
    asked = ask(bank, 30_000)
    with pytest.raises(withdrawals.OwnWithdrawal):
        withdrawals.approve(withdrawal=asked, by=bank.manager, at=SATURDAY)
    withdrawals.approve(withdrawal=asked, by=bank.second, at=SATURDAY)


def test_above_the_limit_the_asker_does_not_approve(bank: Bank, post: Post) -> None:
    for _ in range(3):
        weigh(bank, 100_000)
    asked = ask(bank, 600_000)
    with pytest.raises(withdrawals.NeedsFourEyes):
        withdrawals.approve(withdrawal=asked, by=bank.manager, at=SATURDAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Withdrawal.objects.filter(pk=asked.pk).update(
            state="approved", approved_at=SATURDAY, approved_by=bank.manager
        )
    assert withdrawals.approve(withdrawal=asked, by=bank.second, at=SATURDAY).state == "approved"


def test_a_withdrawal_that_nobody_fetches_lapses(bank: Bank, post: Post) -> None:
    weigh(bank, 20_000)
    ask(bank, 30_000)
    assert withdrawals.void_stale(at=SATURDAY + timedelta(days=30)) == 0
    assert withdrawals.void_stale(at=SATURDAY + timedelta(days=31)) == 1
    assert saved(bank) == 50_000
    assert list(audit()) == []


def test_a_correction_above_the_limit_waits_for_a_second_person(bank: Bank, post: Post) -> None:
    for _ in range(2):
        weigh(bank, 150_000, "besi")
    big = Deposit.objects.order_by("pk")[0]
    asked = corrections.ask(
        kind="deposit", deed=big.pk, reason="salah nama", by=bank.manager, at=SATURDAY
    )
    assert asked.state == "asked"
    with pytest.raises(corrections.NeedsFourEyes):
        corrections.decide(correction=asked, agree=True, by=bank.manager, at=SATURDAY)
    with pytest.raises(corrections.AlreadyTakenBack):
        corrections.ask(kind="deposit", deed=big.pk, reason="lagi", by=bank.second, at=SATURDAY)
    corrections.decide(correction=asked, agree=True, by=bank.second, at=SATURDAY)
    assert saved(bank) == 600_000
    with pytest.raises(corrections.AlreadyTakenBack):
        corrections.ask(kind="deposit", deed=big.pk, reason="lagi", by=bank.second, at=SATURDAY)
    assert list(audit()) == []


def test_what_was_withdrawn_already_cannot_be_taken_back(bank: Bank, post: Post) -> None:
    fund(bank, 100_000)
    made = weigh(bank, 20_000)
    asked = ask(bank, 45_000)
    withdrawals.approve(withdrawal=asked, by=bank.manager, at=SATURDAY)
    withdrawals.pay(withdrawal=asked, by=bank.manager, at=SATURDAY)
    with pytest.raises(corrections.AlreadySpent):
        corrections.ask(kind="deposit", deed=made.pk, reason="x", by=bank.manager, at=SATURDAY)


def test_a_sale_upward_is_the_parents_purchase(bank: Bank, post: Post) -> None:
    fund(bank, 500_000, bank.parent)
    weigh(bank, 50_000)
    heap = [WeighedOut(bank.materials["pet"].pk, 40_000, 3200)]
    words: dict[str, Any] = {
        "unit": bank.unit,
        "heaps": heap,
        "to": bank.parent,
        "by": bank.manager,
    }
    sold = sales.record(id=uuid.uuid4(), **words, at=SATURDAY)
    assert sold.total_rupiah == 128_000
    stocks = Account.objects.filter(kind="stock", material=bank.materials["pet"])
    assert {a.unit: a.balance for a in stocks} == {bank.unit: 10_000, bank.parent: 40_000}
    with pytest.raises(sales.NotInStock):
        sales.record(id=uuid.uuid4(), **words, at=SATURDAY)
    assert list(audit()) == []


def test_a_merge_moves_savings_and_late_bags_and_can_be_undone(bank: Bank, post: Post) -> None:
    old, kept = bank.depositor(0), bank.depositor(1)
    weigh(bank, 2000)
    merged = depositors.merge(
        id=uuid.uuid4(), source=old, target=kept, reason="satu orang", by=bank.manager, at=SATURDAY
    )
    late = weigh(bank, 1000)
    assert late.depositor == kept
    assert (saved(bank, 0), saved(bank, 1)) == (0, 7500)
    depositors.undo_merge(merge=merged, by=bank.manager, at=SATURDAY)
    assert (saved(bank, 0), saved(bank, 1)) == (5000, 2500)
    assert list(audit()) == []


def test_a_month_closes_in_order_when_its_days_are_counted(bank: Bank, post: Post) -> None:
    september = SATURDAY.replace(month=9, day=5)
    day = cash.open_day(unit=bank.unit, by=bank.manager, at=september)
    with pytest.raises(cash.DaysStillOpen):
        close_month(bank, date(2026, 9, 1))
    with pytest.raises(cash.MonthNotOver):
        close_month(bank, date(2026, 11, 1))
    with pytest.raises(cash.CashDiffers):
        cash.close_day(day=day, cash_counted_rupiah=500, by=bank.manager, at=september)
    cash.close_day(
        day=day, cash_counted_rupiah=500, explanation="kembalian", by=bank.manager, at=september
    )
    close_month(bank, date(2026, 9, 1))
    with pytest.raises(cash.MonthsInOrder):
        close_month(bank, date(2026, 9, 1))
    with pytest.raises(ledger.PeriodClosed):
        fund(bank, 1000, at=september)
    assert list(audit()) == []


def test_a_count_explains_what_the_book_cannot(bank: Bank, post: Post) -> None:
    weigh(bank, 20_000)
    words: dict[str, Any] = {
        "unit": bank.unit,
        "material": bank.materials["pet"],
        "by": bank.manager,
    }
    with pytest.raises(stock.NeedsExplanation) as refused:
        stock.count(id=uuid.uuid4(), counted_grams=18_500, **words, at=SATURDAY)
    assert refused.value.difference == -1500
    stock.count(
        id=uuid.uuid4(), counted_grams=18_500, cause="residue", explanation="kotor", **words, at=SATURDAY
    )  # fmt: skip
    assert Account.objects.get(kind="residue", unit=bank.unit).balance == -1500
    assert post.published[-1].name == "bank-sampah.stock-counted.v1"
    assert list(audit()) == []


def fund(bank: Bank, rupiah: int, unit: Any = None, at: datetime = SATURDAY) -> None:
    cash.move(
        id=uuid.uuid4(), unit=unit or bank.unit, way="capital-in", amount_rupiah=rupiah, reason="modal",
        by=bank.manager, at=at,
    )  # fmt: skip


def ask(bank: Bank, rupiah: int) -> Withdrawal:
    return withdrawals.ask(
        id=uuid.uuid4(), depositor=bank.depositor(), amount_rupiah=rupiah, by=bank.manager, at=SATURDAY
    )  # fmt: skip


def close_month(bank: Bank, month_on: date) -> None:
    cash.close_month(unit=bank.unit, month_on=month_on, by=bank.manager, at=SATURDAY)


def test_a_withdrawal_holds_the_savings_also_where_the_units_accounts_are_older(
    bank: Bank, post: Post
) -> None:
    books.lock([Place(chart.PAYOUTS, bank.unit.pk), Place(chart.CASH, bank.unit.pk)])
    weigh(bank, 20_000)
    ask(bank, 30_000)
    assert saved(bank) == 20_000
    purse = Account.objects.get(kind="savings", depositor=bank.depositor())
    assert (purse.debits_pending, purse.credits_pending) == (30_000, 0)
