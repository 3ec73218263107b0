"""The books enforce themselves: triggers on SQLite and PostgreSQL.

A later migration that makes SQLite rebuild one of these tables loses its triggers: end it with
``RunPython(guard)`` of this file. ``kartini bank-sampah audit`` says when one is missing.
"""

import re
from pathlib import Path

from django.db import migrations

HERE = Path(__file__).parent
TRANSFER = "key debit_id credit_id amount phase settles_id reverses_id kind deed booked_on at by_id"
NEVER_CHANGES = {
    "transfer": TRANSFER,
    "account": "place kind ledger side unit_id depositor_id material_id",
    "deposit": "unit_id depositor_id part_id price_list_id weighed_at received_at booked_on total_grams total_rupiah by_id",
    "depositline": "deposit_id number material_id grams rupiah_per_kilogram rupiah",
    "sale": "unit_id to_unit_id buyer_id way sold_at booked_on total_grams total_rupiah by_id",
    "saleline": "sale_id number material_id grams rupiah_per_kilogram rupiah",
    "stockcount": "unit_id material_id counted_grams book_grams cause explanation counted_at booked_on by_id",
    "cashmove": "unit_id way amount_rupiah reason moved_at booked_on by_id",
    "withdrawal": "unit_id depositor_id amount_rupiah four_eyes asked_at asked_by_id",
    "openingbalance": "batch_id row depositor_id amount_rupiah",
    "pricelist": "owner_id version from_at published_at published_by_id",
    "price": "price_list_id material_id rupiah_per_kilogram",
    "monthclose": "unit_id month_on closed_at closed_by_id",
}


def guards(vendor):
    """The triggers that refuse to change or delete what was written: name and statement."""
    act = (
        "BEGIN SELECT RAISE(ABORT, 'books: immutable'); END"
        if vendor == "sqlite"
        else "FOR EACH ROW EXECUTE FUNCTION bank_sampah_immutable()"
    )
    for table, columns in NEVER_CHANGES.items():
        names = ", ".join(f'"{name}"' for name in columns.split())
        on = f"ON bank_sampah_{table}"
        yield f"keep_{table}", f"CREATE TRIGGER keep_{table} BEFORE UPDATE OF {names} {on} {act}"
        yield f"hold_{table}", f"CREATE TRIGGER hold_{table} BEFORE DELETE {on} {act}"


def names(vendor):
    """Every trigger that must stand."""
    script = (HERE / f"books.{vendor}.sql").read_text()
    return [*re.findall(r"CREATE TRIGGER (\w+)", script), *(name for name, _ in guards(vendor))]


def guard(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    script = (HERE / f"books.{vendor}.sql").read_text()
    with schema_editor.connection.cursor() as cursor:
        for statement in _statements(script, vendor):
            cursor.execute(statement)
        for _name, statement in guards(vendor):
            cursor.execute(statement)


def _statements(script, vendor):
    """PostgreSQL takes the whole script; SQLite one statement at a time."""
    if vendor == "postgresql":
        return [script]
    return [f"CREATE TRIGGER{part}" for part in script.split("CREATE TRIGGER")[1:]]


class Migration(migrations.Migration):
    dependencies = [("bank_sampah", "0001_initial")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
