"""Where archives of the log lie. What was moved there is found again by whoever has a right to see it.

A file counts when the log speaks of its positions; its name does not matter.
"""

import logging
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from kartini.exchange.log import note
from kartini.exchange.log.leaf import COLUMNS, Message, Subject
from kartini.exchange.log.store import Store

logger = logging.getLogger(__name__)
_COLUMNS = ", ".join(f"message.{column}" for column in COLUMNS)
A_LOOK = 100_000  # messages of an archive that one search looks at


class Archive(NamedTuple):
    """Messages ``first`` up to, not including ``until``; ``message`` testifies that they went into a file of this
    digest. ``file`` is None when it is not on the shelf; ``erased`` is the message that testifies that it was erased
    by a rule. ``begin`` and ``end`` are the times of its first and last message, by the signed roots around
    it when the file is not there (empty: from the beginning)."""

    first: int
    until: int
    digest: str
    message: str
    file: Path | None
    erased: str
    begin: str
    end: str

    @property
    def messages(self) -> int:
        return self.until - self.first


class _Span(NamedTuple):
    first: int
    until: int
    begin: str
    end: str


class Shelf:
    """A folder, read again whenever somebody asks: files come and go."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store, self.folder = store, folder
        self._spans: dict[tuple[Path, int], _Span | None] = {}

    def archives(self) -> list[Archive]:
        """All that the log speaks of, newest first."""
        marks = self._store.archived()
        if not marks:
            return []
        erased = self._store.erased()
        spans = {file: self._span(file) for file in sorted(self.folder.rglob("*.sqlite3"))}
        found = {span[:2]: (file, *span[2:]) for file, span in spans.items() if span}
        told = []
        for mark in reversed(marks):
            there = found.get(mark[:2])
            file, begin, end = there or (None, self._sealed(mark[0]), self._sealed(mark[1]))
            told.append(Archive(*mark, file, erased.get(mark[0], ""), begin, end))
        return told

    def misses(self) -> list[Archive]:
        """Those whose messages nobody can read here: away, or erased by a rule."""
        return [one for one in self.archives() if one.file is None or one.erased]

    def _sealed(self, size: int) -> str:
        signed = self._store.checkpoint_of(size)
        return note.parse(signed).at if signed else ""

    def _span(self, file: Path) -> _Span | None:
        try:
            key = (file, file.stat().st_mtime_ns)
            if key not in self._spans:
                self._spans[key] = _read_span(file)
        except (OSError, sqlite3.Error):
            return None
        return self._spans[key]

    def search(
        self,
        archive: Archive,
        where: Mapping[str, str | int],
        *,
        since: str,
        until: str,
        limit: int,
    ) -> tuple[list[tuple[int | None, Message]], str]:
        """Newest first, ids from ``since`` up to but not ``until``; and before which id to look on, if this look
        ended before all was seen."""
        window = "SELECT {} FROM message WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT ?"
        clause = f"WHERE {' AND '.join(where)}" if where else ""
        sql = (
            f"SELECT tree_index, {', '.join(COLUMNS)} FROM ({window.format('*')}) {clause} "  # noqa: S608
            "ORDER BY id DESC LIMIT ?"
        )
        ends = (since, until, A_LOOK)
        if archive.file is None or archive.erased:
            return [], ""
        with _opened(archive.file) as line:
            rows = line.execute(sql, (*ends, *where.values(), limit)).fetchall()
            seen = f"SELECT count(*), min(id) FROM ({window.format('id')})"  # noqa: S608
            count, last = line.execute(seen, ends).fetchone()
        more = str(last) if count == A_LOOK else ""
        return [(int(row[0]), Message(*row[1:])) for row in rows], more

    def message(self, id_: str) -> tuple[int, Message] | None:
        """Its place in the tree, and what it says."""
        sql = f"SELECT tree_index, {_COLUMNS} FROM message WHERE id = ?"  # noqa: S608 — our own names
        for row in self._rows(sql, id_):
            return int(row[0]), Message(*row[1:])
        return None

    def about(self, subjects: Sequence[Subject], *, before: str, limit: int) -> list[Message]:
        """What concerns these disguised persons, newest first."""
        sql = (
            f"SELECT {_COLUMNS} FROM subject JOIN message ON message.id = subject.message "  # noqa: S608
            "WHERE subject.mac = ? AND subject.message < ? ORDER BY subject.message DESC LIMIT ?"
        )
        rows = [
            Message(*row)
            for _key, mac in subjects
            for row in self._rows(sql, mac, before or "g", limit)
        ]
        return sorted({row.id: row for row in rows}.values(), key=_id, reverse=True)[:limit]

    def _rows(self, sql: str, *values: object) -> Iterator[tuple[Any, ...]]:
        for archive in self.archives():
            if archive.file is None or archive.erased:
                continue
            try:
                with _opened(archive.file) as line:
                    yield from line.execute(sql, values).fetchall()
            except sqlite3.Error:
                logger.exception("the archive %s cannot be read", archive.file)


def _read_span(file: Path) -> _Span | None:
    with _opened(file) as line:
        ends = line.execute("SELECT first, until FROM span").fetchone()
        if ends is None:
            return None
        at = "SELECT at FROM message WHERE tree_index = ?"
        times = [line.execute(at, [place]).fetchone() for place in (ends[0], ends[1] - 1)]
    return _Span(*ends, *(str(found[0]) if found else "" for found in times))


def _id(message: Message) -> str:
    return message.id


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as line:
        yield line
