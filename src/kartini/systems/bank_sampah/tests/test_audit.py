"""The audit proves whole books, and finds a row that was tampered with while the guards were away."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from kartini.exchange.testing import Post
from kartini.systems.bank_sampah.models import (
    Account,
    Deposit,
    DepositLine,
    Sale,
    StockCount,
    Transfer,
    Withdrawal,
)
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
from kartini.systems.bank_sampah.tests.conftest import SATURDAY, Bank, lift_guards

TOTALS = ("debits_posted", "credits_posted", "debits_pending", "credits_pending")


@pytest.fixture
def busy(bank: Bank, post: Post) -> Bank:
    """One of everything."""
    words: dict[str, Any] = {"by": bank.manager, "at": SATURDAY}
    pet = bank.materials["pet"]
    for unit in (bank.unit, bank.parent):
        cash.move(id=uuid.uuid4(), unit=unit, way="capital-in", amount_rupiah=300_000, reason="modal", **words)  # fmt: skip
    made = [
        deposits.record(id=uuid.uuid4(), depositor=d, bags=[Weighed(pet.pk, 20_000)], weighed_at=SATURDAY, **words)
        for d in bank.depositors
    ]  # fmt: skip
    asked = [
        withdrawals.ask(id=uuid.uuid4(), depositor=d, amount_rupiah=20_000, **words)
        for d in bank.depositors
    ]
    withdrawals.approve(withdrawal=asked[0], **words)
    withdrawals.pay(withdrawal=asked[0], **words)
    withdrawals.refuse(withdrawal=asked[1], reason="x", **words)
    sales.record(id=uuid.uuid4(), unit=bank.unit, heaps=[WeighedOut(pet.pk, 9_000, 3000)], to=bank.parent, **words)  # fmt: skip
    stock.count(id=uuid.uuid4(), unit=bank.unit, material=pet, counted_grams=50_000, cause="residue", explanation="kotor", **words)  # fmt: skip
    corrections.ask(kind="deposit", deed=made[1].pk, reason="salah", **words)
    return bank


def test_whole_books_have_no_fault(busy: Bank) -> None:
    assert list(audit()) == []


def one_rupiah_more_in_a_transfer() -> str:
    made = Transfer.objects.filter(kind="deposit", debit__ledger="rupiah").order_by("pk")[0]
    Transfer.objects.filter(pk=made.pk).update(amount=F("amount") + 1)
    return f"deposit {made.deed}"


def a_richer_depositor() -> str:
    account = Account.objects.filter(kind="savings").order_by("pk")[0]
    Account.objects.filter(pk=account.pk).update(credits_posted=F("credits_posted") + 1000)
    return f"account {account.pk} (savings)"


def a_transfer_with_its_accounts() -> str:
    """Transfer and both accounts changed alike: only the deed still tells the truth."""
    made = Transfer.objects.filter(kind="deposit", debit__ledger="rupiah").order_by("pk")[0]
    Transfer.objects.filter(pk=made.pk).update(amount=F("amount") + 7)
    Account.objects.filter(pk=made.debit_id).update(debits_posted=F("debits_posted") + 7)
    Account.objects.filter(pk=made.credit_id).update(credits_posted=F("credits_posted") + 7)
    return f"deposit {made.deed}"


def a_lighter_bag() -> str:
    line = DepositLine.objects.order_by("pk")[0]
    DepositLine.objects.filter(pk=line.pk).update(grams=19_999, rupiah=49_998)
    return f"deposit {line.deposit_id}"


def a_sale_that_never_was() -> str:
    sale = Sale.objects.get()
    Sale.objects.filter(pk=sale.pk).update(total_rupiah=1)
    return f"sale {sale.pk}"


def a_payment_that_was_not_made() -> str:
    waiting = Withdrawal.objects.get(state="asked")
    Withdrawal.objects.filter(pk=waiting.pk).update(state="paid", approved_at=SATURDAY)
    return f"withdrawal {waiting.pk}"


def a_deposit_taken_back_by_hand() -> str:
    standing = Deposit.objects.filter(reversed_at=None).order_by("pk")[0]
    Deposit.objects.filter(pk=standing.pk).update(reversed_at=SATURDAY)
    return f"deposit {standing.pk}"


def a_fuller_heap() -> str:
    count = StockCount.objects.get()
    StockCount.objects.filter(pk=count.pk).update(counted_grams=F("counted_grams") - 1)
    return f"count {count.pk}"


def a_transfer_without_a_deed() -> str:
    [debit, credit] = Account.objects.filter(kind__in=["trade", "savings"]).order_by("-kind")[:2]
    made = Transfer.objects.create(
        key=uuid.uuid4(), debit=debit, credit=credit, amount=5, kind="deposit", deed=uuid.uuid4(),
        booked_on=SATURDAY.date(), at=SATURDAY,
    )  # fmt: skip
    return f"transfer {made.pk}"


@pytest.mark.parametrize(
    "tamper",
    [
        one_rupiah_more_in_a_transfer, a_richer_depositor, a_transfer_with_its_accounts, a_lighter_bag,
        a_sale_that_never_was, a_payment_that_was_not_made, a_deposit_taken_back_by_hand, a_fuller_heap,
        a_transfer_without_a_deed,
    ],
    ids=lambda tamper: tamper.__name__,
)  # fmt: skip
def test_the_audit_names_the_first_row_that_was_tampered_with(
    busy: Bank, tamper: Callable[[], str]
) -> None:
    with lift_guards():
        wrong = tamper()
    assert next(audit()).row == wrong


def test_a_missing_guard_is_named(busy: Bank) -> None:
    on = " ON bank_sampah_transfer" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER keep_transfer{on}")
    assert [fault.row for fault in audit()] == ["trigger keep_transfer"]
