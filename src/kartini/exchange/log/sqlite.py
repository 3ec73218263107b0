"""The log in a SQLite file of its own: WAL, every commit synced, processes take turns by ``flock``."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache
from itertools import chain
from pathlib import Path

from kartini.exchange.log.leaf import COLUMNS
from kartini.exchange.log.store import Entry, Seal, SealedElsewhere, Store

Row = Sequence[str | int]
_INTEGERS = {"version", "status", "request_bytes", "response_bytes", "microseconds"}
_DEFINED = ",\n".join(
    f"    {name} {'INTEGER' if name in _INTEGERS else 'TEXT'} NOT NULL"
    for name in COLUMNS
    if name != "id"
)
TABLES = f"""
CREATE TABLE IF NOT EXISTS message (
    id TEXT NOT NULL PRIMARY KEY,
    tree_index INTEGER,
{_DEFINED}
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS message_position ON message (tree_index);
CREATE INDEX IF NOT EXISTS message_unsealed ON message (id) WHERE tree_index IS NULL;
CREATE TABLE IF NOT EXISTS subject (
    message TEXT NOT NULL,
    key TEXT NOT NULL,
    mac TEXT NOT NULL,
    PRIMARY KEY (message, key, mac)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS subject_mac ON subject (mac, message);
CREATE TABLE IF NOT EXISTS tile (
    level INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS checkpoint (
    size INTEGER NOT NULL PRIMARY KEY,
    note TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS attestation (
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,
    name TEXT NOT NULL,
    at TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (kind, size, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS archived (
    first INTEGER NOT NULL PRIMARY KEY,
    until INTEGER NOT NULL,
    digest TEXT NOT NULL,
    message TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS erased (
    first INTEGER NOT NULL PRIMARY KEY,
    message TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS block (
    number INTEGER NOT NULL,
    method TEXT NOT NULL,
    client TEXT NOT NULL,
    service TEXT NOT NULL,
    status INTEGER NOT NULL,
    low TEXT NOT NULL,
    high TEXT NOT NULL,
    PRIMARY KEY (number, method, client, service, status)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS traffic (
    span TEXT NOT NULL,
    method TEXT NOT NULL,
    client TEXT NOT NULL,
    service TEXT NOT NULL,
    status INTEGER NOT NULL,
    pace INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    newest TEXT NOT NULL,
    PRIMARY KEY (span, method, client, service, status, pace)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refusal (
    day TEXT NOT NULL,
    reason TEXT NOT NULL,
    source TEXT NOT NULL,
    calls INTEGER NOT NULL,
    newest TEXT NOT NULL,
    PRIMARY KEY (day, reason, source)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS number (
    short INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (short, position)
) STRICT, WITHOUT ROWID;
"""
_AT_ONCE = (
    64  # rows of a statement, each of as many values as there are columns; SQLite takes 32,766
)


@cache
def _insert(table: str, rows: int, columns: int) -> str:
    row = f"({', '.join('?' * columns)})"
    named = f" ({', '.join(COLUMNS)})" if table == "message" else ""
    return f"INSERT INTO {table}{named} VALUES {', '.join([row] * rows)}"  # noqa: S608 — our own names


def _pieces(table: str, rows: Sequence[Row]) -> Iterator[tuple[str, list[str | int]]]:
    """Statements with their values. The connection remembers one for each number of rows of two tables."""
    for at in range(0, len(rows), _AT_ONCE):
        some = rows[at : at + _AT_ONCE]
        yield _insert(table, len(some), len(some[0])), [*chain.from_iterable(some)]


class SqliteStore(Store):
    """``log.sqlite3`` with its two locks beside it: ``.turn`` for commits, ``.sealer`` for the election."""

    takes_turns = True

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        turn = path.with_suffix(".turn"), os.O_CREAT | os.O_RDWR, 0o600
        self._turn, self._free_turn = os.open(*turn), os.open(*turn)
        self._quick: sqlite3.Connection | None = None
        connection = self.connect()
        with self.turn():
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(TABLES)
        self._idle.put(connection)

    def connect(self, patience: float = 10) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path,
            timeout=patience,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=3 * _AT_ONCE,
        )
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    @contextmanager
    def turn(self) -> Iterator[None]:
        """``flock`` wakes the next process at once and a dead one lets go of it; SQLite's own wait does not."""
        fcntl.flock(self._turn, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._turn, fcntl.LOCK_UN)

    @contextmanager
    def free_turn(self) -> Iterator[sqlite3.Connection | None]:
        """By a file of its own, since threads that share one share its lock."""
        try:
            fcntl.flock(self._free_turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        try:
            self._quick = self._quick or self.connect(patience=0.02)
            yield self._quick
        except BaseException:
            if self._quick is not None:
                self._quick.close()
            self._quick = None
            raise
        finally:
            fcntl.flock(self._free_turn, fcntl.LOCK_UN)

    @contextmanager
    def writing(self, connection: sqlite3.Connection) -> Iterator[None]:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def insert(self, connection: sqlite3.Connection, batch: Sequence[Entry]) -> None:
        """Many rows a statement: between two statements other threads of the process want their turn. One statement
        alone needs no transaction around it."""
        messages = [entry.message for entry in batch]
        lines = [(entry.message.id, *subject) for entry in batch for subject in {*entry.subjects}]
        statements = [*_pieces("message", messages), *_pieces("subject", lines)]
        with self.writing(connection) if len(statements) > 1 else nullcontext():
            for statement in statements:
                connection.execute(*statement)

    def seal(self, seal: Seal) -> None:
        with self.reading() as connection, self.turn(), self.writing(connection):
            done = connection.executemany(
                "UPDATE message SET tree_index = ? WHERE id = ? AND tree_index IS NULL",
                enumerate(seal.ids, start=seal.first),
            )
            if done.rowcount != len(seal.ids):
                raise SealedElsewhere
            connection.executemany(
                "INSERT OR REPLACE INTO tile VALUES (?, ?, ?)",
                [(level, number, hashes) for (level, number), hashes in seal.tiles.items()],
            )
            connection.execute("INSERT INTO checkpoint VALUES (?, ?)", (seal.size, seal.note))

    def write(self, *statements: tuple[str, Sequence[Sequence[object]]]) -> None:
        with self.reading() as connection, self.turn(), self.writing(connection):
            for sql, rows in statements:
                connection.executemany(sql, rows)

    @contextmanager
    def elected(self, office: str = "sealer") -> Iterator[bool]:
        chair = os.open(self.path.with_suffix(f".{office}"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(chair, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
        finally:
            os.close(chair)

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        with self.reading() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    def close(self) -> None:
        super().close()
        if self._quick is not None:
            self._quick.close()
        os.close(self._turn)
        os.close(self._free_turn)
