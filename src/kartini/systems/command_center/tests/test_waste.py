"""The waste banks on the wall, from what they stated alone."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from kartini.contracts.bank_sampah import (
    DepositRecorded,
    DepositReversed,
    PriceListPublished,
    StockCounted,
    UnitClosed,
    UnitOpened,
)
from kartini.people.models import User
from kartini.systems.command_center import handlers
from kartini.systems.command_center.models import WasteBank, WasteDeposit
from kartini.systems.command_center.services import waste
from kartini.systems.command_center.services.board import Board
from kartini.systems.command_center.tests.conftest import NOW, TODAY


def opened(unit: str = "bs-melati", **more: Any) -> UnitOpened:
    return UnitOpened(**{**UnitOpened.example, "unit": unit, **more})


def weighed(number: int = 1, on: date = TODAY, **more: Any) -> DepositRecorded:
    said = {**DepositRecorded.example, "deposit": f"d{number}", "booked_on": on, **more}
    return DepositRecorded(**said)


def taken_back(number: int = 1) -> DepositReversed:
    return DepositReversed(
        **{**DepositReversed.example, "deposit": f"d{number}", "booked_on": TODAY}
    )


def priced(unit: str, rupiah: int, *, guide: bool = False, days: int = 0) -> PriceListPublished:
    price = {"material": "besi", "category": "logam", "rupiah_per_kilogram": rupiah}
    return PriceListPublished(unit=unit, guide=guide, version=days + 1, from_at=NOW - timedelta(days=9 - days), prices=[price])  # fmt: skip


def counted(cause: str, difference: str) -> StockCounted:
    said = {"cause": cause, "difference_kilograms": difference, "counted_at": NOW}
    return StockCounted(**{**StockCounted.example, **said})


FACTS = [
    (handlers.waste_weighed, weighed(1)),
    (handlers.waste_weighed, weighed(2)),
    (handlers.waste_taken_back, taken_back(1)),
]


class AnyOrder(TestCase):
    @given(st.permutations(FACTS), st.lists(st.sampled_from(FACTS), max_size=4))
    def test_a_deposit_that_was_taken_back_never_counts(self, order: Any, again: Any) -> None:
        for handler, event in [*order, *again]:
            handler(event)
        assert list(WasteDeposit.objects.filter(reversed_at=None).values_list("deposit")) == [("d2",)]  # fmt: skip
        assert waste.of_villages(TODAY) == {"33.20.11.2012": 8}


def test_a_bank_that_has_not_weighed_for_four_weeks_is_asleep() -> None:
    handlers.waste_bank_opened(opened())
    handlers.waste_weighed(weighed(on=TODAY - timedelta(days=28)))
    assert waste.concerns(TODAY) == []
    [asleep] = waste.concerns(TODAY + timedelta(days=1))
    assert (asleep.kind, asleep.bank.title) == ("asleep", "Bank Sampah Melati")
    closed = UnitClosed(unit="bs-melati", village_code="33.20.11.2012", closed_on=TODAY)
    handlers.waste_bank_closed(closed)
    assert waste.concerns(TODAY + timedelta(days=1)) == []


def test_a_closing_that_arrives_before_the_opening_still_closes() -> None:
    handlers.waste_bank_closed(UnitClosed(unit="bs-melati", village_code="", closed_on=TODAY))
    handlers.waste_bank_opened(opened())
    assert WasteBank.objects.get().closed_on == TODAY
    handlers.waste_bank_opened(opened(opened_on=TODAY + timedelta(days=1)))
    assert WasteBank.objects.get().closed_on is None


def test_a_price_far_from_the_guide_is_named_and_the_newest_list_counts() -> None:
    handlers.waste_bank_opened(opened(opened_on=TODAY))
    handlers.waste_prices(priced("bsi-jepara", 4000, guide=True))
    handlers.waste_prices(priced("bs-melati", 5300, days=2))
    assert [one.kind for one in waste.concerns(TODAY)] == ["price"]
    handlers.waste_prices(priced("bs-melati", 4100, days=3))
    handlers.waste_prices(priced("bs-melati", 9000, days=1))
    assert waste.concerns(TODAY) == []


def test_residue_is_explained_and_a_heap_that_fits_no_book_is_not() -> None:
    handlers.waste_bank_opened(opened(opened_on=TODAY))
    handlers.waste_counted(counted("residue", "-60"))
    assert waste.concerns(TODAY) == []
    for _ in range(2):
        handlers.waste_counted(counted("miscounted", "-6.5"))
    assert [one.kind for one in waste.concerns(TODAY)] == ["heap"]


@pytest.fixture
def trouble(jepara: None) -> None:
    """One bank asleep, one with a heap and a price."""
    handlers.waste_bank_opened(opened("bs-tidur", title="Bank Sampah Tidur"))
    handlers.waste_bank_opened(opened())
    handlers.waste_prices(priced("bsi-jepara", 4000, guide=True))
    handlers.waste_prices(priced("bs-melati", 8000))
    handlers.waste_weighed(weighed())
    handlers.waste_counted(counted("miscounted", "-6.5"))


def test_the_wall_shows_the_waste_banks(trouble: None, sekda: User, client: Client, django_assert_max_num_queries: Any) -> None:  # fmt: skip
    with django_assert_max_num_queries(24):
        page = client.get(reverse("command_center:wall") + "?adegan=sampah").content.decode()
    for said in ("kg", "Bank Sampah Tidur", "Bank Sampah Melati"):
        assert said in page
    assert [tile.value for tile in Board(NOW).waste_tiles()] == ["8", "1", "1", "1", "1"]


def test_the_desk_names_each_bank_that_needs_a_decision(trouble: None, sekda: User, client: Client) -> None:  # fmt: skip
    page = client.get(reverse("command_center:desk")).content.decode()
    assert page.count("Bank Sampah Melati") == 2
    assert "Bank Sampah Tidur" in page
