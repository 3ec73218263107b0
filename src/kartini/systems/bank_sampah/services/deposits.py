"""Deposits: bags are weighed, priced by the list in force, and saved; once, however often they arrive."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils import timezone

from kartini.contracts.bank_sampah import DepositRecorded
from kartini.exchange import bus
from kartini.kit import inserts
from kartini.systems.bank_sampah.engine import chart, ledger
from kartini.systems.bank_sampah.engine.chart import Place
from kartini.systems.bank_sampah.engine.weights import kilograms, worth
from kartini.systems.bank_sampah.models import (
    Deposit,
    DepositLine,
    Depositor,
    Part,
    PriceList,
    Terms,
    Transfer,
    Unit,
)
from kartini.systems.bank_sampah.services import books, prices, turn
from kartini.systems.bank_sampah.services.books import Leg

CLOCK_TOLERANCE = timedelta(minutes=5)
MOST_LINES = 40


class NothingWeighed(Exception):
    """A deposit needs at least one bag above zero."""


class TooManyLines(Exception):
    """More bags than one deposit may have."""


class TooHeavy(Exception):
    """A bag is heavier than the terms allow: probably a slip of the comma."""

    def __init__(self, grams: int, most: int) -> None:
        super().__init__(grams, most)
        self.grams = grams
        self.most = most


class NotBought(Exception):
    """The price list has no price for this material."""

    def __init__(self, material_id: int) -> None:
        super().__init__(material_id)
        self.material_id = material_id


class NoLongerSaving(Exception):
    """The depositor has left, or the unit is closed."""


class IdUsed(Exception):
    """Another deposit already bears this id. Nothing was overwritten: ``known`` is what stands."""

    def __init__(self, known: Deposit) -> None:
        super().__init__(known.pk)
        self.known = known


REFUSALS = (
    NothingWeighed, TooManyLines, TooHeavy, NotBought, NoLongerSaving, prices.OutOfDate, prices.NoPriceList, ledger.Refused,
)  # fmt: skip


@dataclass(frozen=True)
class Weighed:
    """One bag."""

    material_id: int
    grams: int


def record(
    *,
    id: UUID,  # noqa: A002
    depositor: Depositor,
    bags: Sequence[Weighed],
    weighed_at: datetime,
    sent_at: datetime | None = None,
    price_list: PriceList | None = None,
    part: Part | None = None,
    by: Any,
    at: datetime,
) -> Deposit:
    """Weigh in. The same ``id`` with the same content is the same deposit, whenever and however often it comes.

    ``sent_at`` is what the sender's clock said when it sent; from it a slow clock is put right. Everything is
    read and priced before the transaction, so that forty people in a queue hold the books only to write; what
    changed meanwhile (two passbooks merged, a month closed) the database refuses, and it is read again.
    """
    asked = _Weighing(id, bags, weighed_at, sent_at, price_list, part, by, at)
    try:
        return _weigh_in(depositor, asked)
    except (*REFUSALS, IntegrityError):  # has it come before, perhaps under other circumstances?
        known = Deposit.objects.select_related("depositor").filter(pk=id).first()
        if known is None:
            raise
        return _same(known, depositor, bags)


@dataclass(frozen=True)
class _Weighing:
    """What was asked for, but for whom."""

    id: UUID
    bags: Sequence[Weighed]
    weighed_at: datetime
    sent_at: datetime | None
    price_list: PriceList | None
    part: Part | None
    by: Any
    at: datetime


def _weigh_in(depositor: Depositor, asked: _Weighing) -> Deposit:
    try:
        return _save(*_priced(who_saves(depositor), asked))
    except (NoLongerSaving, ledger.PeriodClosed):
        return _save(*_priced(who_saves(fresh(depositor.pk)), asked))


def _priced(depositor: Depositor, asked: _Weighing) -> tuple[Deposit, list[DepositLine]]:
    """The paper, with its prices pinned; nothing is written yet."""
    unit, at = depositor.unit, asked.at
    _check_bags(asked.bags, unit.terms)
    off = _clock_off(asked.sent_at, at)
    weighed_at = min(asked.weighed_at + off, at)
    listed = prices.for_weighing(unit=unit, chosen=asked.price_list, weighed_at=weighed_at)
    lines = _lines(listed, asked.bags)
    deposit = Deposit(
        id=asked.id, unit=unit, depositor=depositor, part=asked.part, price_list=listed, weighed_at=weighed_at,
        received_at=at, clock_off_seconds=int(off.total_seconds()), booked_on=_booked_on(unit, weighed_at, at),
        total_grams=sum(line.grams for line in lines), total_rupiah=sum(line.rupiah for line in lines), by=asked.by,
    )  # fmt: skip
    for line in lines:
        line.deposit = deposit
    return deposit, lines


def _save(deposit: Deposit, lines: Sequence[DepositLine]) -> Deposit:
    """Write what was weighed: paper, books and fact together. The rows are ready before the turn is taken."""
    accounts = books.find(_places(deposit.depositor, lines))
    rows = inserts.ready([deposit], lines, _transfers(deposit, lines, accounts))
    fact = DepositRecorded(**facts(deposit, lines), recorded_at=deposit.received_at)
    with turn.writing():
        books.hold(accounts.values())
        with still_saving(), books.refusals_named():
            inserts.write(rows)
        bus.publish(fact)
    return deposit


def facts(deposit: Deposit, lines: Sequence[DepositLine]) -> dict[str, Any]:
    """What the exchange may know of a deposit: where, when, how much of what; not whose."""
    price_of = prices.prices_of(deposit.price_list_id)
    grams: Counter[str] = Counter()
    for line in lines:
        grams[price_of[line.material_id][1]] += line.grams
    return {
        "deposit": str(deposit.pk),
        "unit": deposit.unit.code,
        "village_code": deposit.unit.village_code,
        "depositor_kind": deposit.depositor.kind,
        "booked_on": deposit.booked_on,
        "kilograms": kilograms(deposit.total_grams),
        "rupiah": deposit.total_rupiah,
        "by_category": {category: kilograms(weight) for category, weight in grams.items()},
    }


def who_saves(depositor: Depositor) -> Depositor:
    """The passbook that counts, if it still saves. Raises ``NoLongerSaving``."""
    depositor = kept(depositor)
    if depositor.left_on is not None or depositor.unit.closed_on is not None:
        raise NoLongerSaving
    return depositor


def kept(depositor: Depositor) -> Depositor:
    """Where two passbooks were merged, the one that was kept."""
    while depositor.merged_into_id is not None:
        depositor = fresh(depositor.merged_into_id)
    return depositor


def fresh(pk: UUID) -> Depositor:
    """As the passbook stands now."""
    return Depositor.objects.select_related("unit__terms").get(pk=pk)


@contextmanager
def still_saving() -> Iterator[None]:
    """Within: where the passbook was merged or left since it was read, the database refuses the paper."""
    try:
        yield
    except IntegrityError as refusal:
        if "books: no longer saving" in str(refusal):
            raise NoLongerSaving from refusal
        raise


def _check_bags(bags: Sequence[Weighed], terms: Terms) -> None:
    if not bags or any(bag.grams <= 0 for bag in bags):
        raise NothingWeighed
    if len(bags) > MOST_LINES:
        raise TooManyLines
    for bag in bags:
        if bag.grams > terms.max_line_grams:
            raise TooHeavy(bag.grams, terms.max_line_grams)


def _places(depositor: Depositor, bags: Sequence[Weighed | DepositLine]) -> list[Place]:
    unit_id = depositor.unit_id
    return [
        Place(chart.TRADE, unit_id),
        Place(chart.SAVINGS, unit_id, depositor_id=depositor.pk),
        Place(chart.BROUGHT, unit_id, depositor_id=depositor.pk),
        *(
            Place(chart.STOCK, unit_id, material_id=m)
            for m in sorted({b.material_id for b in bags})
        ),
    ]


def _same(known: Deposit, depositor: Depositor, bags: Sequence[Weighed]) -> Deposit:
    """The deposit that stands, if this is it again; the savings may have been merged since."""
    stands = Counter(known.lines.values_list("material_id", "grams"))
    if stands != Counter((bag.material_id, bag.grams) for bag in bags):
        raise IdUsed(known)
    if known.depositor != depositor and kept(known.depositor) != kept(fresh(depositor.pk)):
        raise IdUsed(known)
    return known


def _clock_off(sent_at: datetime | None, at: datetime) -> timedelta:
    """How slow the sender's clock is; nothing where it is about right or unknown."""
    off = at - sent_at if sent_at else timedelta()
    return off if abs(off) > CLOCK_TOLERANCE else timedelta()


