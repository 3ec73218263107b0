"""Verbs in any order, accepted or refused, against what a child would count."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from kartini.exchange.testing import Post
from kartini.kit.flow import MoveRefused
from kartini.systems.bank_sampah.engine import chart
from kartini.systems.bank_sampah.engine.weights import worth
from kartini.systems.bank_sampah.models import (
    Account,
    Correction,
    Deposit,
    Sale,
    Withdrawal,
)
from kartini.systems.bank_sampah.services import (
    cash,
    corrections,
    depositors,
    deposits,
    sales,
    stock,
    withdrawals,
)
from kartini.systems.bank_sampah.services.audit import audit
from kartini.systems.bank_sampah.services.deposits import Weighed
from kartini.systems.bank_sampah.services.sales import WeighedOut
from kartini.systems.bank_sampah.tests.conftest import PRICES, SATURDAY, Bank

REFUSALS = (
    withdrawals.NotEnoughSaved, withdrawals.NotEnoughCash, withdrawals.TooLittle, sales.NotInStock,
    corrections.AlreadySpent, corrections.AlreadyTakenBack, corrections.NothingToTakeBack, corrections.NeedsFourEyes,
    stock.NeedsExplanation, stock.ResidueOnlyLessens, cash.NotEnoughMoney, depositors.CannotMerge, depositors.CannotUndo,
    MoveRefused, withdrawals.NeedsFourEyes,
)  # fmt: skip


class ASaturday(RuleBasedStateMachine):
    """Verbs in any order, accepted or refused: the audit finds nothing, and savings are what a child would count."""

    bank: Bank

    @initialize()
    def begin(self) -> None:
        self.saved = {d.pk: 0 for d in self.bank.depositors}
        self.deeds: list[tuple[str, uuid.UUID]] = []
        self.open: list[Withdrawal] = []

    @rule(
        who=st.integers(0, 2), material=st.sampled_from(sorted(PRICES)), grams=st.integers(1, 9000)
    )
    def weigh(self, who: int, material: str, grams: int) -> None:
        depositor = self.bank.depositors[who]
        made = deposits.record(
            id=uuid.uuid4(), depositor=depositor, bags=[Weighed(self.bank.materials[material].pk, grams)],
            weighed_at=SATURDAY, by=self.bank.manager, at=SATURDAY,
        )  # fmt: skip
        assert made.total_rupiah == worth(grams, PRICES[material])
        self.saved[made.depositor_id] += made.total_rupiah
        self.deeds.append(("deposit", made.pk))

    @rule(who=st.integers(0, 2), amount=st.integers(9_000, 40_000))
    def ask(self, who: int, amount: int) -> None:
        depositor = self.bank.depositors[who]
        asked = self.refusable(
            withdrawals.ask, id=uuid.uuid4(), depositor=depositor, amount_rupiah=amount, by=self.bank.manager
        )  # fmt: skip
        if isinstance(asked, Withdrawal):
            self.open.append(asked)

    @rule(which=st.integers(0, 9), verb=st.sampled_from(["pay", "refuse", "void"]))
    def end(self, which: int, verb: str) -> None:
        if not self.open:
            return
        one = self.open[which % len(self.open)]
        self.refusable(withdrawals.approve, withdrawal=one, by=self.bank.second)
        more = {} if verb == "pay" else {"reason": "test"}
        done = self.refusable(
            getattr(withdrawals, verb), withdrawal=one, by=self.bank.second, **more
        )
        if (
            isinstance(done, Withdrawal)
            and done.state == "paid"
            and ("withdrawal", done.pk) not in self.deeds
        ):
            self.saved[done.depositor_id] -= done.amount_rupiah
            self.deeds.append(("withdrawal", done.pk))

    @rule(material=st.sampled_from(sorted(PRICES)), grams=st.integers(1, 15_000), up=st.booleans())
    def sell(self, material: str, grams: int, up: bool) -> None:
        from kartini.systems.bank_sampah.models import Buyer

        to = self.bank.parent if up else Buyer.objects.get_or_create(name="Pengepul Jaya")[0]
        heap = WeighedOut(self.bank.materials[material].pk, grams, 3000)
        sold = self.refusable(
            sales.record, id=uuid.uuid4(), unit=self.bank.unit, heaps=[heap], to=to, by=self.bank.manager
        )  # fmt: skip
        if isinstance(sold, Sale):
            self.deeds.append(("sale", sold.pk))

    @rule(
        material=st.sampled_from(sorted(PRICES)),
        grams=st.integers(0, 9000),
        cause=st.sampled_from(["residue", "miscounted"]),
    )
    def count(self, material: str, grams: int, cause: str) -> None:
        found = self.refusable(
            stock.count, id=uuid.uuid4(), unit=self.bank.unit, material=self.bank.materials[material],
            counted_grams=grams, cause=cause, explanation="basah", by=self.bank.manager,
        )  # fmt: skip
        if found is not None:
            self.deeds.append(("count", found.pk))

    @rule(which=st.integers(0, 40))
    def take_back(self, which: int) -> None:
        if not self.deeds:
            return
        kind, deed = self.deeds[which % len(self.deeds)]
        done = self.refusable(
            corrections.ask, kind=kind, deed=deed, reason="salah", by=self.bank.manager
        )
        if isinstance(done, Correction) and done.state == "done":
            if kind == "deposit":
                self.saved[Deposit.objects.get(pk=deed).depositor_id] -= done.amount_rupiah
            elif kind == "withdrawal":
                self.saved[Withdrawal.objects.get(pk=deed).depositor_id] += done.amount_rupiah

    @rule(one=st.integers(0, 2), other=st.integers(0, 2))
    def merge(self, one: int, other: int) -> None:
        pair = [self.bank.depositors[one], self.bank.depositors[other]]
        merged = self.refusable(
            depositors.merge, id=uuid.uuid4(), source=pair[0], target=pair[1], reason="satu orang", by=self.bank.manager
        )  # fmt: skip
        if merged is not None:
            self.saved[pair[1].pk] += self.saved[pair[0].pk]
            self.saved[pair[0].pk] = 0

    def refusable(self, verb: Callable[..., Any], **words: Any) -> Any:
        try:
            return verb(**words, at=SATURDAY)
        except REFUSALS:
            return None

    @invariant()
    def savings_are_what_a_child_would_count(self) -> None:
        if not hasattr(self, "saved"):
            return
        stored = {
            a.depositor_id: a.balance for a in Account.objects.filter(kind=chart.SAVINGS.code)
        }
        assert {k: v for k, v in self.saved.items() if v} == {k: v for k, v in stored.items() if v}

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()

    def teardown(self) -> None:
        assert list(audit()) == []
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)


def test_any_order_of_accepted_verbs_keeps_the_books(bank: Bank, post: Post) -> None:
    ASaturday.bank = bank
    for unit in (bank.unit, bank.parent):
        cash.move(
            id=uuid.uuid4(), unit=unit, way="capital-in", amount_rupiah=200_000, reason="modal", by=bank.officer,
            at=SATURDAY - timedelta(days=1),
        )  # fmt: skip
    run_state_machine_as_test(
        ASaturday,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
