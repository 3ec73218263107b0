"""Rows written many times a second: a table's INSERT is put together once, and each row only brings its words.

The same statement as ``bulk_create`` sends, and each field says itself how its value is stored; but what is
to be written can be made ready before the transaction, so that the one writer of SQLite is held up shortly.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections, models

Ready = list[tuple[str, Sequence[Any]]]


class _Table(NamedTuple):
    head: str
    row: str
    columns: list[tuple[str, Callable[..., Any]]]


def ready(*tables: Sequence[models.Model]) -> Ready:
    """Statement and words for each table's rows, in this order; keys that the database gives stay open."""
    return [_insert(rows) for rows in tables if rows]


def _insert(rows: Sequence[models.Model]) -> tuple[str, Sequence[Any]]:
    table, database = _table(type(rows[0])), connections[DEFAULT_DB_ALIAS]
    words = [stored(getattr(row, name), database) for row in rows for name, stored in table.columns]
    return table.head + ", ".join([table.row] * len(rows)), words


@cache
def _table(model: type[models.Model]) -> _Table:
    meta = model._meta  # noqa: SLF001 — as Django's own guide does
    fields = [
        field for field in meta.local_concrete_fields if not isinstance(field, models.AutoField)
    ]
    quoted = connections[DEFAULT_DB_ALIAS].ops.quote_name
    names = ", ".join(quoted(str(field.column)) for field in fields)
    return _Table(
        f"INSERT INTO {quoted(meta.db_table)} ({names}) VALUES ",  # noqa: S608 — no words of others
        f"({', '.join(['%s'] * len(fields))})",
        [(field.attname, field.get_db_prep_save) for field in fields],
    )


def write(statements: Ready) -> None:
    """Send them, inside the transaction."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        for statement, words in statements:
            cursor.execute(statement, words)


def recount(*models_: type[models.Model]) -> None:
    """After thousands of rows: let PostgreSQL's planner count them (of all tables, if none is named).

    By itself it would do so within a minute or so; until then it believes that the tables are empty, and
    a question that joins them goes row by row for minutes.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor == "postgresql":
        names = (database.ops.quote_name(one._meta.db_table) for one in models_)  # noqa: SLF001
        with database.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(names)}")
