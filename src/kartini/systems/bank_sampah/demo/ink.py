"""Writes many rows at once, and remembers meanwhile what lies in each account."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.core.management.color import no_style
from django.db import connection
from django.db.models import Max

from kartini.systems.bank_sampah.engine.chart import Place
from kartini.systems.bank_sampah.engine.ledger import Phase
from kartini.systems.bank_sampah.models import (
    Account,
    Card,
    CashMove,
    Correction,
    Day,
    Deposit,
    DepositLine,
    Depositor,
    MonthClose,
    Sale,
    SaleLine,
    StockCount,
    Transfer,
    Unit,
    Withdrawal,
)
from kartini.systems.bank_sampah.services.books import lock

Move = tuple[Place, Place, int]
# in the order in which the tables need each other
TABLES: tuple[type[Any], ...] = (
    Depositor, Card, CashMove, Deposit, DepositLine, Withdrawal, Sale, SaleLine, StockCount, Correction, Day, MonthClose, Transfer,
)  # fmt: skip


class Ink:
    """Rows wait here until ``flush``. Transfers get their numbers beforehand, so that one may name another."""

    def __init__(self) -> None:
        self.waiting: dict[type[Any], list[Any]] = {}
        self.next_id = (Transfer.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
        self.accounts: dict[Place, Account] = {}
        self._place_of: dict[int, Place] = {}
        self.closed: list[Unit] = []
        self._held: dict[Place, int] = {}

    def put(self, row: Any) -> Any:
        self.waiting.setdefault(type(row), []).append(row)
        return row

    def open(self, places: Iterable[Place]) -> None:
        opened = lock(places)
        self.accounts |= opened
        self._place_of |= {account.pk: place for place, account in opened.items()}

    def held(self, place: Place) -> int:
        """Debits less credits: what lies on a heap or in a box."""
        return self._held.get(place, 0)

    def move(
        self, deed: UUID, kind: str, on: date, at: datetime, moves: Iterable[Move], **more: Any
    ) -> list[Transfer]:
        """One deed's transfers; ``more``: phase, settles, reverses."""
        made = []
        for number, (debit, credit, amount) in enumerate(moves):
            if not amount:
                continue
            key = uuid5(deed, f"{kind}:{more.get('phase', Phase.SINGLE)}:{number}")
            made.append(self._transfer(key, debit, credit, amount, more, kind=kind, deed=deed, booked_on=on, at=at))  # fmt: skip
        return made

    def take_back(
        self, correction: UUID, deed: UUID, on: date, at: datetime, made: list[Transfer]
    ) -> None:
        for number, old in enumerate(made):
            key, ties = uuid5(correction, f"reversal:single:{number}"), {"reverses": old}
            debit, credit = self._place_of[old.credit_id], self._place_of[old.debit_id]
            self._transfer(key, debit, credit, old.amount, ties, kind="reversal", deed=deed, booked_on=on, at=at)  # fmt: skip

    def _transfer(
        self,
        key: UUID,
        debit: Place,
        credit: Place,
        amount: int,
        ties: dict[str, Any],
        **facts: Any,
    ) -> Transfer:
        if ties.get("phase", Phase.SINGLE) == Phase.SINGLE:
            self._held[debit] = self.held(debit) + amount
            self._held[credit] = self.held(credit) - amount
        self.next_id += 1
        row: Transfer = self.put(
            Transfer(
                id=self.next_id, key=key, debit_id=self.accounts[debit].pk, credit_id=self.accounts[credit].pk, amount=amount, **ties, **facts
            )
        )  # fmt: skip
        return row

    def flush(self) -> None:
        for model in TABLES:
            model.objects.bulk_create(self.waiting.pop(model, []), batch_size=2000)
        Unit.objects.bulk_update(self.closed, ["closed_until_on"])
        self.closed.clear()
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), [Transfer]):
                cursor.execute(statement)


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment in Jepara (UTC+7)."""
    return datetime.combine(day, time(), UTC) + timedelta(hours=hour - 7, minutes=minute)
