"""The log in PostgreSQL: a schema of its own, autocommit connections of its own.

A caller's rollback therefore never erases a message. Ids come late by commit order there, which is why
the place in the tree is given at sealing and never taken from a serial number.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson
import psycopg

from kartini.exchange.log.leaf import COLUMNS
from kartini.exchange.log.sqlite import TABLES
from kartini.exchange.log.store import Entry, Seal, SealedElsewhere, Store

SCHEMA = "message_log"
_OFFICES, _TABLES = 7001, 7002
_INTEGERS = {"version", "status", "request_bytes", "response_bytes", "microseconds"}
_GIVEN = ", ".join(
    f"(row->>{place}){'::bigint' if name in _INTEGERS else ''}"
    for place, name in enumerate(COLUMNS)
)
# one statement: one way there and back, and one commit. JSON, because the server takes it apart for a quarter of
# what it costs this process to write arrays
_INSERT = (
    f"WITH messages AS (INSERT INTO message ({', '.join(COLUMNS)}) SELECT {_GIVEN} "  # noqa: S608 — our own names
    "FROM jsonb_array_elements(%s::jsonb) AS row) "
    "INSERT INTO subject SELECT row->>0, row->>1, row->>2 FROM jsonb_array_elements(%s::jsonb) AS row"
)


class PostgresStore(Store):
    """``where`` is what ``psycopg.connect`` takes."""

    mark = "%s"

    def __init__(self, where: dict[str, Any], schema: str = SCHEMA) -> None:
        super().__init__()
        self.where, self.schema = where, schema
        with self.reading() as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_TABLES,))
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
            connection.execute(_tables())

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(
            **self.where, autocommit=True, options=f"-c search_path={self.schema}"
        )

    def insert(self, connection: psycopg.Connection[Any], batch: Sequence[Entry]) -> None:
        messages = [[*entry.message] for entry in batch]
        subjects = [(entry.message.id, *one) for entry in batch for one in {*entry.subjects}]
        connection.execute(
            _INSERT, [orjson.dumps(messages).decode(), orjson.dumps(subjects).decode()]
        )

    def seal(self, seal: Seal) -> None:
        with self.reading() as connection, connection.transaction():
            done = connection.execute(
                "UPDATE message SET tree_index = sealed.at FROM unnest(%s::bigint[], %s::text[]) "
                "AS sealed (at, id) WHERE message.id = sealed.id AND tree_index IS NULL",
                ([*range(seal.first, seal.size)], [*seal.ids]),
            )
            if done.rowcount != len(
                seal.ids
            ):  # a broken connection loses its lock and does not say so
                raise SealedElsewhere
            connection.cursor().executemany(
                "INSERT INTO tile VALUES (%s, %s, %s) ON CONFLICT (level, number) "
                "DO UPDATE SET hashes = excluded.hashes",
                [(level, number, hashes) for (level, number), hashes in seal.tiles.items()],
            )
            connection.execute("INSERT INTO checkpoint VALUES (%s, %s)", (seal.size, seal.note))

    def write(self, *statements: tuple[str, Sequence[Sequence[object]]]) -> None:
        with self.reading() as connection, connection.transaction():
            for sql, rows in statements:
                connection.cursor().executemany(sql.replace("?", self.mark), rows)

    @contextmanager
    def elected(self, office: str = "sealer") -> Iterator[bool]:
        with self.connect() as connection:
            got = connection.execute(
                "SELECT pg_try_advisory_lock(%s, hashtext(%s))", (_OFFICES, office)
            ).fetchone()
            yield bool(got and got[0])

    @contextmanager
    def snapshot(self) -> Iterator[psycopg.Connection[Any]]:
        with self.reading() as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield connection

    def stream(self, connection: psycopg.Connection[Any], sql: str) -> Iterable[tuple[Any, ...]]:
        with connection.cursor("whole") as cursor:
            cursor.itersize = 5000
            cursor.execute(sql)
            yield from cursor


def _tables() -> str:
    """The same tables in PostgreSQL's words."""
    words = {
        ") STRICT, WITHOUT ROWID;": ");",
        ") STRICT;": ");",
        "INTEGER": "bigint",
        "BLOB": "bytea",
    }
    text = TABLES
    for sqlite_word, word in words.items():
        text = text.replace(sqlite_word, word)
    return text
