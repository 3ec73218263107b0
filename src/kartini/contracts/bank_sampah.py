"""What Bank Sampah states and answers. Kilograms are what was kept from the landfill; no personal data."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from pydantic import Field

from kartini.contracts.base import Contract, Event, Query

_DEPOSIT = {
    "deposit": "01938c2e-7b1a-7c3d-9e55-3f0d6a1b2c4d",
    "unit": "bs-melati",
    "village_code": "33.20.11.2012",
    "depositor_kind": "household",
    "booked_on": "2026-11-21",
    "kilograms": "7.500",
    "rupiah": 16500,
    "by_category": {"plastik": "2.500", "kertas": "5.000"},
}
_SALE = {
    "sale": "01938c2e-7b1a-7c3d-9e55-3f0d6a1b2c4e",
    "unit": "bs-melati",
    "village_code": "33.20.11.2012",
    "buyer": "parent",
    "booked_on": "2026-11-23",
    "kilograms": "412.000",
    "rupiah": 1236000,
    "by_category": {"plastik": "212.000", "kertas": "200.000"},
}


class DepositRecorded(Event):
    """Sorted waste was weighed and credited to a depositor. ``booked_on`` is its day in the books."""

    name = "bank-sampah.deposit-recorded.v1"
    ordered_by = "unit"
    example = {**_DEPOSIT, "recorded_at": "2026-11-21T02:14:00Z"}

    deposit: str
    unit: str
    village_code: str
    depositor_kind: Literal["household", "group", "company"]
    booked_on: date
    kilograms: Decimal
    rupiah: int
    by_category: dict[str, Decimal]
    recorded_at: datetime


class DepositReversed(Event):
    """A deposit was taken back: subtract what ``DepositRecorded`` of the same ``deposit`` said."""

    name = "bank-sampah.deposit-reversed.v1"
    ordered_by = "unit"
    example = {**_DEPOSIT, "reversed_at": "2026-11-21T03:00:00Z"}

    deposit: str
    unit: str
    village_code: str
    depositor_kind: Literal["household", "group", "company"]
    booked_on: date
    kilograms: Decimal
    rupiah: int
    by_category: dict[str, Decimal]
    reversed_at: datetime


class WithdrawalPaid(Event):
    """Savings were paid out at a unit."""

    name = "bank-sampah.withdrawal-paid.v1"
    ordered_by = "unit"
    example = {
        "unit": "bs-melati",
        "village_code": "33.20.11.2012",
        "rupiah": 150000,
        "way": "cash",
        "paid_at": "2026-11-21T03:20:00Z",
    }

    unit: str
    village_code: str
    rupiah: int
    way: Literal["cash", "bank"]
    paid_at: datetime


class SaleRecorded(Event):
    """A unit sold stock upward to the parent bank, or to a collector."""

    name = "bank-sampah.sale-recorded.v1"
    ordered_by = "unit"
    example = {**_SALE, "sold_at": "2026-11-23T04:00:00Z"}

    sale: str
    unit: str
    village_code: str
    buyer: Literal["parent", "collector"]
    booked_on: date
    kilograms: Decimal
    rupiah: int
    by_category: dict[str, Decimal]
    sold_at: datetime


class SaleReversed(Event):
    """A sale was taken back: subtract what ``SaleRecorded`` of the same ``sale`` said."""

    name = "bank-sampah.sale-reversed.v1"
    ordered_by = "unit"
    example = {**_SALE, "reversed_at": "2026-11-23T05:00:00Z"}

    sale: str
    unit: str
    village_code: str
    buyer: Literal["parent", "collector"]
    booked_on: date
    kilograms: Decimal
    rupiah: int
    by_category: dict[str, Decimal]
    reversed_at: datetime


class StockCounted(Event):
    """A heap was counted and did not fit its book. ``difference_kilograms`` is heap minus book."""

    name = "bank-sampah.stock-counted.v1"
    ordered_by = "unit"
    example = {
        "unit": "bs-melati",
        "village_code": "33.20.11.2012",
        "material": "pet",
        "category": "plastik",
        "book_kilograms": "120.000",
        "difference_kilograms": "-3.500",
        "cause": "residue",
        "counted_at": "2026-11-28T04:00:00Z",
    }

    unit: str
    village_code: str
    material: str
    category: str
    book_kilograms: Decimal
    difference_kilograms: Decimal
    cause: Literal["residue", "miscounted"]
    counted_at: datetime


class ListedPrice(Contract):
    """What a bank pays for one kilogram of a material."""

    example = {"material": "pet", "category": "plastik", "rupiah_per_kilogram": 2500}

    material: str
    category: str
    rupiah_per_kilogram: int


class PriceListPublished(Event):
    """A bank published prices. ``guide`` is true for the parent bank's list, which guides its units."""

    name = "bank-sampah.price-list-published.v1"
    ordered_by = "unit"
    example = {
        "unit": "bsi-jepara",
        "guide": True,
        "version": 12,
        "from_at": "2026-12-01T00:00:00Z",
        "prices": [ListedPrice.example],
    }

    unit: str
    guide: bool
    version: int
    from_at: datetime
    prices: list[ListedPrice]


