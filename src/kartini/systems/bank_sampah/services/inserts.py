"""Rows made ready to be written before the turn is taken: what the one writer of SQLite then does is short.

The same INSERT as ``bulk_create`` sends; but Django puts it together before the transaction instead of inside.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection, models
from django.db.models import sql

Ready = list[tuple[str, Sequence[Any]]]


def ready(*tables: Sequence[models.Model]) -> Ready:
    """Statement and words for each table's rows, in this order; keys that the database gives stay open."""
    return [statement for rows in tables if rows for statement in _insert(rows)]


def _insert(rows: Sequence[models.Model]) -> Ready:
    columns = type(rows[0])._meta.local_concrete_fields  # noqa: SLF001 — as Django's own guide does
    query = sql.InsertQuery(type(rows[0]))
    query.insert_values([c for c in columns if not isinstance(c, models.AutoField)], list(rows))
    made: Ready = query.get_compiler(connection=connection).as_sql()
    return made


def write(statements: Ready) -> None:
    """Send them, inside the transaction."""
    with connection.cursor() as cursor:
        for statement, words in statements:
            cursor.execute(statement, words)
