"""Runs inside a fresh house of one database: fill it, record the SQL, let eight writers race, print lines."""

import multiprocessing
import os
import sqlite3
import statistics
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kartini.site.settings")
os.environ["KARTINI_SYSTEMS"] = "bank_sampah"
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks._bank_sampah_growth import grow, sync  # noqa: E402
from kartini.people.models import User  # noqa: E402
from kartini.systems.bank_sampah.models import Category, Depositor, Material, PriceList, Unit  # noqa: E402
from kartini.systems.bank_sampah.services import deposits, prices, units  # noqa: E402
from kartini.systems.bank_sampah.services.deposits import Weighed  # noqa: E402

WRITERS, ROUNDS, DEPOSITS, BAGS = 8, 3, 40, 3
Work = Callable[[int], None]
KNOWN: dict[int, tuple[list[Depositor], PriceList]] = {}


def fill(at: datetime) -> User:
    """Eight units, ten depositors each, four materials."""
    call_command("migrate", interactive=False, verbosity=0)
    by = User.objects.create(username="bench")
    category = Category.objects.create(code="campur", name="Campur")
    made = [
        Material.objects.create(code=f"m{n}", name=f"M{n}", category=category) for n in range(4)
    ]
    for number in range(WRITERS):
        unit = units.open_unit(
            code=f"bs-{number}", name=f"BS {number}", prefix=f"B{number}", village_code="33.20.11.2012",
            opened_on=at.date(), by=by, at=at,
        )  # fmt: skip
        prices.publish(owner=unit, prices=dict.fromkeys(made, 2000), from_at=at, by=by, at=at)
        Depositor.objects.bulk_create(
            Depositor(unit=unit, number=n, name=f"D{n}", consented_at=at, registered_at=at)
            for n in range(10)
        )
    return by


def weigh(unit: Unit, turn: int, by: User, materials: list[int]) -> None:
    """As the counter does: the page knows depositor and price list, the service does the rest."""
    now = timezone.now()
    if unit.pk not in KNOWN:
        here = Depositor.objects.select_related("unit__terms").filter(unit=unit)
        KNOWN[unit.pk] = list(here.order_by("number")), unit.price_lists.get()
    savers, listed = KNOWN[unit.pk]
    depositor = savers[turn % 10]
    bags = [Weighed(materials[(turn + n) % 4], 1500 + turn) for n in range(BAGS)]
    deposits.record(
        id=uuid.uuid4(),
        depositor=depositor,
        bags=bags,
        weighed_at=now,
        price_list=listed,
        by=by,
        at=now,
    )


def record(unit: Unit, by: User, materials: list[int]) -> list[list[tuple[str, Any]]]:
    """The statements of each deposit, as the service sends them; nothing stays in the database."""
    said: list[list[tuple[str, Any]]] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(("SAVEPOINT", "RELEASE")):
            said[-1].append((sql, params))
        return execute(sql, params, many, context)

    for turn in range(ROUNDS * DEPOSITS):
        with transaction.atomic(), connection.execute_wrapper(listen):
            said.append([])
            weigh(unit, turn, by, materials)
            transaction.set_rollback(True)
    return said


def raw(said: list[list[tuple[str, Any]]]) -> None:
    """The same statements over the driver alone."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        driver = sqlite3.connect(database["NAME"], isolation_level=None, timeout=30)
        driver.executescript(database["OPTIONS"]["init_command"])
        begin = "BEGIN IMMEDIATE"
        said = [[(sql.replace("%s", "?"), params) for sql, params in one] for one in said]
    else:
        import psycopg

        driver = psycopg.connect(
            host=database["HOST"], port=database["PORT"], user=database["USER"], dbname=database["NAME"],
            autocommit=True, cursor_factory=psycopg.ClientCursor,
        )  # type: ignore[assignment]  # fmt: skip
        begin = "BEGIN"
    cursor = driver.cursor()
    for statements in said:
        cursor.execute(begin)
        for sql, params in statements:
            cursor.execute(sql, params or ())
            if cursor.description:
                cursor.fetchall()
        cursor.execute("COMMIT")


def race(work: Work) -> float:
    """Eight processes at once; deposits per second of all together."""
    connection.close()
    fork = multiprocessing.get_context("fork")
    gate = fork.Barrier(WRITERS + 1)

    def run(number: int) -> None:
        connection.ensure_connection()
        gate.wait()
        work(number)

    hands = [fork.Process(target=run, args=(number,)) for number in range(WRITERS)]
    for hand in hands:
        hand.start()
    gate.wait()
    began = time.perf_counter()
    for hand in hands:
        hand.join()
    assert all(hand.exitcode == 0 for hand in hands)
    return WRITERS * DEPOSITS / (time.perf_counter() - began)


def main() -> None:
    by = fill(timezone.now())
    all_units = list(Unit.objects.order_by("pk"))
    materials = list(Material.objects.order_by("pk").values_list("pk", flat=True))
    for unit in all_units:  # everybody's accounts are open
        for turn in range(10):
            weigh(unit, turn, by, materials)
    said = [record(unit, by, materials) for unit in all_units]
    statements = len(said[0][1])

    def by_service(number: int) -> None:
        for turn in range(DEPOSITS):
            weigh(all_units[number], turn, by, materials)

    def by_driver(number: int) -> None:
        raw(said[number][:DEPOSITS])

    plain, served = [], []
    for _ in range(ROUNDS):  # by turns, so that both meet the same machine
        plain.append(race(by_driver))
        served.append(race(by_service))
        said = [one[DEPOSITS:] for one in said]
    ratio = statistics.median(s / p for s, p in zip(served, plain, strict=True))
    print(
        f"{connection.display_name}: {statistics.median(served):,.0f} deposits/s of {BAGS} bags by the service, "
        f"{statistics.median(plain):,.0f}/s the same {statements} statements sent raw: {ratio:.2f} (wanted ≥ 0.33)"
    )
    print(sync(all_units[0], by))
    for line in grow(all_units[1], by):
        print(line)


if __name__ == "__main__":
    main()
