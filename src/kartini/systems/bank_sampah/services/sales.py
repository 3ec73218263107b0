"""Sales: stock is weighed out and sold, upward to the parent bank or to a collector."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from kartini.contracts.bank_sampah import SaleRecorded
from kartini.exchange import bus
from kartini.systems.bank_sampah.engine import chart
from kartini.systems.bank_sampah.engine.chart import Place
from kartini.systems.bank_sampah.engine.weights import kilograms, worth
from kartini.systems.bank_sampah.models import Account, Buyer, Material, Sale, SaleLine, Unit
from kartini.systems.bank_sampah.services import books, turn
from kartini.systems.bank_sampah.services.books import Leg

WAYS = {Sale.Way.CASH: chart.CASH, Sale.Way.BANK: chart.BANK}


class NothingSold(Exception):
    """A sale needs at least one material above zero, each once."""


class NotInStock(Exception):
    """The book holds less of a material than was weighed out: count the heap first."""

    def __init__(self, material_id: int, available: int) -> None:
        super().__init__(material_id, available)
        self.material_id = material_id
        self.available = available


class BuyerCannotPay(Exception):
    """The parent bank's cash box or bank account holds less than the price."""

    def __init__(self, available: int) -> None:
        super().__init__(available)
        self.available = available


class IdUsed(Exception):
    """Another sale already bears this id."""


@dataclass(frozen=True)
class WeighedOut:
    """One material as it leaves, and what the buyer pays for a kilogram."""

    material_id: int
    grams: int
    rupiah_per_kilogram: int


@turn.writing()
def record(
    *,
    id: UUID,  # noqa: A002
    unit: Unit,
    heaps: Sequence[WeighedOut],
    to: Buyer | Unit,
    way: str = Sale.Way.CASH,
    slip: str = "",
    by: Any,
    at: datetime,
) -> Sale:
    """Weigh out and sell. A sale to the parent bank is its purchase: both sides are booked together."""
    _check_heaps(heaps)
    accounts = books.lock(_places(unit, heaps, to, way))
    known = Sale.objects.filter(pk=id).first()
    if known is not None:
        return _same(known, unit, heaps)
    _check_stock(unit, heaps, accounts)
    lines = _lines(heaps)
    sale = Sale.objects.create(
        id=id, unit=unit, to_unit=to if isinstance(to, Unit) else None, buyer=to if isinstance(to, Buyer) else None,
        way=way, slip=slip, sold_at=at, booked_on=timezone.localdate(at),
        total_grams=sum(line.grams for line in lines), total_rupiah=sum(line.rupiah for line in lines), by=by,
    )  # fmt: skip
    for line in lines:
        line.sale = sale
    SaleLine.objects.bulk_create(lines)
    _book(sale, lines, accounts)
    bus.publish(SaleRecorded(**facts(sale, lines), sold_at=at))
    return sale


def facts(sale: Sale, lines: Sequence[SaleLine]) -> dict[str, Any]:
    """What the exchange may know of a sale."""
    category_of = dict(
        Material.objects.filter(pk__in=[line.material_id for line in lines]).values_list(
            "pk", "category_id"
        )
    )
    grams: Counter[str] = Counter()
    for line in lines:
        grams[category_of[line.material_id]] += line.grams
    return {
        "sale": str(sale.pk),
        "unit": sale.unit.code,
        "village_code": sale.unit.village_code,
        "buyer": "parent" if sale.to_unit_id else "collector",
        "booked_on": sale.booked_on,
        "kilograms": kilograms(sale.total_grams),
        "rupiah": sale.total_rupiah,
        "by_category": {category: kilograms(weight) for category, weight in grams.items()},
    }


def _places(unit: Unit, heaps: Sequence[WeighedOut], to: Buyer | Unit, way: str) -> list[Place]:
    box = WAYS[Sale.Way(way)]
    materials = sorted(heap.material_id for heap in heaps)
    places = [Place(box, unit.pk), Place(chart.TRADE, unit.pk), Place(chart.SOLD, unit.pk)]
    places += [Place(chart.STOCK, unit.pk, material_id=m) for m in materials]
    if isinstance(to, Unit):
        places += [Place(box, to.pk), Place(chart.TRADE, to.pk)]
        places += [Place(chart.STOCK, to.pk, material_id=m) for m in materials]
    return places


def _check_heaps(heaps: Sequence[WeighedOut]) -> None:
    each_once = len({heap.material_id for heap in heaps}) == len(heaps)
    if not heaps or not each_once or any(heap.grams <= 0 for heap in heaps):
        raise NothingSold


def _lines(heaps: Sequence[WeighedOut]) -> list[SaleLine]:
    return [
        SaleLine(
            number=number,
            material_id=heap.material_id,
            grams=heap.grams,
            rupiah_per_kilogram=heap.rupiah_per_kilogram,
            rupiah=worth(heap.grams, heap.rupiah_per_kilogram),
        )
        for number, heap in enumerate(heaps, 1)
    ]


def _same(known: Sale, unit: Unit, heaps: Sequence[WeighedOut]) -> Sale:
    stands = Counter(known.lines.values_list("material_id", "grams", "rupiah_per_kilogram"))
    sent = Counter((h.material_id, h.grams, h.rupiah_per_kilogram) for h in heaps)
    if known.unit_id != unit.pk or stands != sent:
        raise IdUsed
    return known


def _check_stock(
    unit: Unit, heaps: Sequence[WeighedOut], accounts: Mapping[Place, Account]
) -> None:
    for heap in heaps:
        stock = accounts[Place(chart.STOCK, unit.pk, material_id=heap.material_id)]
        if heap.grams > stock.available:
            raise NotInStock(heap.material_id, stock.available)


def _book(sale: Sale, lines: Sequence[SaleLine], accounts: Mapping[Place, Account]) -> None:
    box, unit_id, to_id = WAYS[Sale.Way(sale.way)], sale.unit_id, sale.to_unit_id
    price = sale.total_rupiah
    trade = accounts[Place(chart.TRADE, unit_id)]
    legs = [Leg(accounts[Place(box, unit_id)].pk, trade.pk, price)]
    if to_id:
        purse = accounts[Place(box, to_id)]
        if price > purse.available:
            raise BuyerCannotPay(purse.available)
        legs.append(Leg(accounts[Place(chart.TRADE, to_id)].pk, purse.pk, price))
    for line in lines:
        left = accounts[Place(chart.STOCK, unit_id, material_id=line.material_id)]
        taken = (
            accounts[Place(chart.STOCK, to_id, material_id=line.material_id)]
            if to_id
            else accounts[Place(chart.SOLD, unit_id)]
        )
        legs.append(Leg(taken.pk, left.pk, line.grams))
    books.post(
        deed=sale.pk, kind="sale", legs=legs, booked_on=sale.booked_on, by=sale.by, at=sale.sold_at
    )
