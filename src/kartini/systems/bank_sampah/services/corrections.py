"""Corrections: what was booked is never changed, only taken back, with a reason, by two above the limit."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from kartini.contracts.bank_sampah import DepositReversed, SaleReversed
from kartini.exchange import bus
from kartini.people import trail
from kartini.systems.bank_sampah.engine import ledger
from kartini.systems.bank_sampah.models import (
    CashMove,
    Correction,
    Deposit,
    Sale,
    StockCount,
    Withdrawal,
)
from kartini.systems.bank_sampah.services import books, deposits, sales, turn

DEEDS: dict[str, type[models.Model]] = {
    Correction.Kind.DEPOSIT: Deposit,
    Correction.Kind.WITHDRAWAL: Withdrawal,
    Correction.Kind.SALE: Sale,
    Correction.Kind.COUNT: StockCount,
    Correction.Kind.CASH_MOVE: CashMove,
}


class AlreadyTakenBack(Exception):
    """This deed was taken back, or its correction waits for a second person."""


class NothingToTakeBack(Exception):
    """There is no such deed, or nothing of it was booked (a withdrawal that was not paid)."""


class NeedsReason(Exception):
    """A correction says why."""


class NeedsFourEyes(Exception):
    """Above the limit, whoever asked for the correction does not decide it."""


class AlreadySpent(Exception):
    """What is to be taken back is no longer there: savings withdrawn, stock sold, or cash paid out."""


@turn.writing()
def ask(*, kind: str, deed: UUID, reason: str, by: Any, at: datetime) -> Correction:
    """Take a deed back. Below the limit it is done at once; above, it waits for a second person."""
    if not reason.strip():
        raise NeedsReason
    found: Any = DEEDS[kind].objects.select_for_update(no_key=True).filter(pk=deed).first()  # type: ignore[attr-defined]
    if found is None:
        raise NothingToTakeBack
    amount = amount_of(found)
    try:
        with transaction.atomic():
            correction = Correction.objects.create(
                unit=found.unit,
                kind=kind,
                deed=deed,
                amount_rupiah=amount,
                reason=reason.strip(),
                four_eyes=amount > found.unit.terms.four_eyes_rupiah,
                asked_at=at,
                asked_by=by,
            )
    except IntegrityError as known:
        raise AlreadyTakenBack from known
    return correction if correction.four_eyes else _carry_out(correction, found, by, at)


@turn.writing()
def decide(*, correction: Correction, agree: bool, by: Any, at: datetime) -> Correction:
    """The second person agrees, or refuses. Decided twice the same way, it was decided once."""
    correction = Correction.objects.select_for_update(no_key=True).get(pk=correction.pk)
    wanted = Correction.State.DONE if agree else Correction.State.REFUSED
    if correction.state == wanted:
        return correction
    if correction.state != Correction.State.ASKED:
        raise AlreadyTakenBack
    if by.pk == correction.asked_by_id:
        raise NeedsFourEyes
    if agree:
        found = DEEDS[correction.kind].objects.get(pk=correction.deed)  # type: ignore[attr-defined]
        return _carry_out(correction, found, by, at)
    return _close(correction, Correction.State.REFUSED, by, at)


def amount_of(found: Any) -> int:
    """What a deed is worth in rupiah; nothing for a stock count."""
    for name in ("total_rupiah", "amount_rupiah"):
        if hasattr(found, name):
            return int(getattr(found, name))
    return 0


def _carry_out(correction: Correction, found: Any, by: Any, at: datetime) -> Correction:
    try:
        books.take_back(
            deed=correction.deed,
            key=correction.pk,
            booked_on=timezone.localdate(at),
            by=by,
            at=at,
        )
    except ledger.Overdrawn as spent:
        raise AlreadySpent from spent
    except ledger.NotReversible as nothing:
        raise NothingToTakeBack from nothing
    type(found).objects.filter(pk=found.pk).update(reversed_at=at)
    if (tell := TELLS.get(correction.kind)) is not None:
        tell(found, at)
    return _close(correction, Correction.State.DONE, by, at)


def _close(correction: Correction, state: str, by: Any, at: datetime) -> Correction:
    correction.state, correction.decided_at, correction.decided_by = state, at, by
    correction.save(update_fields=["state", "decided_at", "decided_by"])
    thing = f"bank-sampah.{correction.kind}:{correction.deed}"
    trail.did(
        by=by, verb=f"bank-sampah.correction-{state}", thing=thing, at=at, note=correction.reason
    )
    return correction


def _tell_of_deposit(deposit: Deposit, at: datetime) -> None:
    bus.publish(
        DepositReversed(**deposits.facts(deposit, list(deposit.lines.all())), reversed_at=at)
    )


def _tell_of_sale(sale: Sale, at: datetime) -> None:
    bus.publish(SaleReversed(**sales.facts(sale, list(sale.lines.all())), reversed_at=at))


TELLS: dict[str, Callable[[Any, datetime], None]] = {
    Correction.Kind.DEPOSIT: _tell_of_deposit,
    Correction.Kind.SALE: _tell_of_sale,
}
