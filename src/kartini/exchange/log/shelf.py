"""Where archives of the log lie. What was moved there is found again by whoever has a right to see it.

A file counts when the log speaks of its positions; its name does not matter.
"""

import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from kartini.exchange.log.leaf import COLUMNS, Message, Subject
from kartini.exchange.log.store import Store

logger = logging.getLogger(__name__)
_COLUMNS = ", ".join(f"message.{column}" for column in COLUMNS)


class Archive(NamedTuple):
    """Messages ``first`` up to, not including ``until``; ``message`` testifies that they went into a file of this
    digest. ``file`` is None when it is not on the shelf."""

    first: int
    until: int
    digest: str
    message: str
    file: Path | None

    @property
    def messages(self) -> int:
        return self.until - self.first

    @property
    def days(self) -> tuple[str, str] | None:
        """The times of its first and last message."""
        if self.file is None:
            return None
        with _opened(self.file) as line:
            ends = line.execute("SELECT min(at), max(at) FROM message").fetchone()
        return str(ends[0]), str(ends[1])


class Shelf:
    """A folder, read again whenever somebody asks: files come and go."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store, self.folder = store, folder
        self._spans: dict[tuple[Path, int], tuple[int, int] | None] = {}

    def archives(self) -> list[Archive]:
        """All that the log speaks of, newest first."""
        marks = self._store.archived()
        if not marks:
            return []
        found = {self._span(file): file for file in sorted(self.folder.rglob("*.sqlite3"))}
        return [Archive(*mark, found.get(mark[:2])) for mark in reversed(marks)]

    def _span(self, file: Path) -> tuple[int, int] | None:
        try:
            key = (file, file.stat().st_mtime_ns)
            if key not in self._spans:
                with _opened(file) as line:
                    self._spans[key] = line.execute("SELECT first, until FROM span").fetchone()
        except (OSError, sqlite3.Error):
            return None
        return self._spans[key]

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
            if archive.file is None:
                continue
            try:
                with _opened(archive.file) as line:
                    yield from line.execute(sql, values).fetchall()
            except sqlite3.Error:
                logger.exception("the archive %s cannot be read", archive.file)


def _id(message: Message) -> str:
    return message.id


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as line:
        yield line