def _lines(listed: PriceList, bags: Sequence[Weighed]) -> list[DepositLine]:
    """The lines, with their prices pinned."""
    price_of = prices.prices_of(listed.pk)
    lines = []
    for number, bag in enumerate(bags, 1):
        if bag.material_id not in price_of:
            raise NotBought(bag.material_id)
        rupiah, _category = price_of[bag.material_id]
        lines.append(
            DepositLine(
                number=number,
                material_id=bag.material_id,
                grams=bag.grams,
                rupiah_per_kilogram=rupiah,
                rupiah=worth(bag.grams, rupiah),
            )
        )
    return lines


def _booked_on(unit: Unit, weighed_at: datetime, at: datetime) -> date:
    """The day of weighing; the day of arrival where the month of weighing is closed."""
    weighed_on = timezone.localdate(weighed_at)
    closed = unit.closed_until_on
    return timezone.localdate(at) if closed and weighed_on <= closed else weighed_on


def _transfers(
    deposit: Deposit, lines: Sequence[DepositLine], accounts: Mapping[Place, int]
) -> list[Transfer]:
    unit_id, who = deposit.unit_id, deposit.depositor_id
    trade, savings = Place(chart.TRADE, unit_id), Place(chart.SAVINGS, unit_id, depositor_id=who)
    brought = accounts[Place(chart.BROUGHT, unit_id, depositor_id=who)]
    money = Leg(accounts[trade], accounts[savings], deposit.total_rupiah)
    heaps = [Place(chart.STOCK, unit_id, material_id=line.material_id) for line in lines]
    weights = [
        Leg(accounts[heap], brought, line.grams) for heap, line in zip(heaps, lines, strict=True)
    ]
    return books.transfers(
        deed=deposit.pk,
        kind="deposit",
        legs=[money, *weights],
        booked_on=deposit.booked_on,
        by=deposit.by,
        at=deposit.received_at,
    )
