"""Taking over the old books: read, shown first, booked as a whole, undone as a whole."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from kartini.kit import inserts
from kartini.people import trail
from kartini.systems.bank_sampah.engine import chart, ledger, sheet
from kartini.systems.bank_sampah.engine.chart import Place
from kartini.systems.bank_sampah.models import (
    Account,
    Card,
    Deposit,
    Depositor,
    OpeningBalance,
    OpeningImport,
    Transfer,
    Unit,
)
from kartini.systems.bank_sampah.services import books, turn
from kartini.systems.bank_sampah.services.books import Leg
from kartini.systems.bank_sampah.services.depositors import new_code


class HasFaults(Exception):
    """The sheet has rows that cannot be taken over; nothing was."""


class AlreadyTaken(Exception):
    """This very file was taken over before."""


class CannotUndo(Exception):
    """It was undone already, or some of the savings are spent."""


@dataclass(frozen=True)
class Report:
    """What taking over would do: which rows are known depositors, which become new ones, what is wrong."""

    read: sheet.Sheet
    known: dict[int, Depositor]
    clashes: list[sheet.Fault]

    @property
    def faults(self) -> list[sheet.Fault]:
        return sorted([*self.read.faults, *self.clashes], key=lambda fault: fault.row)

    @property
    def new(self) -> int:
        return len(self.read.rows) - len(self.known)


def look(*, unit: Unit, content: bytes, today: date) -> Report:
    """The dry run. Raises ``sheet.NotASheet``."""
    read = sheet.read(content, today=today)
    here = list(Depositor.objects.filter(unit=unit))
    by_number = {depositor.number: depositor for depositor in here}
    by_name = {d.name.lower(): d for d in here if d.merged_into_id is None}
    known, clashes = {}, []
    for row in read.rows:
        found = by_number.get(row.number) if row.number else by_name.get(row.name.lower())
        if found is None:
            continue
        if found.name.lower() != row.name.lower():
            clashes.append(sheet.Fault(row.row, "number", str(row.number), "twice"))
        else:
            known[row.row] = found
    return Report(read, known, clashes)


@turn.writing()
def take_over(
    *,
    id: UUID,  # noqa: A002
    unit: Unit,
    file_name: str,
    content: bytes,
    booked_on: date,
    by: Any,
    at: datetime,
) -> OpeningImport:
    """Book every row, or none. Sent twice under one id, it is taken over once."""
    unit = Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    known = OpeningImport.objects.filter(pk=id).first()
    if known is not None:
        return known
    report = look(unit=unit, content=content, today=booked_on)
    if report.faults or not report.read.rows:
        raise HasFaults
    digest = hashlib.sha256(content).hexdigest()
    try:
        with transaction.atomic():
            batch = OpeningImport.objects.create(
                id=id, unit=unit, file_name=file_name[:200], sha256=digest, booked_on=booked_on, at=at, by=by
            )  # fmt: skip
    except IntegrityError as twice:
        raise AlreadyTaken from twice
    _book(batch, _balances(batch, report, by, at), by, at)
    transaction.on_commit(
        lambda: inserts.recount(Depositor, Card, OpeningBalance, Account, Transfer)
    )
    thing = f"bank-sampah.opening-import:{batch.pk}"
    trail.did(
        by=by, verb="bank-sampah.opening-taken-over", thing=thing, at=at, note=file_name[:200]
    )
    return batch


def _balances(batch: OpeningImport, report: Report, by: Any, at: datetime) -> list[OpeningBalance]:
    here = Depositor.objects.filter(unit=batch.unit)
    taken = {row.number for row in report.read.rows} | {None}
    last = max(here.aggregate(last=Max("number"))["last"] or 0, *(n or 0 for n in taken))
    new, balances = [], []
    for row in report.read.rows:
        depositor = report.known.get(row.row)
        if depositor is None:
            last += row.number is None
            depositor = Depositor(
                id=uuid5(batch.pk, f"depositor:{row.row}"), unit=batch.unit, number=row.number or last,
                kind=row.kind, name=row.name, phone=row.phone, address=row.address, consented_at=at,
                registered_at=at, registered_by=by,
            )  # fmt: skip
            new.append(depositor)
        balances.append(
            OpeningBalance(
                id=uuid5(batch.pk, f"balance:{row.row}"), batch=batch, row=row.row, depositor=depositor,
                registered_here=row.row not in report.known, amount_rupiah=row.balance,
            )
        )  # fmt: skip
    Depositor.objects.bulk_create(new)
    Card.objects.bulk_create(Card(code=new_code(), depositor=d, issued_at=at) for d in new)
    return OpeningBalance.objects.bulk_create(balances)


def _book(batch: OpeningImport, balances: list[OpeningBalance], by: Any, at: datetime) -> None:
    old = Place(chart.OLD_BOOKS, batch.unit_id)
    purses = {
        b.pk: Place(chart.SAVINGS, batch.unit_id, depositor_id=b.depositor_id) for b in balances
    }
    accounts = books.lock([old, *purses.values()])
    for balance in balances:
        books.post(
            deed=balance.pk,
            kind="opening",
            legs=[Leg(accounts[old].pk, accounts[purses[balance.pk]].pk, balance.amount_rupiah)],
            booked_on=batch.booked_on,
            by=by,
            at=at,
        )


@turn.writing()
def undo(*, batch: OpeningImport, by: Any, at: datetime, today: date) -> OpeningImport:
    """Take the whole sheet back; passbooks that it opened and nobody used since are closed."""
    batch = OpeningImport.objects.select_for_update(no_key=True).get(pk=batch.pk)
    if batch.undone_at is not None:
        raise CannotUndo
    balances = list(batch.balances.all())
    places = [Place(chart.SAVINGS, batch.unit_id, depositor_id=b.depositor_id) for b in balances]
    books.lock([Place(chart.OLD_BOOKS, batch.unit_id), *places])
    for balance in balances:
        if balance.amount_rupiah:
            _take_back(balance, by, at, today)
    used = Deposit.objects.filter(depositor__in=[b.depositor_id for b in balances])
    opened = Q(pk__in=[b.depositor_id for b in balances if b.registered_here])
    Depositor.objects.filter(opened).exclude(pk__in=used.values("depositor")).update(left_on=today)
    batch.undone_at, batch.undone_by = at, by
    batch.save(update_fields=["undone_at", "undone_by"])
    thing = f"bank-sampah.opening-import:{batch.pk}"
    trail.did(by=by, verb="bank-sampah.opening-undone", thing=thing, at=at)
    return batch


def _take_back(balance: OpeningBalance, by: Any, at: datetime, today: date) -> None:
    try:
        books.take_back(deed=balance.pk, key=balance.pk, booked_on=today, by=by, at=at)
    except ledger.Overdrawn as spent:
        raise CannotUndo from spent
