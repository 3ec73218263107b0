"""Counting the heap: what lies there against what the book says, and why they differ."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from kartini.contracts.bank_sampah import StockCounted
from kartini.exchange import bus
from kartini.systems.bank_sampah.engine import chart
from kartini.systems.bank_sampah.engine.chart import Place
from kartini.systems.bank_sampah.engine.weights import kilograms
from kartini.systems.bank_sampah.models import Material, StockCount, Unit
from kartini.systems.bank_sampah.services import books, turn
from kartini.systems.bank_sampah.services.books import Leg

CAUSES = {StockCount.Cause.RESIDUE: chart.RESIDUE, StockCount.Cause.MISCOUNTED: chart.MISCOUNTED}


class NeedsExplanation(Exception):
    """Heap and book differ: say the cause in words."""

    def __init__(self, difference: int) -> None:
        super().__init__(difference)
        self.difference = difference


class ResidueOnlyLessens(Exception):
    """More than the book says cannot come from throwing away."""


class IdUsed(Exception):
    """Another count already bears this id."""


@turn.writing()
def count(
    *,
    id: UUID,  # noqa: A002
    unit: Unit,
    material: Material,
    counted_grams: int,
    cause: str = StockCount.Cause.MISCOUNTED,
    explanation: str = "",
    by: Any,
    at: datetime,
) -> StockCount:
    """Book what was found. Where heap and book agree no cause is needed."""
    heap = Place(chart.STOCK, unit.pk, material_id=material.pk)
    other = Place(CAUSES.get(StockCount.Cause(cause), chart.MISCOUNTED), unit.pk)
    accounts = books.lock([heap, other])
    known = StockCount.objects.filter(pk=id).first()
    if known is not None:
        return _same(known, unit, material, counted_grams)
    difference = counted_grams - accounts[heap].balance
    cause = _cause(difference, cause, explanation)
    found = StockCount.objects.create(
        id=id, unit=unit, material=material, counted_grams=counted_grams, book_grams=accounts[heap].balance,
        cause=cause, explanation=explanation if difference else "", counted_at=at, booked_on=timezone.localdate(at), by=by,
    )  # fmt: skip
    if difference:
        more, less = (heap, other) if difference > 0 else (other, heap)
        legs = [Leg(accounts[more].pk, accounts[less].pk, abs(difference))]
        books.post(deed=id, kind="count", legs=legs, booked_on=found.booked_on, by=by, at=at)
        bus.publish(_counted(found))
    return found


def _same(known: StockCount, unit: Unit, material: Material, counted_grams: int) -> StockCount:
    stands = known.unit_id, known.material_id, known.counted_grams
    if stands != (unit.pk, material.pk, counted_grams):
        raise IdUsed
    return known


def _cause(difference: int, cause: str, explanation: str) -> str:
    if not difference:
        return StockCount.Cause.MATCH
    if not explanation.strip() or cause == StockCount.Cause.MATCH:
        raise NeedsExplanation(difference)
    if cause == StockCount.Cause.RESIDUE and difference > 0:
        raise ResidueOnlyLessens
    return cause


def _counted(found: StockCount) -> StockCounted:
    return StockCounted(
        unit=found.unit.code,
        village_code=found.unit.village_code,
        material=found.material.code,
        category=found.material.category_id,
        book_kilograms=kilograms(found.book_grams),
        difference_kilograms=kilograms(found.counted_grams - found.book_grams),
        cause=found.cause,
        counted_at=found.counted_at,
    )