class UnitOpened(Event):
    """A waste bank came into service."""

    name = "bank-sampah.unit-opened.v1"
    ordered_by = "unit"
    example = {
        "unit": "bs-melati",
        "title": "Bank Sampah Melati",
        "kind": "unit",
        "village_code": "33.20.11.2012",
        "opened_on": "2024-01-06",
    }

    unit: str
    title: str
    kind: Literal["unit", "parent"]
    village_code: str
    opened_on: date


class UnitClosed(Event):
    """A waste bank went out of service."""

    name = "bank-sampah.unit-closed.v1"
    ordered_by = "unit"
    example = {"unit": "bs-melati", "village_code": "33.20.11.2012", "closed_on": "2026-11-30"}

    unit: str
    village_code: str
    closed_on: date


class DivertedCell(Contract):
    """Kilograms of one category that one village's depositors brought in one month.

    ``kilograms`` is ``None`` where fewer depositors stand behind it than may be published, and where such
    a cell could be reckoned back from it and the totals of its month.
    """

    example = {
        "village_code": "33.20.11.2012",
        "month": "2026-10",
        "category": "plastik",
        "kilograms": "212.500",
    }

    village_code: str
    month: str
    category: str
    kilograms: Decimal | None


class Diverted(Contract):
    """The cells that were asked for, and when they were counted."""

    example = {"cells": [DivertedCell.example], "at": "2026-11-24T02:14:00Z"}

    cells: list[DivertedCell] | None = None
    at: datetime | None = None


class DivertedKilograms(Query[Diverted]):
    """How much waste did deposits keep from the landfill, by village, month and category?

    Months are ``YYYY-MM``, both included, at most 36; without a village the whole regency is answered.
    """

    name = "bank-sampah.diverted-kilograms.v1"
    example = {"from_month": "2026-10", "until_month": "2026-10", "village_code": None}

    from_month: str = Field(pattern=r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$")
    until_month: str = Field(pattern=r"^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$")
    village_code: str | None = None


class NearbyUnit(Contract):
    """A waste bank in service and its distance in kilometres (as the crow flies)."""

    example = {
        "unit": "bs-melati",
        "title": "Bank Sampah Melati",
        "address": "Balai RW 02, Desa Tahunan",
        "village_code": "33.20.11.2012",
        "kilometres": 0.8,
        "hours": ["Sabtu 08.00–11.00"],
    }

    unit: str
    title: str
    address: str
    village_code: str
    kilometres: float
    hours: list[str]


class NearbyUnits(Contract):
    """The nearest units, nearest first."""

    example = {"units": [NearbyUnit.example]}

    units: list[NearbyUnit] | None = None


class UnitsNear(Query[NearbyUnits]):
    """Which waste banks are near this point?"""

    name = "bank-sampah.units-near.v1"
    example = {"lat": -6.6186, "lng": 110.6792, "within_kilometres": 5, "limit": 3}

    lat: float = Field(ge=-90, le=90)
    lng: float = Field(ge=-180, le=180)
    within_kilometres: float = Field(default=5, gt=0, le=50)
    limit: int = Field(default=5, ge=1, le=20)
