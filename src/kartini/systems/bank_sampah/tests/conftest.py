"""A waste bank for tests: one parent, two units, four materials, three depositors, two managers."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from importlib import import_module
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from kartini.kit.ids import new_id
from kartini.people.models import Organisation, Role, User
from kartini.systems.bank_sampah.models import (
    Category,
    Depositor,
    Material,
    Price,
    PriceList,
    Terms,
    Unit,
)

migration: Any = import_module("kartini.systems.bank_sampah.migrations.0002_books")
SATURDAY = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
VILLAGE = "33.20.11.2012"
PRICES = {"pet": 2500, "kardus": 1800, "besi": 4000, "jelantah": 5000}


@dataclass
class Bank:
    """What most tests need at hand."""

    unit: Unit
    other: Unit
    parent: Unit
    manager: User
    second: User
    officer: User
    prices: PriceList
    materials: dict[str, Material]
    depositors: list[Depositor] = field(default_factory=list)

    def depositor(self, number: int = 0) -> Depositor:
        return self.depositors[number]


def a_unit(code: str, name: str, prefix: str, **more: Any) -> Unit:
    organisation, _ = Organisation.objects.get_or_create(
        code=code, defaults={"name": name, "short_name": name, "kind": "NGO"}
    )
    return Unit.objects.create(
        organisation=organisation,
        name=name,
        prefix=prefix,
        village_code=VILLAGE,
        opened_on=date(2024, 1, 6),
        terms=Terms.objects.get_or_create(name="Ketentuan")[0],
        **more,
    )


def an_account(username: str, *, kind: str = "", at: Unit | None = None) -> User:
    user = User.objects.create(username=username, full_name=username.title())
    if kind:
        Role.objects.create(
            user=user,
            kind=kind,
            organisation_id=at.code if at else None,
            from_on=date(2024, 1, 1),
        )
    return user


def a_price_list(owner: Unit, prices: dict[str, int], from_at: datetime, version: int) -> PriceList:
    listed = PriceList.objects.create(
        owner=owner, version=version, from_at=from_at, published_at=from_at
    )
    by_code = {m.code: m for m in Material.objects.all()}
    Price.objects.bulk_create(
        [
            Price(price_list=listed, material=by_code[code], rupiah_per_kilogram=rupiah)
            for code, rupiah in prices.items()
        ]
    )
    return listed


def materials() -> dict[str, Material]:
    made = {}
    for code, name in (
        ("plastik", "Plastik"),
        ("kertas", "Kertas"),
        ("logam", "Logam"),
        ("minyak", "Minyak"),
    ):
        Category.objects.create(code=code, name=name)
    for code, category in (
        ("pet", "plastik"),
        ("kardus", "kertas"),
        ("besi", "logam"),
        ("jelantah", "minyak"),
    ):
        made[code] = Material.objects.create(code=code, name=code.title(), category_id=category)
    return made


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


def make_bank() -> Bank:
    parent = a_unit("bsi-jepara", "Bank Sampah Induk", "BSI", kind="parent")
    unit = a_unit("bs-melati", "Bank Sampah Melati", "MLT", parent=parent)
    other = a_unit("bs-kenanga", "Bank Sampah Kenanga", "KNG", parent=parent)
    made = materials()
    began = datetime.combine(date(2026, 1, 1), time(), UTC)
    lists = [a_price_list(one, PRICES, began, 1) for one in (unit, other, parent)]
    depositors = [
        Depositor.objects.create(
            id=new_id(),
            unit=unit,
            number=number,
            name=name,
            consented_at=began,
            registered_at=began,
        )
        for number, name in enumerate(("Sri Rahayu", "Slamet Riyadi", "Umi Kulsum"), 1)
    ]
    return Bank(
        unit=unit,
        other=other,
        parent=parent,
        manager=an_account("wati", kind="bank-sampah.manager", at=unit),
        second=an_account("yanto", kind="bank-sampah.manager", at=unit),
        officer=an_account("endah", kind="bank-sampah.parent", at=parent),
        prices=lists[0],
        materials=made,
        depositors=depositors,
    )


@pytest.fixture
def committed_bank(transactional_db: None) -> Iterator[Bank]:
    """A bank that other threads see. Nothing can be deleted from the books, so the guards leave for the flush."""
    yield make_bank()
    with lift_guards():
        call_command("flush", interactive=False, verbosity=0)


@contextmanager
def lift_guards() -> Iterator[None]:
    """Within: the triggers that refuse changes are away, as for somebody who tampers with the file."""
    totals = "books_totals_follow_transfers"
    statements = [*migration.guards(connection.vendor), (totals, dict(migration.triggers(connection.vendor))[totals])]  # fmt: skip
    with connection.cursor() as cursor:
        for name, statement in statements:
            cursor.execute(f"DROP TRIGGER {name}{on_table(statement)}")
        yield
        if (
            connection.vendor == "postgresql"
        ):  # else triggers cannot come back in the same transaction
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for _name, statement in statements:
            cursor.execute(statement)


def on_table(statement: str) -> str:
    """PostgreSQL wants to hear the table when a trigger is dropped."""
    if connection.vendor == "sqlite":
        return ""
    return " ON " + re.search(r"ON (bank_sampah_\w+)", statement)[1]  # type: ignore[index]
