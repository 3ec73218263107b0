"""The beginning of the log moved into a file, and then out of the database; every proof still holds.

An archive is a log file of its own: its messages, the whole tree up to its last root, the signed roots until then.
In the database stay the tree and the roots, so that what is left can be proved as before. That messages were
moved is itself a message: it names the file by its digest, and the verifier wants to see it.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import kartini_verify
from kartini.exchange.log import attested
from kartini.exchange.log.leaf import COLUMNS, message
from kartini.exchange.log.merkle import HASH, HEIGHT, WIDTH
from kartini.exchange.log.sqlite import TABLES, SqliteStore
from kartini.exchange.log.store import Entry, Store
from kartini.exchange.log.writer import Writer

SPAN = "CREATE TABLE span (first INTEGER NOT NULL, until INTEGER NOT NULL) STRICT;"
BATCH = 5000
_COLUMNS = ", ".join(COLUMNS)
_WITHIN = "tree_index >= ? AND tree_index < ?"


class NothingToArchive(Exception):
    """No sealed message is that old."""


class FileExists(Exception):
    """An archive overwrites nothing."""


class NotOurArchive(Exception):
    """The file is not, or no longer, the next part of this log; says why."""


class Span(NamedTuple):
    """Positions from ``first`` up to, not including ``until``."""

    first: int
    until: int
    digest: str

    @property
    def messages(self) -> int:
        return self.until - self.first


@contextmanager
def stored(store: Store) -> Iterator[kartini_verify.Stored]:
    """All that lies in a log at one moment, for the verifier."""
    if isinstance(store, SqliteStore):
        with kartini_verify.opened(store.path) as found:
            yield found
        return
    with store.snapshot() as line:
        yield kartini_verify.Stored(
            store.whole(line),
            store.tiles(on=line),
            store.checkpoints(on=line),
            store.orphans(line),
            [kartini_verify.Archived(*mark) for mark in store.archived(on=line)],
            erased=[kartini_verify.Erased(*one) for one in store.erased(on=line).items()],
            attested=attested.sizes(store, on=line),
        )


# -- into the file


def write(store: Store, file: Path, until: datetime) -> Span:
    """Copy what was sealed before ``until`` and is not archived yet. The log itself stays as it is."""
    if file.exists():
        raise FileExists(file)
    first, last = begin(store), _cut(store, until)
    if last <= first:
        raise NothingToArchive(until)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(draft)) as out:
            _fill(out, store, first, last)
        _on_disk(draft)
        draft.replace(file)
        _on_disk(file.parent)  # its name too: what it holds is deleted next
    finally:
        draft.unlink(missing_ok=True)
    return Span(first, last, digest(file))


def begin(store: Store) -> int:
    """The first position that is not archived."""
    return max((until for _first, until, _digest, _message in store.archived()), default=0)


def _cut(store: Store, until: datetime) -> int:
    """The last signed root before the first message of that time: the file ends where a signature stands."""
    stamp = until.astimezone(UTC).isoformat(timespec="microseconds")
    young = store.rows(
        "SELECT min(tree_index) FROM message WHERE tree_index IS NOT NULL AND at >= ?", stamp
    )[0][0]
    limit = "WHERE size <= ?" if young is not None else "WHERE size >= ?"
    sql = f"SELECT max(size) FROM checkpoint {limit}"  # noqa: S608 — one of two
    found = store.rows(sql, young if young is not None else 0)
    return int(found[0][0] or 0)


def _fill(out: sqlite3.Connection, store: Store, first: int, last: int) -> None:
    out.executescript(TABLES + SPAN)
    put = f"INSERT INTO message (tree_index, {_COLUMNS}) VALUES ({', '.join('?' * (1 + len(COLUMNS)))})"  # noqa: S608
    for low in range(first, last, BATCH):
        ends = (low, min(low + BATCH, last))
        messages = f"SELECT tree_index, {_COLUMNS} FROM message WHERE {_WITHIN}"  # noqa: S608
        out.executemany(put, store.rows(messages, *ends))
        persons = f"SELECT subject.* FROM subject JOIN message ON message.id = subject.message WHERE {_WITHIN}"  # noqa: S608
        out.executemany("INSERT INTO subject VALUES (?, ?, ?)", store.rows(persons, *ends))
        out.commit()
    out.executemany("INSERT INTO tile VALUES (?, ?, ?)", _tiles(store, last))
    for table, columns in (
        ("checkpoint", "size, note"),
        ("attestation", "kind, size, name, at, body"),
    ):
        rows = store.rows(f"SELECT {columns} FROM {table} WHERE size <= ?", last)  # noqa: S608
        marks = ", ".join("?" * len(columns.split(",")))
        out.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)  # noqa: S608
    out.executemany("INSERT INTO archived VALUES (?, ?, ?, ?)", store.archived())
    out.execute("INSERT INTO span VALUES (?, ?)", (first, last))
    out.commit()
    out.execute("PRAGMA journal_mode=DELETE")


def _tiles(store: Store, size: int) -> Iterator[tuple[int, int, bytes]]:
    """The tree as it stood at this size."""
    for level, number, hashes in store.tiles():
        held = (size >> HEIGHT * level) - number * WIDTH
        if held > 0:
            yield level, number, hashes[: held * HASH]


# -- out of the database


def judge(store: Store, file: Path, keys: list[str], outside: dict[str, str]) -> Span:
    """Is this file whole, and the next part of this log? Raises ``NotOurArchive``."""
    held = digest(file)
    try:
        with kartini_verify.opened(file) as found:
            span = found.span
            known = dict(found.checkpoints)
            report = kartini_verify.verify(found, keys, outside)
    except (sqlite3.Error, TypeError, ValueError) as fault:
        raise NotOurArchive(f"it cannot be read: {fault}") from None
    if not report.whole:
        raise NotOurArchive(str(report))
    if span is None:
        raise NotOurArchive("it is no archive")
    if known.get(span[1]) != store.checkpoint_of(span[1]):
        raise NotOurArchive("its last root is none of this log's")
    marks = {(first, until): told for first, until, told, _id in store.archived()}
    if span[0] != begin(store) and marks.get(span) != held:
        raise NotOurArchive(f"it begins at {span[0]}, and the log at {begin(store)}")
    return Span(*span, held)


def prune(
    store: Store, writer: Writer, span: Span, *, who: str, at: datetime, basis: str = ""
) -> str:
    """Say it in the log, then delete; the id of the message that testifies. A second run ends a killed one."""
    told = [
        id_
        for first, _until, digest, id_ in store.archived()
        if (first, digest) == (span.first, span.digest)
    ]
    id_ = told[0] if told else _testify(store, writer, span, who, at, basis)
    for low in range(span.first, span.until, BATCH):
        ends = (low, min(low + BATCH, span.until))
        persons = f"DELETE FROM subject WHERE message IN (SELECT id FROM message WHERE {_WITHIN})"  # noqa: S608
        store.write((persons, [ends]), (f"DELETE FROM message WHERE {_WITHIN}", [ends]))  # noqa: S608
    return id_


def _testify(store: Store, writer: Writer, span: Span, who: str, at: datetime, basis: str) -> str:
    said = message(
        at=at,
        method="KEEP",
        client=who,
        service=f"{who}/exchange.log-archived.v1",
        status=200,
        purpose="retention",
        basis=basis[:300],
        fields=f"{span.first}-{span.until}",
        request_digest=f"sha-256:{span.digest}",
    )
    writer.append([Entry(said)])
    mark = (span.first, span.until, span.digest, said.id)
    store.write(("INSERT INTO archived VALUES (?, ?, ?, ?)", [mark]))
    return said.id


def message_of(file: Path, id_: str) -> tuple[int, tuple[Any, ...]] | None:
    """Position and columns of an archived message."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as archive:
        found = archive.execute(
            f"SELECT tree_index, {_COLUMNS} FROM message WHERE id = ?",  # noqa: S608
            [id_],
        ).fetchone()
    return (int(found[0]), tuple(found[1:])) if found else None


def _on_disk(path: Path) -> None:
    held = os.open(path, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


def digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
