"""Weighings that come in from a phone: each is taken, or refused with its reason, by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from kartini.systems.bank_sampah.engine import clocks
from kartini.systems.bank_sampah.models import Deposit, Depositor, Part, PriceList, Unit
from kartini.systems.bank_sampah.services import deposits, turn
from kartini.systems.bank_sampah.services.deposits import Weighed

AT_ONCE = 10


class UnknownDepositor(Exception):
    """Nobody with this id or number saves at this unit."""


class UnknownPart(Exception):
    """The group has no such class."""


class UnknownPriceList(Exception):
    """No such price list."""


@dataclass(frozen=True)
class Weighing:
    """One row as a phone sent it."""

    id: UUID
    depositor_id: UUID | None
    number: int | None
    part_id: int | None
    price_list_id: UUID | None
    bags: Sequence[Weighed]
    weighed_at: datetime
    heard: clocks.Heard | None = None


@dataclass(frozen=True)
class Outcome:
    """Either the deposit that stands, or why there is none."""

    deposit: Deposit | None = None
    refusal: Exception | None = None


def receive(
    *, unit: Unit, weighings: Sequence[Weighing], sent_at: datetime, by: Any, at: datetime
) -> list[Outcome]:
    """In the order in which they were sent; each is taken or refused by itself, so that one fault spoils only itself."""
    known = _Known(unit, weighings)
    outcomes = []
    for first in range(0, len(weighings), AT_ONCE):
        with turn.together():
            some = weighings[first : first + AT_ONCE]
            outcomes += [_one(known, weighing, sent_at, by, at) for weighing in some]
    return outcomes


class _Known:
    """Who saves here and what was paid, read once for a whole batch."""

    def __init__(self, unit: Unit, weighings: Sequence[Weighing]) -> None:
        ids = {w.depositor_id for w in weighings if w.depositor_id}
        numbers = {w.number for w in weighings if w.number and not w.depositor_id}
        here = Depositor.objects.filter(unit=unit).select_related("unit__terms")
        found = here.filter(Q(pk__in=ids) | Q(number__in=numbers))
        self._by_id = {depositor.pk: depositor for depositor in found}
        self._by_number = {depositor.number: depositor for depositor in found}
        lists = {w.price_list_id for w in weighings if w.price_list_id}
        self._lists = PriceList.objects.in_bulk(lists)

    def depositor(self, weighing: Weighing) -> Depositor:
        found = (
            self._by_id.get(weighing.depositor_id)
            if weighing.depositor_id
            else self._by_number.get(weighing.number or 0)
        )
        if found is None:
            raise UnknownDepositor
        return found

    def price_list(self, weighing: Weighing) -> PriceList | None:
        if weighing.price_list_id is None:
            return None
        found = self._lists.get(weighing.price_list_id)
        if found is None:
            raise UnknownPriceList
        return found


def _one(known: _Known, weighing: Weighing, sent_at: datetime, by: Any, at: datetime) -> Outcome:
    try:
        depositor, listed = known.depositor(weighing), known.price_list(weighing)
        made = deposits.record(
            id=weighing.id,
            depositor=depositor,
            part=_part(depositor, weighing.part_id),
            bags=weighing.bags,
            price_list=listed,
            **_moments(weighing, listed, sent_at, at),
            by=by,
            at=at,
        )
    except (
        *deposits.REFUSALS,
        deposits.IdUsed,
        UnknownDepositor,
        UnknownPart,
        UnknownPriceList,
    ) as refusal:
        return Outcome(refusal=refusal)
    return Outcome(deposit=made)


def _moments(weighing: Weighing, listed: PriceList | None, sent_at: datetime, at: datetime) -> dict[str, datetime]:  # fmt: skip
    """When it was weighed; a clock that was off stays to be read on the deposit."""
    said, sent = clocks.sane(weighing.weighed_at, at), clocks.sane(sent_at, at)
    known = listed.from_at if listed else None
    moment = clocks.judged(said=said, sent_at=sent, heard=weighing.heard, not_before=known, at=at)
    if abs(moment - said) <= clocks.TOLERANCE:
        return {"weighed_at": moment, "sent_at": at}
    return {"weighed_at": said, "sent_at": at - (moment - said)}


def _part(group: Depositor, pk: int | None) -> Part | None:
    if pk is None:
        return None
    found = Part.objects.filter(pk=pk, group=group).first()
    if found is None:
        raise UnknownPart
    return found
