"""Price lists: published once, valid from a moment on, never changed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Max

from kartini.contracts.bank_sampah import ListedPrice, PriceListPublished
from kartini.exchange import bus
from kartini.kit.ids import new_id
from kartini.people import trail
from kartini.systems.bank_sampah.models import Material, Price, PriceList, Unit
from kartini.systems.bank_sampah.services import turn


class NoPrices(Exception):
    """A list needs at least one price above zero."""


class FromThePast(Exception):
    """A price list cannot begin before it is published: what was told at the counter stays true."""


class OutOfDate(Exception):
    """The phone used a price list that ended too long ago, or that was not valid yet."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


class NoPriceList(Exception):
    """The unit has published no prices yet."""


@turn.writing()
def publish(
    *,
    owner: Unit,
    prices: Mapping[Material, int],
    from_at: datetime,
    by: Any,
    at: datetime,
    id: UUID | None = None,  # noqa: A002
) -> PriceList:
    """Publish what a bank pays from a moment on. Published twice under one id, it is the same list."""
    known = PriceList.objects.filter(pk=id).first() if id else None
    if known:
        return known
    paid = {material: rupiah for material, rupiah in prices.items() if rupiah > 0}
    if not paid:
        raise NoPrices
    if from_at < at - timedelta(minutes=1):
        raise FromThePast
    Unit.objects.select_for_update(no_key=True).get(pk=owner.pk)
    last = PriceList.objects.filter(owner=owner).aggregate(last=Max("version"))["last"] or 0
    listed = PriceList.objects.create(
        id=id or new_id(), owner=owner, version=last + 1, from_at=from_at, published_at=at, published_by=by
    )  # fmt: skip
    Price.objects.bulk_create(
        Price(price_list=listed, material=material, rupiah_per_kilogram=rupiah)
        for material, rupiah in paid.items()
    )
    thing = f"bank-sampah.price-list:{listed.pk}"
    trail.did(by=by, verb="bank-sampah.prices-published", thing=thing, at=at)
    bus.publish(fact(listed, paid))
    return listed


def for_weighing(*, unit: Unit, chosen: PriceList | None, weighed_at: datetime) -> PriceList:
    """The list that counts for a weighing: the one the depositor was shown, if it was still fair.

    A phone without signal may go on with the list it has for ``price_grace_days`` after a newer one began.
    Raises ``OutOfDate`` or ``NoPriceList``.
    """
    if chosen is None:
        chosen = PriceList.objects.in_force(unit.pk, weighed_at)
        if chosen is None:
            raise NoPriceList
        return chosen
    began_by = weighed_at - timedelta(days=unit.terms.price_grace_days)
    late = chosen.owner_id != unit.pk or chosen.from_at > weighed_at
    if late or _began(unit, after=chosen.from_at, by=began_by):
        raise OutOfDate(chosen.version)
    return chosen


def _began(unit: Unit, *, after: datetime, by: datetime) -> bool:
    """Has this unit a list from between these moments? Asked at each weighing, so in plain SQL."""
    asked = "SELECT 1 FROM bank_sampah_pricelist WHERE owner_id = %s AND from_at > %s AND from_at <= %s LIMIT 1"
    moment = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.execute(asked, [unit.pk, moment(after), moment(by)])
        return cursor.fetchone() is not None


@lru_cache(maxsize=1000)
def prices_of(list_id: UUID) -> Mapping[int, tuple[int, str]]:
    """Price per kilogram and category of each material. A published list never changes: read once."""
    rows = Price.objects.filter(price_list_id=list_id)
    return {
        material: (rupiah, category)
        for material, rupiah, category in rows.values_list(
            "material_id", "rupiah_per_kilogram", "material__category_id"
        )
    }


def fact(listed: PriceList, paid: Mapping[Material, int]) -> PriceListPublished:
    """What the exchange may know of a price list: all of it."""
    return PriceListPublished(
        unit=listed.owner.code,
        guide=listed.owner.kind == Unit.Kind.PARENT,
        version=listed.version,
        from_at=listed.from_at,
        prices=[
            ListedPrice(material=m.code, category=m.category_id, rupiah_per_kilogram=rupiah)
            for m, rupiah in paid.items()
        ],
    )
