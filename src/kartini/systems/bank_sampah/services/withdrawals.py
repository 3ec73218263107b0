"""Withdrawals: asked for (and held in the books), approved, paid; or refused, or lapsed."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from kartini.contracts.bank_sampah import WithdrawalPaid
from kartini.exchange import bus
from kartini.people import trail
from kartini.systems.bank_sampah import rules
from kartini.systems.bank_sampah.engine import chart
from kartini.systems.bank_sampah.engine.chart import Place
from kartini.systems.bank_sampah.engine.ledger import Phase
from kartini.systems.bank_sampah.models import Depositor, Transfer, Withdrawal
from kartini.systems.bank_sampah.services import books, messages, turn
from kartini.systems.bank_sampah.services.books import Leg
from kartini.systems.bank_sampah.services.deposits import fresh, kept, still_saving, who_saves

WAYS = {Withdrawal.Way.CASH: chart.CASH, Withdrawal.Way.BANK: chart.BANK}


class NotEnoughSaved(Exception):
    """Less is available than was asked for; what other withdrawals hold does not count."""

    def __init__(self, available: int) -> None:
        super().__init__(available)
        self.available = available


class TooLittle(Exception):
    """Below the smallest withdrawal."""

    def __init__(self, least: int) -> None:
        super().__init__(least)
        self.least = least


class NotEnoughCash(Exception):
    """The cash box (or bank account) holds less than is to be paid."""

    def __init__(self, available: int) -> None:
        super().__init__(available)
        self.available = available


class OwnWithdrawal(Exception):
    """Nobody approves or pays a withdrawal from a passbook of her own."""


class NeedsFourEyes(Exception):
    """Above the limit: whoever asked at the counter does not approve."""


class IdUsed(Exception):
    """Another withdrawal already bears this id."""


@turn.writing()
def ask(
    *,
    id: UUID,  # noqa: A002
    depositor: Depositor,
    amount_rupiah: int,
    way: str = Withdrawal.Way.CASH,
    to_account: str = "",
    by: Any,
    at: datetime,
) -> Withdrawal:
    """Ask for savings; from now on the amount is held. Asked twice under one id, it was asked once."""
    depositor = who_saves(fresh(depositor.pk))
    terms = depositor.unit.terms
    purse, clearing = _held_between(depositor)
    accounts = books.lock([purse, clearing])
    known = Withdrawal.objects.select_related("depositor__unit").filter(pk=id).first()
    if known is not None:
        return _same(known, depositor, amount_rupiah)
    if amount_rupiah < terms.least_withdrawal_rupiah:
        raise TooLittle(terms.least_withdrawal_rupiah)
    savings, payouts = accounts[purse], accounts[clearing]
    if amount_rupiah > savings.available:
        raise NotEnoughSaved(savings.available)
    with still_saving():
        withdrawal = Withdrawal.objects.create(
            id=id, unit=depositor.unit, depositor=depositor, amount_rupiah=amount_rupiah, way=way, to_account=to_account,
            four_eyes=amount_rupiah > terms.four_eyes_rupiah, asked_at=at, asked_by=by,
        )  # fmt: skip
    _post(withdrawal, [Leg(savings.pk, payouts.pk, amount_rupiah, Phase.PENDING)], by, at)
    return withdrawal


def _same(known: Withdrawal, depositor: Depositor, amount_rupiah: int) -> Withdrawal:
    """The withdrawal that stands, if this is it again; the savings may have been merged since."""
    if known.amount_rupiah != amount_rupiah or kept(known.depositor) != depositor:
        raise IdUsed
    return known


@turn.writing()
def approve(*, withdrawal: Withdrawal, by: Any, at: datetime) -> Withdrawal:
    """Say that it may be paid. Raises ``OwnWithdrawal``, ``NeedsFourEyes`` or ``MoveRefused``."""
    withdrawal = _locked(withdrawal)
    if withdrawal.state == Withdrawal.State.APPROVED:
        return withdrawal
    _refuse_own(withdrawal, by)
    if withdrawal.four_eyes and withdrawal.asked_by_id == by.pk:
        raise NeedsFourEyes
    withdrawal.state = rules.WITHDRAWAL.step("approve", withdrawal.state)
    withdrawal.approved_at, withdrawal.approved_by = at, by
    withdrawal.save(update_fields=["state", "approved_at", "approved_by"])
    _trail(withdrawal, "approved", by, at)
    messages.of_withdrawal(withdrawal=withdrawal, at=at)
    return withdrawal


@turn.writing()
def pay(*, withdrawal: Withdrawal, signature: str = "", by: Any, at: datetime) -> Withdrawal:
    """Hand out what was approved; the depositor signs. Paid twice, it was paid once."""
    withdrawal = _locked(withdrawal)
    if withdrawal.state == Withdrawal.State.PAID:
        return withdrawal
    _refuse_own(withdrawal, by)
    state = rules.WITHDRAWAL.step("pay", withdrawal.state)
    box = Place(WAYS[Withdrawal.Way(withdrawal.way)], withdrawal.unit_id)
    accounts = books.lock([*_held_between(withdrawal.depositor), box])
    payouts, out_of = accounts[_held_between(withdrawal.depositor)[1]], accounts[box]
    if withdrawal.amount_rupiah > out_of.available:
        raise NotEnoughCash(out_of.available)
    _settle(withdrawal, Phase.POST, by, at, Leg(payouts.pk, out_of.pk, withdrawal.amount_rupiah))
    _end(withdrawal, state, by, at, signature=signature)
    bus.publish(
        WithdrawalPaid(
            unit=withdrawal.unit.code,
            village_code=withdrawal.unit.village_code,
            rupiah=withdrawal.amount_rupiah,
            way=withdrawal.way,
            paid_at=at,
        )
    )
    return withdrawal


@turn.writing()
def refuse(*, withdrawal: Withdrawal, reason: str, by: Any, at: datetime) -> Withdrawal:
    """Say no, with a reason; the savings are free again."""
    withdrawal = _locked(withdrawal)
    state = rules.WITHDRAWAL.step("refuse", withdrawal.state)
    _settle(withdrawal, Phase.VOID, by, at)
    return _end(withdrawal, state, by, at, reason=reason)


@turn.writing()
def void(*, withdrawal: Withdrawal, reason: str, by: Any, at: datetime) -> Withdrawal:
    """Let it lapse: the depositor takes it back, or nobody came for it. Done twice, it was done once."""
    withdrawal = _locked(withdrawal)
    if withdrawal.state == Withdrawal.State.VOIDED:
        return withdrawal
    state = rules.WITHDRAWAL.step("void", withdrawal.state)
    _settle(withdrawal, Phase.VOID, by, at)
    return _end(withdrawal, state, by, at, reason=reason)


def void_stale(*, at: datetime) -> int:
    """Let those lapse that nobody came for within the terms. Each is a transaction of its own."""
    waiting = Withdrawal.objects.filter(state__in=["asked", "approved"]).order_by("asked_at")
    voided = 0
    for withdrawal in waiting.select_related("unit__terms"):
        if at - withdrawal.asked_at <= timedelta(days=withdrawal.unit.terms.stale_days):
            continue
        void(withdrawal=withdrawal, reason="stale", by=None, at=at)
        voided += 1
    return voided


def _held_between(depositor: Depositor) -> tuple[Place, Place]:
    return (
        Place(chart.SAVINGS, depositor.unit_id, depositor_id=depositor.pk),
        Place(chart.PAYOUTS, depositor.unit_id),
    )


def _locked(withdrawal: Withdrawal) -> Withdrawal:
    return (
        Withdrawal.objects.select_for_update(no_key=True, of=("self",))
        .select_related("unit", "depositor")
        .get(pk=withdrawal.pk)
    )


def _refuse_own(withdrawal: Withdrawal, by: Any) -> None:
    if rules.owns(by, withdrawal.depositor):
        raise OwnWithdrawal


def _settle(withdrawal: Withdrawal, phase: Phase, by: Any, at: datetime, *then: Leg) -> None:
    """End the hold: post it (and pay), or void it."""
    held = Transfer.objects.get(deed=withdrawal.pk, phase=Phase.PENDING)
    books.hold([held.debit_id, held.credit_id])
    leg = Leg(held.debit_id, held.credit_id, held.amount, phase, settles=held.pk)
    _post(withdrawal, [leg, *then], by, at)


def _post(withdrawal: Withdrawal, legs: list[Leg], by: Any, at: datetime) -> None:
    books.post(
        deed=withdrawal.pk,
        kind="withdrawal",
        legs=legs,
        booked_on=timezone.localdate(at),
        by=by,
        at=at,
    )


def _end(
    withdrawal: Withdrawal,
    state: str,
    by: Any,
    at: datetime,
    *,
    reason: str = "",
    signature: str = "",
) -> Withdrawal:
    withdrawal.state, withdrawal.ended_at, withdrawal.ended_by = state, at, by
    withdrawal.reason, withdrawal.signature = reason, signature
    withdrawal.save(update_fields=["state", "ended_at", "ended_by", "reason", "signature"])
    _trail(withdrawal, state, by, at)
    messages.of_withdrawal(withdrawal=withdrawal, at=at)
    return withdrawal


def _trail(withdrawal: Withdrawal, what: str, by: Any, at: datetime) -> None:
    trail.did(
        by=by,
        verb=f"bank-sampah.withdrawal-{what}",
        thing=f"bank-sampah.withdrawal:{withdrawal.pk}",
        at=at,
        person=withdrawal.depositor.person,
    )
