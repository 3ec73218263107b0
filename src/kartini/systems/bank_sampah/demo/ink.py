"""Writes many rows at once, and remembers meanwhile what lies in each account."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.core.management.color import no_style
from django.db import connection, connections, transaction
from django.db.models import Max

from kartini.systems.bank_sampah.engine.chart import KINDS, Place
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
    Part,
    Price,
    PriceList,
    Sale,
    SaleLine,
    StockCount,
    Transfer,
    Unit,
    Withdrawal,
)
from kartini.systems.bank_sampah.services.books import lock

Move = tuple[Place, Place, int]
# in the order in which the tables need each other; accounts are opened after the first four
PEOPLE: tuple[type[Any], ...] = (Depositor, Part, PriceList, Price)
PAPERS: tuple[type[Any], ...] = (
    Card, CashMove, Deposit, DepositLine, Withdrawal, Sale, SaleLine, StockCount, Correction, Day, MonthClose, Transfer,
)  # fmt: skip
MANY = (Deposit, DepositLine, Transfer)


class Ink:
    """Rows wait here until ``flush`` writes them in one short transaction. Transfers get their numbers beforehand,
    so that one may name another.
    """

    def __init__(self, known: Iterable[Account]) -> None:
        self.waiting: dict[type[Any], list[Any]] = {}
        self.next_id = (Transfer.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
        self.closed: list[Unit] = []
        self._wanted: set[Place] = set()
        self._between: dict[int, tuple[Place, Place]] = {}
        self._held = {
            Place(KINDS[a.kind], a.unit_id, a.depositor_id, a.material_id): a.debits_posted - a.credits_posted for a in known
        }  # fmt: skip

    def put(self, row: Any) -> Any:
        self.waiting.setdefault(type(row), []).append(row)
        return row

    def open(self, places: Iterable[Place]) -> None:
        """These accounts are wanted."""
        self._wanted.update(places)

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
            credit, debit = self._between[old.pk]
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
        self._between[self.next_id] = debit, credit
        row: Transfer = self.put(Transfer(id=self.next_id, key=key, amount=amount, **ties, **facts))
        return row

    def flush(self) -> None:
        """All that waits, in one transaction."""
        with transaction.atomic():
            for model in PEOPLE:
                model.objects.bulk_create(self.waiting.pop(model, []), batch_size=2000)
            for deposit in self.waiting.get(Deposit, []):
                deposit.part_id = deposit.part.pk if deposit.part else None
            accounts = lock(self._wanted)
            for transfer in self.waiting.get(Transfer, []):
                debit, credit = self._between[transfer.pk]
                transfer.debit_id, transfer.credit_id = accounts[debit].pk, accounts[credit].pk
            for model in PAPERS:
                write = _write_many if model in MANY else model.objects.bulk_create
                write(self.waiting.pop(model, []))
            Unit.objects.bulk_update(self.closed, ["closed_until_on"])
            with connection.cursor() as cursor:
                for statement in connection.ops.sequence_reset_sql(no_style(), [Transfer]):
                    cursor.execute(statement)
        self.closed.clear()
        self._between.clear()
        self._wanted.clear()


def _write_many(rows: Sequence[Any]) -> None:
    """What ``bulk_create`` does, without its care for each value: these are the thousands."""
    if not rows:
        return
    table = type(rows[0])._meta  # noqa: SLF001 — as Django's own guide does
    columns = [c for c in table.local_concrete_fields if getattr(rows[0], c.attname) is not None or not c.primary_key]  # fmt: skip
    names = ", ".join(connection.ops.quote_name(c.column) for c in columns)
    marks = ", ".join(["%s"] * len(columns))
    line = connections[connection.alias]  # not its proxy, which is asked half a million times
    words = [[c.get_db_prep_save(getattr(r, c.attname), line) for c in columns] for r in rows]
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table.db_table} ({names}) VALUES ({marks})", words)  # noqa: S608 — names are ours


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment in Jepara (UTC+7)."""
    return datetime.combine(day, time(), UTC) + timedelta(hours=hour - 7, minutes=minute)
