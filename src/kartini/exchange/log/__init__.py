"""The message log: durable before the answer, provable afterwards, without personal data.

    append(entry…)          returns when they are on disk
    messages_about(nik)     what a citizen sees of it
    search(…)  proof(id)    what the console and the edge see of it

A process has one log. It lies in ``$KARTINI_DATA_DIR/log.sqlite3``, or in a schema of its own where
KARTINI_DATABASE_URL names PostgreSQL (unless KARTINI_LOG_IN=file). Tests run with KARTINI_LOG_IN=file on
either database: a log that commits by itself would outlive the transaction of a test, and its connection
would keep the test database from being dropped. PostgresStore has tests of its own, in a schema that they drop.
"""

import os
import threading
from base64 import b64encode
from collections.abc import Sequence
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone
from nacl.signing import SigningKey

import kartini_verify
from kartini.exchange.log import attested, figures, note
from kartini.exchange.log.here import Here
from kartini.exchange.log.keys import Keys
from kartini.exchange.log.leaf import Message, Subject, leaf, message
from kartini.exchange.log.merkle import Tree, hash_leaf
from kartini.exchange.log.postgres import PostgresStore
from kartini.exchange.log.refusals import Refusals
from kartini.exchange.log.sealer import Sealer
from kartini.exchange.log.shelf import Archive, Shelf
from kartini.exchange.log.sqlite import SqliteStore
from kartini.exchange.log.store import Entry, Store
from kartini.exchange.log.witness import Witness
from kartini.exchange.log.writer import MOST, PATIENCE, NotDurable, Settle, Writer
from kartini_verify import includes

__all__ = [
    "MOST",
    "PATIENCE",
    "Archive",
    "Entry",
    "Log",
    "Message",
    "NotDurable",
    "Proof",
    "Subject",
    "append",
    "message",
    "messages_about",
    "proof",
    "search",
    "the_log",
    "verifier",
]
FOR_EVER = date(9000, 1, 1)
SEARCHABLE = ("client", "service", "method", "organisation", "purpose", "grant_id", "request", "id")


class Proof(NamedTuple):
    """That a message is a leaf under a signed root. ``position`` is None until it is sealed (a second or so)."""

    message: Message
    position: int | None
    path: Sequence[bytes]
    checkpoint: str

    @property
    def leaf_hash(self) -> bytes:
        return hash_leaf(leaf(self.message))

    @property
    def leads_to_root(self) -> bool:
        """Does the path lead from this very message to the root? (The signature is another matter.)"""
        if self.position is None:
            return False
        root = note.parse(self.checkpoint)
        return includes(self.leaf_hash, self.position, root.size, self.path, root.root)

    def as_file(self) -> dict[str, Any]:
        """For ``kartini-verify --proof``."""
        path = [b64encode(step).decode() for step in self.path]
        return {
            "columns": [*self.message],
            "position": self.position,
            "path": path,
            "checkpoint": self.checkpoint,
        }


def verifier() -> bytes:
    """The stand-alone program that an auditor takes along: one file that needs Python and PyNaCl."""
    return Path(kartini_verify.__file__).read_bytes()


