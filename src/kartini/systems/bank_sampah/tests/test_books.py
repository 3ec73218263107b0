"""The books keep their rules in the database, whatever is asked of them, on SQLite and on PostgreSQL."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import Error, IntegrityError, connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from kartini.systems.bank_sampah.engine import chart
from kartini.systems.bank_sampah.engine import ledger as pure
from kartini.systems.bank_sampah.engine.chart import Place
from kartini.systems.bank_sampah.engine.ledger import Phase
from kartini.systems.bank_sampah.models import Account, Transfer
from kartini.systems.bank_sampah.services import books
from kartini.systems.bank_sampah.services.books import Leg
from kartini.systems.bank_sampah.tests.conftest import SATURDAY, Bank

TODAY = SATURDAY.date()


def some_accounts(bank: Bank) -> list[Account]:
    """Two savings books, the trade account, the cash box, and two of the other ledger."""
    unit = bank.unit.pk
    places = [
        *(Place(chart.SAVINGS, unit, depositor_id=d.pk) for d in bank.depositors[:2]),
        Place(chart.TRADE, unit),
        Place(chart.CASH, unit),
        Place(chart.STOCK, unit, material_id=bank.materials["pet"].pk),
        Place(chart.BROUGHT, unit, depositor_id=bank.depositors[0].pk),
    ]
    return list(books.lock(places).values())


def move(debit: Account, credit: Account, amount: int, **more: Any) -> Transfer:
    with transaction.atomic():
        [made] = books.post(
            deed=uuid.uuid4(),
            kind="test",
            legs=[Leg(debit.pk, credit.pk, amount, **more)],
            booked_on=TODAY,
            by=None,
            at=SATURDAY,
        )
    return made


class AgainstTheModel(RuleBasedStateMachine):
    """Whatever is posted in whatever order: the database refuses exactly what the pure model refuses."""

    bank: Bank

    @initialize()
    def open_books(self) -> None:
        self.accounts = some_accounts(self.bank)
        self.model = pure.Ledger(
            {a.pk: pure.Totals(a.ledger, pure.Side(a.side)) for a in self.accounts}
        )
        self.made: list[Transfer] = []

    @rule(
        debit=st.integers(0, 5),
        credit=st.integers(0, 5),
        amount=st.integers(1, 40),
        phase=st.sampled_from([Phase.SINGLE, Phase.SINGLE, Phase.PENDING]),
    )
    def move(self, debit: int, credit: int, amount: int, phase: Phase) -> None:
        self.both(self.accounts[debit].pk, self.accounts[credit].pk, amount, phase)

    @rule(which=st.integers(0, 30), phase=st.sampled_from([Phase.POST, Phase.VOID]))
    def settle(self, which: int, phase: Phase) -> None:
        if self.made:
            old = self.made[which % len(self.made)]
            self.both(old.debit_id, old.credit_id, old.amount, phase, settles=old)

    @rule(which=st.integers(0, 30))
    def reverse(self, which: int) -> None:
        if self.made:
            old = self.made[which % len(self.made)]
            self.both(old.credit_id, old.debit_id, old.amount, Phase.SINGLE, reverses=old)

    @rule(which=st.integers(0, 30))
    def send_again(self, which: int) -> None:
        if self.made:
            old = self.made[which % len(self.made)]
            self.both(old.debit_id, old.credit_id, old.amount, Phase.SINGLE, key=old.key)

    def both(
        self,
        debit: int,
        credit: int,
        amount: int,
        phase: Phase,
        *,
        settles: Transfer | None = None,
        reverses: Transfer | None = None,
        key: uuid.UUID | None = None,
    ) -> None:
        key = key or uuid.uuid4()
        wanted: type[Exception] | None = None
        try:
            self.model.post(
                pure.Transfer(
                    key,
                    debit,
                    credit,
                    amount,
                    phase,
                    settles.key if settles else None,
                    reverses.key if reverses else None,
                )
            )
        except pure.Refused as refusal:
            wanted = type(refusal)
        row = Transfer(
            key=key, debit_id=debit, credit_id=credit, amount=amount, phase=phase, settles=settles, reverses=reverses,
            kind="test", deed=key, booked_on=TODAY, at=SATURDAY,
        )  # fmt: skip
        got: type[Exception] | None = None
        try:
            with transaction.atomic(), books.refusals_named():
                row.save(force_insert=True)
        except pure.Refused as refusal:
            got = type(refusal)
        assert (got is None) == (wanted is None), (got, wanted)
        if got is None:
            self.made.append(row)

    @invariant()
    def the_same_totals(self) -> None:
        for account in Account.objects.filter(pk__in=[a.pk for a in getattr(self, "accounts", [])]):
            known = self.model.accounts[account.pk]
            assert known.is_covered()
            assert (account.debits_posted, account.debits_pending) == (
                known.debits_posted,
                known.debits_pending,
            )
            assert (account.credits_posted, account.credits_pending) == (
                known.credits_posted,
                known.credits_pending,
            )

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)


def test_the_database_refuses_exactly_what_the_model_refuses(bank: Bank) -> None:
    AgainstTheModel.bank = bank
    run_state_machine_as_test(
        AgainstTheModel,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_transfer_cannot_be_changed_or_deleted(bank: Bank) -> None:
    savings, _, trade, *_ = some_accounts(bank)
    made = move(trade, savings, 100)
    for change in ({"amount": 1}, {"debit": savings}, {"deed": uuid.uuid4()}):
        with pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
            Transfer.objects.filter(pk=made.pk).update(**change)
    with pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
        Transfer.objects.filter(pk=made.pk).delete()


def test_an_account_cannot_be_made_rich_or_shrunk_by_hand(bank: Bank) -> None:
    savings, _, trade, *_ = some_accounts(bank)
    move(trade, savings, 100)
    with pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
        Account.objects.filter(pk=savings.pk).update(credits_posted=50)
    with pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
        Account.objects.filter(pk=savings.pk).update(kind="trade")
    with pytest.raises(IntegrityError, match="begins at zero"), transaction.atomic():
        Account.objects.create(
            kind="capital", ledger="rupiah", side="free", unit=bank.unit, credits_posted=1
        )
    if (
        connection.vendor == "postgresql"
    ):  # SQLite cannot tell a trigger's update: there the audit finds it
        with pytest.raises(Error, match="immutable"), transaction.atomic():
            Account.objects.filter(pk=savings.pk).update(credits_posted=500)


def test_what_is_held_cannot_be_spent_twice(bank: Bank) -> None:
    savings, _, trade, *_ = some_accounts(bank)
    move(trade, savings, 100)
    held = move(savings, trade, 80, phase=Phase.PENDING)
    with pytest.raises(pure.Overdrawn):
        move(savings, trade, 21)
    move(savings, trade, 80, phase=Phase.VOID, settles=held.pk)
    move(savings, trade, 100)
    with pytest.raises(pure.NothingPending):
        move(savings, trade, 80, phase=Phase.POST, settles=held.pk)


def test_a_reversal_cannot_be_reversed(bank: Bank) -> None:
    savings, _, trade, *_ = some_accounts(bank)
    made = move(trade, savings, 100)
    [back] = books.take_back(
        deed=made.deed, key=uuid.uuid4(), booked_on=TODAY, by=None, at=SATURDAY
    )
    with pytest.raises(pure.NotReversible):
        move(back.credit, back.debit, 100, reverses=back.pk)
    with pytest.raises(pure.NotReversible):
        books.take_back(deed=made.deed, key=uuid.uuid4(), booked_on=TODAY, by=None, at=SATURDAY)


def test_nothing_moves_in_a_closed_month(bank: Bank) -> None:
    savings, _, trade, *_ = some_accounts(bank)
    bank.unit.closed_until_on = TODAY
    bank.unit.save(update_fields=["closed_until_on"])
    with pytest.raises(pure.PeriodClosed):
        move(trade, savings, 100)
    with transaction.atomic():
        books.post(
            deed=uuid.uuid4(), kind="test", legs=[Leg(trade.pk, savings.pk, 5)],
            booked_on=TODAY + timedelta(days=1), by=None, at=SATURDAY,
        )  # fmt: skip
