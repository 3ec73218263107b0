"""Somebody who speaks SQL with the books: what the constraints refuse, no clause of INSERT or UPDATE gets past."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import Error, connection, transaction

from kartini.exchange.testing import Post
from kartini.systems.bank_sampah.models import Account, Deposit, Transfer
from kartini.systems.bank_sampah.services import deposits
from kartini.systems.bank_sampah.services.audit import audit
from kartini.systems.bank_sampah.services.deposits import Weighed
from kartini.systems.bank_sampah.tests.conftest import SATURDAY, Bank
from kartini.systems.bank_sampah.tests.test_books import move, some_accounts

sqlite_only = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite's clauses")
postgresql_only = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="PostgreSQL's")
BOOKED = "SELECT sum(debits_posted), sum(credits_posted), sum(debits_pending), sum(credits_pending) FROM bank_sampah_account"
Say = Callable[..., None]


def say(sql: str, *words: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, words)


def refused(sql: str, *words: Any) -> None:
    before = totals()
    with pytest.raises(Error, match="books"):
        say(sql, *words)
    assert totals() == before


def totals() -> Any:
    with connection.cursor() as cursor:
        cursor.execute(BOOKED)
        return cursor.fetchone(), list(Transfer.objects.order_by("pk").values_list())


def insert(
    clause: str, debit: Account, credit: Account, amount: Any, **more: Any
) -> tuple[Any, ...]:
    """The words of a raw transfer."""
    row = {
        "key": uuid.uuid4(), "debit_id": debit.pk, "credit_id": credit.pk, "amount": amount, "phase": "single",
        "kind": "test", "deed": uuid.uuid4(), "booked_on": SATURDAY.date(), "at": SATURDAY, **more,
    }  # fmt: skip
    values = [v.hex if isinstance(v, uuid.UUID) and connection.vendor == "sqlite" else v for v in row.values()]  # fmt: skip
    names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
    return (f"INSERT {clause} INTO bank_sampah_transfer ({names}) VALUES ({marks})", *values)


@sqlite_only
def test_insert_or_ignore_does_not_overdraw(bank: Bank) -> None:
    savings, _, trade, *_ = some_accounts(bank)
    move(trade, savings, 100)
    refused(*insert("OR IGNORE", savings, trade, 101))


@sqlite_only
def test_insert_or_replace_removes_no_transfer(bank: Bank) -> None:
    savings, other, trade, *_ = some_accounts(bank)
    made = move(trade, savings, 100)
    held = move(savings, trade, 50, phase="pending")
    settled = {"phase": "void", "settles_id": held.pk}
    say(*insert("OR REPLACE", savings, trade, 50, **settled))
    refused(*insert("OR REPLACE", savings, trade, 50, **settled))
    refused(*insert("OR REPLACE", trade, other, 7, id=made.pk))
    refused(*insert("OR REPLACE", trade, other, 7, key=made.key))
    back = {"reverses_id": made.pk}
    say(*insert("OR REPLACE", savings, trade, 100, **back))
    refused(*insert("OR REPLACE", savings, trade, 100, **back))


@sqlite_only
@pytest.mark.parametrize("amount", [1.5, "abc", "12x"])
def test_only_whole_numbers_move(bank: Bank, amount: Any) -> None:
    savings, _, trade, *_ = some_accounts(bank)
    refused(*insert("", trade, savings, amount))


@pytest.mark.parametrize("amount", [0, -1, 10**15 + 1])
def test_an_amount_is_positive_and_fits(bank: Bank, amount: int) -> None:
    savings, _, trade, *_ = some_accounts(bank)
    refused(*insert("", trade, savings, amount))


@sqlite_only
def test_an_account_is_neither_replaced_nor_made_rich_by_hand(bank: Bank) -> None:
    savings, _, trade, *_ = some_accounts(bank)
    move(trade, savings, 100)
    move(trade, bank_account(bank), 40)
    table = "bank_sampah_account"
    refused(f"UPDATE {table} SET credits_posted = credits_posted + 5000 WHERE id = %s", savings.pk)
    refused(f"UPDATE OR IGNORE {table} SET credits_posted = credits_posted + 5000 WHERE id = %s", savings.pk)  # fmt: skip
    refused(f"UPDATE {table} SET debits_pending = debits_pending - 1 WHERE id = %s", savings.pk)
    columns = ", ".join(str(field.column) for field in Account._meta.local_concrete_fields)
    zeroed = columns.replace("credits_posted", "0")
    refused(f"INSERT OR REPLACE INTO {table} ({columns}) SELECT {zeroed} FROM {table} WHERE id = %s", savings.pk)  # fmt: skip


def bank_account(bank: Bank) -> Account:
    return some_accounts(bank)[1]


def a_deposit(bank: Bank) -> Deposit:
    return deposits.record(
        id=uuid.uuid4(), depositor=bank.depositor(), bags=[Weighed(bank.materials["pet"].pk, 2000)],
        weighed_at=SATURDAY, by=bank.manager, at=SATURDAY,
    )  # fmt: skip


@sqlite_only
@pytest.mark.parametrize("table", ["deposit", "depositline", "price", "pricelist"])
def test_no_paper_is_replaced(bank: Bank, post: Post, table: str) -> None:
    a_deposit(bank)
    refused(f"INSERT OR REPLACE INTO bank_sampah_{table} SELECT * FROM bank_sampah_{table}")


@sqlite_only
def test_no_line_is_pushed_aside_by_another_of_its_number(bank: Bank, post: Post) -> None:
    made = a_deposit(bank)
    refused(
        "INSERT OR REPLACE INTO bank_sampah_depositline (number, grams, rupiah_per_kilogram, rupiah, deposit_id, material_id)"
        " SELECT number, 1, 1, 0, deposit_id, material_id FROM bank_sampah_depositline WHERE deposit_id = %s",
        made.pk.hex,
    )


@postgresql_only
@pytest.mark.parametrize("table", ["transfer", "account", "deposit"])
def test_what_is_written_cannot_be_truncated(bank: Bank, post: Post, table: str) -> None:
    a_deposit(bank)
    say("SET CONSTRAINTS ALL IMMEDIATE")  # as after a commit
    with pytest.raises(Error, match="books: immutable"), transaction.atomic():
        say(f"TRUNCATE bank_sampah_{table} CASCADE")


def test_a_row_does_not_change_its_number(bank: Bank, post: Post) -> None:
    made = a_deposit(bank)
    refused("UPDATE bank_sampah_transfer SET id = id + 1000")
    with pytest.raises(Error, match="books: immutable"), transaction.atomic():
        Deposit.objects.filter(pk=made.pk).update(id=uuid.uuid4())


def test_a_guard_that_sleeps_or_was_changed_is_named(bank: Bank) -> None:
    if connection.vendor == "postgresql":
        say("ALTER TABLE bank_sampah_transfer DISABLE TRIGGER books_add_transfer")
        say("CREATE OR REPLACE FUNCTION bank_sampah_immutable() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")  # fmt: skip
        wrong = ["trigger books_add_transfer", "function bank_sampah_immutable"]
    else:
        say("DROP TRIGGER keep_transfer")
        say("CREATE TRIGGER keep_transfer BEFORE UPDATE OF id ON bank_sampah_transfer BEGIN SELECT 1; END")  # fmt: skip
        wrong = ["trigger keep_transfer"]
    assert [fault.row for fault in audit()] == wrong