class Log:
    """One log: where it lies, its keys, its writer (started when first used), its sealer."""

    def __init__(
        self, store: Store, *, folder: Path, origin: str, archives: Path | None = None
    ) -> None:
        self.store, self.keys = store, Keys(folder / "keys")
        self.shelf = Shelf(store, archives or folder / "archives")
        self.folder, self.outside = folder, folder / "checkpoints"
        self.sealer = Sealer(store, self.keys, origin, self.outside)
        self.refusals = Refusals(store, self.keys)
        self.here = Here(store)
        self._writer: Writer | None = None
        self._starting = threading.Lock()
        self.process = os.getpid()

    @property
    def writer(self) -> Writer:
        if self._writer is None:
            with self._starting:
                self._writer = self._writer or Writer(self.store)
        return self._writer

    def submit(self, entries: Sequence[Entry], settle: Settle) -> None:
        self.writer.submit(entries, settle)

    def append(self, *entries: Entry) -> None:
        self.writer.append(entries)

    def messages_about(self, nik: str, *, limit: int = 50, before: str = "") -> list[Message]:
        """Newest first; what was moved into archives on the shelf is among them."""
        subjects = self.keys.every_subject(nik)
        here = self.store.about(subjects, before=before, limit=limit)
        moved = self.shelf.about(subjects, before=before, limit=limit)
        every = {message.id: message for message in [*moved, *here]}
        return [every[id_] for id_ in sorted(every, reverse=True)[:limit]]

    def message(self, id_: str) -> tuple[int | None, Message] | None:
        """In the database, or in an archive on the shelf."""
        return self.store.message(id_) or self.shelf.message(id_)

    def search(
        self,
        *,
        failed: bool | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: str = "",
        limit: int = 50,
        **exactly: str,
    ) -> list[tuple[int | None, Message]]:
        if id_ := exactly.pop("id", ""):
            found = self.message(id_)
            return [found] if found else []
        if request := exactly.pop("request", ""):
            return figures.by_request(self.store, request, before=before, limit=limit)
        where, ends = _where(failed, exactly), _ends(since, until, before)
        return figures.newest(self.store, where, **ends, limit=limit)

    def search_archive(
        self,
        archive: Archive,
        *,
        failed: bool | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: str = "",
        limit: int = 50,
        **exactly: str,
    ) -> tuple[list[tuple[int | None, Message]], str]:
        """The same in one file on the shelf; and before which id to look on, where it did not come to the end."""
        where, ends = _where(failed, exactly), _ends(since, until, before)
        return self.shelf.search(archive, where, **ends, limit=limit)

    def begins_at(self) -> datetime | None:
        """The time of the oldest message that is not archived; None while all lie in the database."""
        first = max((until for _first, until, *_rest in self.store.archived()), default=0)
        found = self.store.rows(
            "SELECT at FROM message WHERE tree_index >= ? ORDER BY tree_index LIMIT 1", first
        )
        return datetime.fromisoformat(found[0][0]) if first and found else None

    def proof(self, id: str, *, cosigned: bool = False) -> Proof | None:  # noqa: A002
        """Under the newest root, or under the first one that a witness cosigned, if there is one."""
        found = self.message(id)
        return None if found is None else self.prove(*found, cosigned=cosigned)

    def prove(self, index: int | None, row: Message, *, cosigned: bool = False) -> Proof:
        """The proof of a message that may lie in an archive."""
        lines = attested.covering(self.store, attested.WITNESS, index or 0) if cosigned else []
        checkpoint = self.store.checkpoint_of(lines[0].size) if lines else self.store.checkpoint()
        checkpoint = attested.cosigned(checkpoint, lines) if lines else checkpoint
        path: Sequence[bytes] = ()
        if index is not None:
            path = Tree(self.store.tile).inclusion(index, note.parse(checkpoint).size)
        return Proof(row, index, path, checkpoint)

    @cached_property
    def witness(self) -> Witness:
        """This node as a witness of other logs."""
        name = self.sealer.origin.removesuffix("/log") + "/witness"
        return Witness(self.folder / "witness", name, SigningKey(self.keys.witness.current[1]))

    def consistency(self, old: int, new: int) -> list[bytes]:
        return Tree(self.store.tile).consistency(old, new)

    def count(self) -> int:
        """Count what was sealed since (see ``figures``); how many blocks that were."""
        return figures.count(self.store, timezone.get_default_timezone())

    def traffic(self, since: datetime) -> list[figures.Traffic]:
        return figures.traffic(self.store, since)

    def pairs(self, first: date, last: date) -> list[figures.Traffic]:
        """Who called what how often in these days."""
        return figures.pairs(self.store, _days(first, last))

    def by_day(
        self, first: date, last: date, *, below: str = "", **exactly: str
    ) -> dict[str, tuple[int, int, int]]:
        """Day: calls, failed calls, bytes."""
        return figures.by_day(self.store, _days(first, last), below, **exactly)

    def paces_by_day(
        self, first: date, last: date, *, below: str = "", **exactly: str
    ) -> dict[str, list[tuple[int, int]]]:
        """Day: how many good answers came within how many microseconds."""
        return figures.paces_by_day(self.store, _days(first, last), below, **exactly)

    def paces(self, by: str, first: date, last: date) -> dict[str, tuple[float, float]]:
        """Milliseconds within which half, and 95 of 100 answers came; by ``client`` or ``service``."""
        found = figures.paces(self.store, by, _days(first, last))
        return {k: (figures.within(v, 50), figures.within(v, 95)) for k, v in found.items()}

    def slowness(self, since: datetime) -> dict[str, float]:
        """Milliseconds within which 95 of 100 answers came since this day, by service; ``""`` is all of them."""
        return figures.slowness(self.store, _days(timezone.localdate(since), FOR_EVER))

    def last_seen(self, first: date) -> dict[str, datetime]:
        """When each system was last heard of, since that day."""
        return figures.last_seen(self.store, _days(first, FOR_EVER))

    def trouble(self) -> str:
        """Why this process could not write the log just now, if it tried and could not."""
        return self._writer.trouble() if self._writer is not None else ""

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self.store.close()


