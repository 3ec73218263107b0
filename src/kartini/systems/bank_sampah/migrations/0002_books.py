"""The books enforce themselves: triggers on SQLite and PostgreSQL.

A later migration that makes SQLite rebuild one of these tables loses its triggers: end it with
``RunPython(guard)`` of this file. ``kartini bank-sampah audit`` says when one is missing.
"""

import re
from pathlib import Path

from django.db import migrations

HERE = Path(__file__).parent
NEVER_CHANGES = {
    "transfer": "id key debit_id credit_id amount phase settles_id reverses_id kind deed booked_on at by_id",
    "account": "id place kind ledger side unit_id depositor_id material_id",
    "deposit": "id unit_id depositor_id part_id price_list_id weighed_at received_at booked_on total_grams total_rupiah by_id",
    "depositline": "id deposit_id number material_id grams rupiah_per_kilogram rupiah",
    "sale": "id unit_id to_unit_id buyer_id way sold_at booked_on total_grams total_rupiah by_id",
    "saleline": "id sale_id number material_id grams rupiah_per_kilogram rupiah",
    "stockcount": "id unit_id material_id counted_grams book_grams cause explanation counted_at booked_on by_id",
    "cashmove": "id unit_id way amount_rupiah reason moved_at booked_on by_id",
    "withdrawal": "id unit_id depositor_id amount_rupiah four_eyes asked_at asked_by_id",
    "openingbalance": "id batch_id row depositor_id amount_rupiah",
    "pricelist": "id owner_id version from_at published_at published_by_id",
    "price": "id price_list_id material_id rupiah_per_kilogram",
    "monthclose": "id unit_id month_on closed_at closed_by_id",
}
"""Table and the columns of it that stay as they were written."""
ONCE = {
    "depositline": "deposit_id number",
    "saleline": "sale_id number",
    "pricelist": "owner_id version",
    "price": "price_list_id material_id",
    "monthclose": "unit_id month_on",
}
"""What else than ``id`` stands once: SQLite's INSERT OR REPLACE would delete the row that stands."""
BY_THEMSELVES = ("transfer", "account")
"""Their own triggers refuse a second row (books.sqlite.sql)."""


def guards(vendor):
    """The triggers that refuse to change, delete or replace what was written: name and statement."""
    postgresql = vendor == "postgresql"
    act = "BEGIN SELECT RAISE(ABORT, 'books: immutable'); END"
    if postgresql:
        act = "FOR EACH ROW EXECUTE FUNCTION bank_sampah_immutable()"
    for table, columns in NEVER_CHANGES.items():
        names = ", ".join(f'"{name}"' for name in columns.split())
        on = f"ON bank_sampah_{table}"
        yield f"keep_{table}", f"CREATE TRIGGER keep_{table} BEFORE UPDATE OF {names} {on} {act}"
        yield f"hold_{table}", f"CREATE TRIGGER hold_{table} BEFORE DELETE {on} {act}"
        if postgresql:
            empty = "FOR EACH STATEMENT EXECUTE FUNCTION bank_sampah_not_emptied()"
            yield f"full_{table}", f"CREATE TRIGGER full_{table} BEFORE TRUNCATE {on} {empty}"
        elif table not in BY_THEMSELVES:
            stands = f"WHEN {_stands(table)} {act}"
            yield f"once_{table}", f"CREATE TRIGGER once_{table} BEFORE INSERT {on} {stands}"


def _stands(table):
    """Is there such a row already?"""
    found = []
    for columns in ("id", *([ONCE[table]] if table in ONCE else [])):
        same = " AND ".join(f"{name} = NEW.{name}" for name in columns.split())
        found.append(f"EXISTS (SELECT 1 FROM bank_sampah_{table} WHERE {same})")
    return " OR ".join(found)


def triggers(vendor):
    """Every trigger that must stand: name and statement, as the database was told."""
    for statement in _statements(vendor):
        found = re.match(r"CREATE TRIGGER (\w+)", statement)
        if found:
            yield found[1], statement
    yield from guards(vendor)


def functions(vendor):
    """What PostgreSQL's triggers call: name and body."""
    script = (HERE / f"books.{vendor}.sql").read_text()
    return re.findall(r"CREATE FUNCTION (\w+)\(\).*?\$\$(.*?)\$\$;", script, re.DOTALL)


def guard(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    with schema_editor.connection.cursor() as cursor:
        for statement in (*_statements(vendor), *(made for _name, made in guards(vendor))):
            cursor.execute(statement)


def _statements(vendor):
    """One by one; a new one begins where a line begins with CREATE."""
    script = (HERE / f"books.{vendor}.sql").read_text()
    plain = "\n".join(line for line in script.splitlines() if not line.startswith("--"))
    return [
        part.strip().rstrip(";") for part in re.split(r"(?m)^(?=CREATE )", plain) if part.strip()
    ]


class Migration(migrations.Migration):
    dependencies = [("bank_sampah", "0001_initial")]
    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
