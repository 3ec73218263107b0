"""Where messages, tiles and checkpoints lie: the SQL that SQLite and PostgreSQL share.

``message`` (a row is a leaf; ``tree_index`` is given at sealing), ``subject`` (whom a message is about), ``tile``
(the tree), ``checkpoint`` (its signed roots); ``block``, ``traffic`` and ``number`` are counted from them.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from kartini.exchange.log.leaf import COLUMNS, Message, Subject
from kartini.exchange.log.merkle import Tile

Row = tuple[int | None, Message, list[Subject]]
_COLUMNS = ", ".join(COLUMNS)
_QUALIFIED = ", ".join(f"message.{column}" for column in COLUMNS)


class Entry(NamedTuple):
    """What is appended at once: a message and whom it is about."""

    message: Message
    subjects: Sequence[Subject] = ()


class Seal(NamedTuple):
    """What one sealing writes: which message got which index, the changed tiles, the signed root."""

    first: int
    ids: Sequence[str]
    tiles: Mapping[Tile, bytes]
    note: str

    @property
    def size(self) -> int:
        return self.first + len(self.ids)


class SealedElsewhere(Exception):
    """Another process gave these messages their place meanwhile: its election was not ours to know of."""


class Store(ABC):
    """Reading is shared; each database writes in its own way. Connections are its own, never Django's."""

    mark = "?"
    #: do processes take turns at writing, so that ``free_turn`` may ever be free?
    takes_turns = False

    def __init__(self) -> None:
        self._idle: SimpleQueue[Any] = SimpleQueue()

    @abstractmethod
    def connect(self) -> Any:
        """A new autocommit connection."""

    @contextmanager
    def free_turn(self) -> Iterator[Any]:
        """Within: a connection on which one may write at once, or None. Nobody waits. For one thread."""
        yield None

    @abstractmethod
    def insert(self, connection: Any, batch: Sequence[Entry]) -> None:
        """Write all of these; they are on disk when this returns."""

    @abstractmethod
    def seal(self, seal: Seal) -> None:
        """Write a sealing whole or not at all."""

    @abstractmethod
    def write(self, *statements: tuple[str, Sequence[Sequence[object]]]) -> None:
        """Run each statement once for each of its rows; all of it or nothing."""

    @abstractmethod
    @contextmanager
    def elected(self, office: str = "sealer") -> Iterator[bool]:
        """Within: this process alone holds the office, if what is yielded is true."""

    @abstractmethod
    @contextmanager
    def snapshot(self) -> Iterator[Any]:
        """A connection on which several reads see one moment."""

    @contextmanager
    def reading(self) -> Iterator[Any]:
        """A connection from the idle ones; one that failed is not used again."""
        try:
            connection = self._idle.get_nowait()
        except Empty:
            connection = self.connect()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._idle.put(connection)

    def close(self) -> None:
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def rows(self, sql: str, *values: object, on: Any = None) -> list[tuple[Any, ...]]:
        sql = sql.replace("?", self.mark)
        if on is not None:
            return list(on.execute(sql, values).fetchall())
        with self.reading() as connection:
            return list(connection.execute(sql, values).fetchall())

    # -- the tree

    def checkpoint(self) -> str:
        """The newest signed root; empty before the first sealing."""
        found = self.rows("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1")
        return str(found[0][0]) if found else ""

    def checkpoint_of(self, size: int) -> str:
        """The signed root of this very size; empty if there is none."""
        found = self.rows("SELECT note FROM checkpoint WHERE size = ?", size)
        return str(found[0][0]) if found else ""

    def archived(self, *, on: Any = None) -> list[tuple[int, int, str, str]]:
        """What was moved into files: first position, the one after the last, digest, message that testifies."""
        found = self.rows(
            "SELECT first, until, digest, message FROM archived ORDER BY first", on=on
        )
        return [(int(a), int(b), str(digest), str(id_)) for a, b, digest, id_ in found]

    def erased(self, *, on: Any = None) -> dict[int, str]:
        """First positions of archives that were erased by a rule, and the message that testifies."""
        found = self.rows("SELECT first, message FROM erased", on=on)
        return {int(first): str(id_) for first, id_ in found}

    def checkpoints(self, *, on: Any = None) -> list[tuple[int, str]]:
        found = self.rows("SELECT size, note FROM checkpoint ORDER BY size", on=on)
        return [(int(size), str(note)) for size, note in found]

    def tile(self, level: int, number: int) -> bytes:
        found = self.rows("SELECT hashes FROM tile WHERE level = ? AND number = ?", level, number)
        return bytes(found[0][0]) if found else b""

    def tiles(self, *, on: Any = None) -> Iterator[tuple[int, int, bytes]]:
        for level, number, hashes in self.rows(
            "SELECT level, number, hashes FROM tile ORDER BY level, number", on=on
        ):
            yield int(level), int(number), bytes(hashes)

    def unsealed(self, limit: int) -> list[Message]:
        found = self.rows(
            f"SELECT {_COLUMNS} FROM message WHERE tree_index IS NULL ORDER BY id LIMIT ?",  # noqa: S608 — our own names
            limit,
        )
        return [Message(*row) for row in found]

    def waiting(self) -> int:
        """How many messages wait for the next sealing."""
        return int(self.rows("SELECT count(*) FROM message WHERE tree_index IS NULL")[0][0])

    # -- messages

    def message(self, id: str) -> tuple[int | None, Message] | None:  # noqa: A002
        found = self.rows(f"SELECT tree_index, {_COLUMNS} FROM message WHERE id = ?", id)  # noqa: S608
        return (found[0][0], Message(*found[0][1:])) if found else None

    def newest(
        self, where: Mapping[str, str | int], *, limit: int, also: str = "", order: str = "id"
    ) -> list[tuple[int | None, Message]]:
        """Newest first. ``where`` holds conditions such as ``client = ?`` with their values."""
        conditions = [*where, *([also] if also else [])]
        clause = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        found = self.rows(
            f"SELECT tree_index, {_COLUMNS} FROM message {clause} ORDER BY {order} DESC LIMIT ?",  # noqa: S608
            *where.values(),
            limit,
        )
        return [(row[0], Message(*row[1:])) for row in found]

    def about(self, subjects: Iterable[Subject], *, before: str, limit: int) -> list[Message]:
        """What concerns these disguised persons, newest first."""
        ids = {
            str(row[0])
            for _key, mac in subjects
            for row in self.rows(
                "SELECT message FROM subject WHERE mac = ? AND message < ? ORDER BY message DESC LIMIT ?",
                mac,
                before or "g",
                limit,
            )
        }
        wanted = sorted(ids, reverse=True)[:limit]
        if not wanted:
            return []
        found = self.rows(
            f"SELECT {_COLUMNS} FROM message WHERE id IN ({', '.join('?' * len(wanted))}) "  # noqa: S608
            "ORDER BY id DESC",
            *wanted,
        )
        return [Message(*row) for row in found]

    def whole(self, connection: Any) -> Iterator[Row]:
        """Every row with its subjects: sealed ones in tree order, then those that wait."""
        select = (
            f"SELECT message.tree_index, {_QUALIFIED}, subject.key, subject.mac "  # noqa: S608
            "FROM message LEFT JOIN subject ON subject.message = message.id WHERE message.tree_index"
        )
        yield from _rows(
            self.stream(connection, f"{select} IS NOT NULL ORDER BY message.tree_index")
        )
        yield from _rows(self.stream(connection, f"{select} IS NULL ORDER BY message.id"))

    def orphans(self, connection: Any) -> list[str]:
        """Messages that subjects name and that are not there."""
        found = self.rows(
            "SELECT DISTINCT message FROM subject WHERE message NOT IN (SELECT id FROM message)",
            on=connection,
        )
        return [str(row[0]) for row in found]

    def stream(self, connection: Any, sql: str) -> Iterable[tuple[Any, ...]]:
        found: Iterable[tuple[Any, ...]] = connection.execute(sql)
        return found


def _rows(lines: Iterable[tuple[Any, ...]]) -> Iterator[Row]:
    """One row per message, from one line per message and subject."""
    last = 1 + len(COLUMNS)
    for head, group in groupby(lines, key=lambda line: line[:last]):
        subjects = [Subject(*line[last:]) for line in group if line[last] is not None]
        yield head[0], Message(*head[1:]), subjects