def _where(failed: bool | None, exactly: dict[str, str]) -> dict[str, str | int]:
    if unknown := exactly.keys() - {*SEARCHABLE}:
        raise TypeError(f"the log cannot be searched by {', '.join(sorted(unknown))}")
    where: dict[str, str | int] = {f"{k} = ?": v for k, v in exactly.items() if v}
    if failed is not None:
        where["status >= ?" if failed else "status < ?"] = 400
    return where


def _ends(since: datetime | None, until: datetime | None, before: str) -> dict[str, str]:
    """Between which ids."""
    last = min([*([figures.first_id(until)] if until else []), before or "g"])
    return {"since": figures.first_id(since) if since else "", "until": last}


def _days(first: date, last: date) -> figures.Days:
    return figures.Days(first, last, timezone.get_default_timezone())


_current: Log | None = None
_opening = threading.Lock()


def the_log() -> Log:
    """The log of this process, opened when first used (and again after a fork)."""
    global _current
    found = _current
    if found is None or not _is_ours(found):
        with _opening:
            if _current is None or not _is_ours(_current):
                _current = _open(Path(settings.DATA_DIR))
            found = _current
    return found


def _is_ours(log: Log) -> bool:
    return log.process == os.getpid() and log.folder == settings.DATA_DIR


def _open(folder: Path) -> Log:
    database: dict[str, Any] = settings.DATABASES["default"]
    store: Store = (
        PostgresStore(address(database))
        if settings.LOG_IN == "database" and "postgresql" in database["ENGINE"]
        else SqliteStore(folder / "log.sqlite3")
    )
    node = f"/{settings.NODE}" if settings.NODE else ""
    origin = f"kartini/{settings.INSTANCE}{node}/log"
    return Log(store, folder=folder, origin=origin, archives=Path(settings.ARCHIVE_DIR))


def address(database: dict[str, Any]) -> dict[str, Any]:
    """Django's words for a database in psycopg's."""
    words = {
        "NAME": "dbname",
        "USER": "user",
        "PASSWORD": "password",
        "HOST": "host",
        "PORT": "port",
    }
    return {word: database[name] for name, word in words.items() if database.get(name)}


def append(*entries: Entry) -> None:
    """Write messages; they are on disk when this returns, else ``NotDurable``."""
    the_log().append(*entries)


def messages_about(nik: str, *, limit: int = 50, before: str = "") -> list[Message]:
    """Every message about a person, newest first. ``before`` is the id of the last one seen."""
    return the_log().messages_about(nik, limit=limit, before=before)


def search(**how: Any) -> list[tuple[int | None, Message]]:
    """Messages with their place in the tree, newest first (see ``Log.search``)."""
    return the_log().search(**how)


def proof(id: str, *, cosigned: bool = False) -> Proof | None:  # noqa: A002
    return the_log().proof(id, cosigned=cosigned)
