"""Weighings that come in from a phone: each is taken, or refused with its reason, by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kartini.systems.bank_sampah.models import Deposit, Depositor, Part, PriceList, Unit
from kartini.systems.bank_sampah.services import deposits
from kartini.systems.bank_sampah.services.deposits import Weighed


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


@dataclass(frozen=True)
class Outcome:
    """Either the deposit that stands, or why there is none."""

    deposit: Deposit | None = None
    refusal: Exception | None = None


def receive(
    *, unit: Unit, weighings: Sequence[Weighing], sent_at: datetime, by: Any, at: datetime
) -> list[Outcome]:
    """In the order in which they were sent; each is a transaction of its own, so that one fault spoils only itself."""
    return [_one(unit, weighing, sent_at, by, at) for weighing in weighings]


def _one(unit: Unit, weighing: Weighing, sent_at: datetime, by: Any, at: datetime) -> Outcome:
    try:
        depositor = _depositor(unit, weighing)
        made = deposits.record(
            id=weighing.id,
            depositor=depositor,
            part=_part(depositor, weighing.part_id),
            bags=weighing.bags,
            weighed_at=weighing.weighed_at,
            sent_at=sent_at,
            price_list=_price_list(weighing.price_list_id),
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


def _depositor(unit: Unit, weighing: Weighing) -> Depositor:
    here = Depositor.objects.select_related("unit__terms").filter(unit=unit)
    found = (
        here.filter(pk=weighing.depositor_id)
        if weighing.depositor_id
        else here.filter(number=weighing.number or 0)
    ).first()
    if found is None:
        raise UnknownDepositor
    return found


def _part(group: Depositor, pk: int | None) -> Part | None:
    if pk is None:
        return None
    found = Part.objects.filter(pk=pk, group=group).first()
    if found is None:
        raise UnknownPart
    return found


def _price_list(pk: UUID | None) -> PriceList | None:
    if pk is None:
        return None
    found = PriceList.objects.filter(pk=pk).first()
    if found is None:
        raise UnknownPriceList
    return found
