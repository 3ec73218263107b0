"""The stand-alone verifier of Kartini's message log. One file, no Django, imports nothing of kartini.

    kartini-verify log.sqlite3 --checkpoints checkpoints/
    kartini-verify log.sqlite3 --archive 2026-h1.sqlite3 --checkpoints checkpoints/
    kartini-verify --proof message.json --checkpoints witness/ --witness VKEY

It recomputes every leaf from the stored columns, grows the tree of RFC 6962 over them, and holds its roots
against the signed checkpoints: those in the log and those kept outside it. What differs is named.
A log file is SQLite; an archive is a log file too. What was archived and pruned is told; with the archives at
hand it is verified with the rest. Needs Python and PyNaCl.
"""

import argparse
import hashlib
import json
import os
import sqlite3
import sys
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

LEAVES = {
    1: [
        "version",
        "id",
        "at",
        "method",
        "client",
        "service",
        "status",
        "organisation",
        "purpose",
        "basis",
        "grant_id",
        "fields",
        "request",
        "request_digest",
        "response_digest",
        "request_bytes",
        "response_bytes",
        "microseconds",
        "subjects",
    ]
}
ID, AT = LEAVES[1].index("id"), LEAVES[1].index("at")
WIDTH, HASH = 256, 32
FIELDS, DIGEST = LEAVES[1].index("fields"), LEAVES[1].index("request_digest")
LATE_SECONDS = 60
STANDS_STILL = (
    " They wait since {}: the sealer stands still, or signed roots were taken away from here."
)
COSIGNATURE = b"\x04"


# -- what is verified


class Row(NamedTuple):
    """A stored message: its place in the tree (None until it is sealed), its columns, its persons."""

    position: int | None
    columns: Sequence[str | int]
    subjects: Sequence[tuple[str, str]]

    @property
    def id(self) -> str:
        return str(self.columns[ID])


class Archived(NamedTuple):
    """That the messages from ``first`` up to ``until`` lie in a file of this digest, as ``message`` testifies."""

    first: int
    until: int
    digest: str
    message: str


class Erased(NamedTuple):
    """That the file that begins at ``first`` was erased by a rule, as ``message`` testifies."""

    first: int
    message: str


@dataclass(frozen=True)
class Stored:
    """Everything that lies in the log. ``rows``: sealed ones in tree order first.

    ``archived``: what was moved into files that are not at hand; some of them are ``erased``. ``span``: this is such a
    file itself. ``attested``: of which size a root was cosigned or stamped, and by whom.
    """

    rows: Iterable[tuple[int | None, Sequence[str | int], Sequence[tuple[str, str]]]]
    tiles: Iterable[tuple[int, int, bytes]]
    checkpoints: Iterable[tuple[int, str]]
    orphans: Iterable[str] = ()
    archived: Sequence[Archived] = ()
    span: tuple[int, int] | None = None
    erased: Sequence[Erased] = ()
    attested: Sequence[tuple[int, str]] = ()


@dataclass
class Report:
    """``faults`` is empty when the log is whole."""

    messages: int = 0
    sealed: int = 0
    inside: int = 0
    outside: int = 0
    until: str = ""
    waits: str = ""
    archived: int = 0
    erased: int = 0
    beyond: int = 0
    witnesses: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.faults

    def __str__(self) -> str:
        if self.faults:
            return "\n".join([f"The log is NOT whole: {len(self.faults)} fault(s)", *self.faults])
        waiting = self.messages - self.sealed
        more = [STANDS_STILL.format(self.waits)] if self.waits else []
        more += [f" {self.archived} earlier messages lie in archives."] if self.archived else []
        more += [f" {self.erased} earlier messages were erased by rule."] if self.erased else []
        if self.beyond:
            more += [f" It is an archive: {self.beyond} checkpoints speak of later messages."]
        more += [f" Cosigned by {name}." for name in self.witnesses]
        return (
            f"The log is whole: {self.sealed} messages sealed until {self.until or 'now'}, "
            f"{waiting} waiting for the next seal; "
            f"{self.inside} checkpoints in the log and {self.outside} outside it agree.{''.join(more)}"
        )


# -- leaves and trees

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def leaf_hash(columns: Sequence[str | int]) -> bytes:
    return hashlib.sha256(b"\x00" + _JSON.encode([*columns]).encode()).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def subjects_digest(subjects: Iterable[tuple[str, str]]) -> str:
    lines = sorted(f"{key}:{mac}\n" for key, mac in subjects)
    return hashlib.sha256("".join(lines).encode()).hexdigest() if lines else ""


class Growing:
    """A tree that only remembers its right edge; ``full`` gets each subtree of 256, 65,536, … leaves."""

    def __init__(self) -> None:
        self.size = 0
        self.edge: list[bytes] = []
        self.full: defaultdict[int, list[bytes]] = defaultdict(list)

    def append(self, node: bytes) -> None:
        level, place = 0, self.size
        while place & 1:
            node = node_hash(self.edge.pop(), node)
            level, place = level + 1, place >> 1
            if level % 8 == 0:
                self.full[level // 8].append(node)
        self.edge.append(node)
        self.size += 1

    def root(self) -> bytes:
        if not self.edge:
            return hashlib.sha256().digest()
        root = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            root = node_hash(left, root)
        return root


def includes(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162, 2.1.3.2: does this path lead from this leaf to this root?"""
    if not 0 <= index < size:
        return False
    place, last, node = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            node = node_hash(step, node)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, step)
        place, last = place >> 1, last >> 1
    return last == 0 and node == root


def extends(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """RFC 9162, 2.1.4.2: does the tree of size ``new`` begin with the tree of size ``old``?"""
    if old == new:
        return not path and old_root == new_root
    if not 0 < old < new or not path:
        return False
    steps = list(path) if old & (old - 1) else [old_root, *path]
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = steps.pop(0)
    for step in steps:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, step)
        place, last = place >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


# -- checkpoints


class Checkpoint(NamedTuple):
    """A root that the log signed."""

    where: str
    size: int
    root: bytes
    at: str
    note: str = ""


def open_note(note: str, keys: Sequence[str], where: str) -> Checkpoint:
    """Read a signed note; ``ValueError`` says what is wrong with it."""
    text, found, lines = note.partition("\n\n")
    try:
        _origin, size, root, *more = text.split("\n")
        root_ = b64decode(root, validate=True)
        checkpoint = Checkpoint(where, int(size), root_, _time(more), note)
        signatures = [b64decode(line.rsplit(" ", 1)[-1]) for line in lines.splitlines()]
    except ValueError as fault:
        raise ValueError("cannot be read") from fault
    for vkey in keys:
        _name, key_id, key = vkey.split("+", 2)
        for signature in signatures:
            if found and signature[:4].hex() == key_id:
                return _checked(checkpoint, f"{text}\n".encode(), signature[4:], b64decode(key)[1:])
    raise ValueError("is signed by none of the known keys")


def _checked(checkpoint: Checkpoint, text: bytes, signature: bytes, key: bytes) -> Checkpoint:
    try:
        VerifyKey(key).verify(text, signature)
    except (BadSignatureError, ValueError):
        raise ValueError("does not bear a true signature") from None
    return checkpoint


def _time(extensions: Sequence[str]) -> str:
    return next((line[3:] for line in extensions if line.startswith("at ")), "")


def cosigned(note: str, vkey: str) -> str:
    """When the witness of this key cosigned the note, as ISO time; empty when it did not (C2SP tlog-cosignature)."""
    try:
        name, key_id, public = vkey.strip().split("+", 2)
        kind, key = b64decode(public)[:1], b64decode(public)[1:]
    except ValueError:
        return ""
    text, _gap, lines = note.partition("\n\n")
    for line in lines.splitlines() if kind == COSIGNATURE else ():
        who, _space, signature = line.removeprefix("— ").rpartition(" ")
        blob = b64decode(signature)
        if (who, blob[:4].hex(), len(blob)) == (name, key_id, 76):
            moment = int.from_bytes(blob[4:12], "big")
            signed = f"cosignature/v1\ntime {moment}\n{text}\n".encode()
            try:
                VerifyKey(key).verify(signed, blob[12:])
            except (BadSignatureError, ValueError):
                return ""
            return datetime.fromtimestamp(moment, UTC).isoformat()
    return ""


# -- the verification


def verify(
    stored: Stored,
    keys: Sequence[str],
    outside: Mapping[str, str],
    witnesses: Sequence[str] = (),
    at: str = "",
) -> Report:
    """``keys`` are the log's public keys (vkey), ``outside`` the notes kept elsewhere, by name.

    Each of ``witnesses`` (vkey) must have cosigned one of the notes. ``at`` is the present; without it, the time of
    the newest message is.
    """
    report = Report()
    checkpoints = _checkpoints(stored, keys, outside, report)
    _name_witnesses(checkpoints, witnesses, report)
    if stored.span:
        report.beyond = sum(1 for c in checkpoints if c.size > stored.span[1])
        checkpoints = [c for c in checkpoints if c.size <= stored.span[1]]
    walk = _Walk(stored, checkpoints, report)
    for row in stored.rows:
        walk.see(Row(*row))
    walk.finish(at)
    _name_lost_roots(stored, checkpoints, report)
    report.faults += [
        f"persons are named for message {i}, which is not there" for i in stored.orphans
    ]
    return report


def _checkpoints(
    stored: Stored, keys: Sequence[str], outside: Mapping[str, str], report: Report
) -> list[Checkpoint]:
    """Those whose signature is true; the others are faults."""
    inside = [(f"checkpoint {size} in the log", size, note) for size, note in stored.checkpoints]
    kept = [(f"checkpoint {name}", None, note) for name, note in outside.items()]
    report.inside, report.outside = len(inside), len(kept)
    good = []
    for where, size, note in [*inside, *kept]:
        try:
            checkpoint = open_note(note, keys, where)
            if size not in (None, checkpoint.size):
                raise ValueError(f"speaks of {checkpoint.size} messages")
            good.append(checkpoint)
        except ValueError as fault:
            report.faults.append(f"{where} {fault}")
    return good


def _name_witnesses(
    checkpoints: Sequence[Checkpoint], witnesses: Sequence[str], report: Report
) -> None:
    for vkey in witnesses:
        times = [at for c in checkpoints if (at := cosigned(c.note, vkey))]
        name = vkey.partition("+")[0]
        if times:
            report.witnesses.append(f"{name} until {max(times)}")
        else:
            report.faults.append(f"no checkpoint is cosigned by {name}")


def _name_lost_roots(stored: Stored, checkpoints: Sequence[Checkpoint], report: Report) -> None:
    """A root that others attested is kept for ever; who takes the newest ones away forgets what was said of them."""
    sizes = {c.size for c in checkpoints}
    for size, name in stored.attested:
        if size not in sizes and (stored.span is None or size <= stored.span[1]):
            report.faults.append(
                f"the signed root of {size} messages is missing, and {name} attested it"
            )


class _Walk:
    """Grows a tree over the rows, beside the log's own record of their hashes (the tiles).

    Where a row and its record part, the row is right if a signed root says so. Where they agree with
    each other but not with a signed root, somebody rewrote both.
    """

    def __init__(self, stored: Stored, checkpoints: Sequence[Checkpoint], report: Report) -> None:
        self.report = report
        self.away = max((mark.until for mark in stored.archived), default=0)
        self.marks = {mark.message: mark for mark in stored.archived}
        self.erasures = _erasures(stored, checkpoints)
        self.gone = sum(mark.until - mark.first for mark, _digest in self.erasures.values())
        if stored.span:
            # its own messages lie here; what testifies of the files before it came later
            self.away = min(self.away, stored.span[0])
            self.marks.clear()
        self.tiles = {(level, number): hashes for level, number, hashes in stored.tiles}
        self.signed = max((c.size for c in checkpoints), default=0)
        report.until = max((c.at for c in checkpoints), default="")
        self.due: dict[int, list[Checkpoint]] = defaultdict(list)
        for checkpoint in checkpoints:
            self.due[checkpoint.size].append(checkpoint)
        self.last_at = self.newest_at = ""
        self.rows = Growing()
        self.wrong: dict[int, tuple[str, bytes]] = {}
        self.stray: list[tuple[Row, bytes]] = []
        self.refuted: list[tuple[Checkpoint, int]] = []
        self.rows_signed = 0

    def see(self, row: Row) -> None:
        self.report.messages += 1
        found = leaf_hash(row.columns) if row.columns[0] in LEAVES else b"unknown version"
        if row.columns[-1] != subjects_digest(row.subjects):
            self.report.faults.append(f"the persons of message {row.id} were changed")
        if row.position is None or not self.rows.size <= row.position < self.signed:
            self.stray.append((row, found))
            return
        self._grow_until(row.position)
        self._grow(row.id, found)
        self.report.sealed += 1
        self.last_at = str(row.columns[AT])
        self.newest_at = max(self.newest_at, self.last_at)
        self._testify(row)

    def _testify(self, row: Row) -> None:
        """Does the message of an archiving, or of an erasure, say what stands in the log's tables?"""
        said, mark = (row.columns[FIELDS], row.columns[DIGEST]), self.marks.pop(row.id, None)
        if mark and said != (f"{mark.first}-{mark.until}", f"sha-256:{mark.digest}"):
            self._say(f"message {row.id} does not testify that {mark.first}-{mark.until} went")
        gone, digest = self.erasures.pop(row.id, (None, ""))
        if gone and said[1] != digest:
            self._say(
                f"message {row.id} does not testify that {gone.first}-{gone.until} were erased"
            )

    def _name_marks(self) -> None:
        """The newest archiving must be testified here, by a message that may wait for its seal; the testimony of an
        older one, and of an erasure, may lie in an archive that is away."""
        for row, _found in self.stray:
            if row.position is None:
                self._testify(row)
        for mark in self.marks.values():
            if mark.until == self.away:
                self._say(
                    f"nothing testifies that the messages {mark.first}-{mark.until} were archived"
                )
        for mark, _digest in self.erasures.values() if not self.report.archived else ():
            self._say(f"nothing testifies that the messages {mark.first}-{mark.until} were erased")

    def _grow_until(self, position: int) -> None:
        """What is archived is taken from the record, and a signed root must bear it out; the rest is missing."""
        while self.rows.size < position:
            if self.rows.size < self.away:
                self.report.archived += 1
                self._grow(None, self._recorded(self.rows.size))
            else:
                self._grow("", self._recorded(self.rows.size))

    def finish(self, at: str) -> None:
        self._grow_until(self.signed)
        belongs = {self._recorded(position): position for position in self.wrong}
        self._count_erased()
        self._name_wrong(belongs)
        self._name_waiting(at)
        self._name_stray(belongs)
        self._name_refuted()
        self._name_tiles()
        self._name_marks()

    def _count_erased(self) -> None:
        """What a rule erased lies in no archive any more."""
        self.report.erased = min(self.gone, self.report.archived)
        self.report.archived -= self.report.erased

    def _recorded(self, position: int) -> bytes:
        number, place = divmod(position, WIDTH)
        return self.tiles.get((0, number), b"")[place * HASH : (place + 1) * HASH]

    def _grow(self, id_: str | None, found: bytes) -> None:
        """``id_`` is empty for a row that is missing, None for one that lies in an archive."""
        position = self.rows.size
        recorded = self._recorded(position)
        self.rows.append(found)
        if id_ is not None and (not id_ or found != recorded):
            self.wrong[position] = (id_, found)
        for checkpoint in self.due.pop(self.rows.size, ()):
            if self.rows.root() != checkpoint.root:
                self.refuted.append((checkpoint, self.rows_signed))
            else:
                self.rows_signed = checkpoint.size

    def _name_wrong(self, belongs: Mapping[bytes, int]) -> None:
        gap: list[int] = []
        for position, (id_, found) in self.wrong.items():
            if not id_:
                gap.append(position)
            elif position < self.rows_signed:
                self._say(f"the log's own record of position {position} was changed")
            elif found in belongs:
                self._say(f"message {id_} stands at {position} and belongs at {belongs[found]}")
            else:
                self._say(f"message {id_} at position {position} was changed")
        for first, last in _runs(gap):
            self._say(
                f"the message at position {first} is missing"
                if first == last
                else f"the messages at positions {first} to {last} are missing"
            )

    def _name_waiting(self, at: str) -> None:
        """A message is sealed within a second or so. Where none ever was, nothing bears out what lies here."""
        times = [str(row.columns[AT]) for row, _found in self.stray if row.position is None]
        first = min(times, default="")
        if first and _seconds(at or max(times)) - _seconds(first) > LATE_SECONDS:
            self.report.waits = first
        if not self.signed and (self.report.waits or len(times) < len(self.stray)):
            self._say(f"{len(self.stray)} messages lie here, and no signed root bears them out")

    def _until(self) -> str:
        """When the log was sealed last. After a clock that ran ahead was set back, the last message knows better."""
        was_set_back = _seconds(self.newest_at) - _seconds(self.last_at) > LATE_SECONDS
        return self.last_at if was_set_back else self.report.until

    def _name_stray(self, belongs: Mapping[bytes, int]) -> None:
        sealed = _seconds(self._until())
        for row, found in self.stray if self.signed else ():
            if found in belongs:
                self._say(f"message {row.id} lost its position, {belongs[found]}")
            elif row.position is not None:
                self._say(f"message {row.id} was added at position {row.position}")
            elif _seconds(str(row.columns[AT])) < sealed - LATE_SECONDS:
                self._say(f"message {row.id} was added after its time had been sealed")

    def _name_refuted(self) -> None:
        for checkpoint, whole in self.refuted:
            if not any(position < checkpoint.size for position in self.wrong):
                self._say(
                    f"{checkpoint.where} was signed over other messages: "
                    f"those at positions {whole} to {checkpoint.size - 1} were rewritten"
                )

    def _name_tiles(self) -> None:
        """What the log's own record says above and beyond its leaves."""
        if self.wrong:
            return
        right = {
            (level, number): b"".join(nodes[number * WIDTH : (number + 1) * WIDTH])
            for level, nodes in self.rows.full.items()
            for number in range(-(-len(nodes) // WIDTH))
        }
        for level, number in sorted({*self.tiles, *right}):
            hashes = self.tiles.get((level, number), b"")
            leaves = min(WIDTH, self.signed - number * WIDTH) * HASH
            if (len(hashes) != leaves) if level == 0 else (hashes != right.get((level, number))):
                self._say(f"the log's own record {level}/{number} was changed")

    def _say(self, fault: str) -> None:
        self.report.faults.append(fault)


def _erasures(stored: Stored, checkpoints: Sequence[Checkpoint]) -> dict[str, tuple[Archived, str]]:
    """Of each file that was erased: its mark, and the digest that the message of its erasure must bear."""
    roots = {c.size: c.root for c in checkpoints}
    messages = {one.first: one.message for one in stored.erased}
    found = {}
    for mark in stored.archived if not stored.span else ():
        if mark.first in messages:
            root = b64encode(roots.get(mark.until, b"")).decode()
            line = f"{mark.first}-{mark.until} sha-256:{mark.digest} root:{root}"
            digest = hashlib.sha256(line.encode()).hexdigest()
            found[messages[mark.first]] = (mark, f"sha256:{digest}")
    return found


def _runs(positions: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of each row of neighbours."""
    for _key, run in groupby(enumerate(positions), key=lambda pair: pair[1] - pair[0]):
        members = [position for _place, position in run]
        yield members[0], members[-1]


def _seconds(stamp: str) -> float:
    try:
        return datetime.fromisoformat(stamp).timestamp()
    except ValueError:
        return 0.0


# -- the log as a file, and the command


@contextmanager
def opened(path: Path) -> Iterator[Stored]:
    """A log file (or an archive), seen at one moment."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)) as file:
        file.execute("PRAGMA cache_size = -65536")
        _read_ahead(path)
        file.execute("BEGIN")
        spans = _table(file, "span", "first, until")
        yield Stored(
            rows=_rows(file),
            tiles=file.execute("SELECT level, number, hashes FROM tile"),
            checkpoints=file.execute("SELECT size, note FROM checkpoint ORDER BY size").fetchall(),
            orphans=_orphans(file),
            archived=[Archived(*mark) for mark in _table(file, "archived", "*")],
            span=spans[0] if spans else None,
            erased=[Erased(*one) for one in _table(file, "erased", "first, message")],
            attested=_table(file, "attestation", "size, name"),
        )


def _read_ahead(path: Path) -> None:
    """Ask the system for the whole file in its order on the disk: rows lie less straight than that."""
    if hasattr(os, "posix_fadvise"):
        with path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)


def _table(file: sqlite3.Connection, name: str, columns: str) -> list[Any]:
    """What lies in a table that older logs do not have."""
    known = file.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [name]).fetchone()
    return list(file.execute(f"SELECT {columns} FROM {name} ORDER BY 1")) if known else []  # noqa: S608


@contextmanager
def joined(stored: Stored, archives: Sequence[Path]) -> Iterator[Stored]:
    """A log together with the archives of its beginning. Raises ``ValueError`` for a file that is not one of them."""
    with ExitStack() as stack:
        files = {_digest(path): path for path in archives}
        marks = {mark.digest: mark for mark in stored.archived}
        for digest, path in files.items():
            if digest not in marks:
                raise ValueError(f"{path.name} is not the file that the log speaks of")
        at_hand = sorted(marks[digest] for digest in files)
        parts = [stack.enter_context(opened(files[mark.digest])).rows for mark in at_hand]
        rows = _in_turn(at_hand, parts, stored.rows)
        away = [mark for mark in stored.archived if mark not in at_hand]
        yield replace(stored, rows=rows, archived=away)


def _in_turn(
    marks: Sequence[Archived], parts: Sequence[Iterable[Any]], rest: Iterable[Any]
) -> Iterator[Row]:
    """What a killed pruning left in the log as well is taken from the archive."""
    for mark, rows in zip(marks, parts, strict=True):
        yield from (Row(*row) for row in rows if (row[0] or 0) < mark.until)
    done = max((mark.until for mark in marks), default=0)
    for row in (Row(*row) for row in rest):
        if row.position is None or row.position >= done:
            yield row


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _rows(file: sqlite3.Connection) -> Iterator[Row]:
    columns = ", ".join(f"m.{name}" for name in LEAVES[1])
    for wanted in ("IS NOT NULL ORDER BY m.tree_index", "IS NULL ORDER BY m.id"):
        lines = file.execute(
            f"SELECT m.tree_index, {columns}, s.key, s.mac FROM message m "  # noqa: S608 — our own names
            f"LEFT JOIN subject s ON s.message = m.id WHERE m.tree_index {wanted}"
        )
        for head, group in groupby(lines, key=lambda line: line[:-2]):
            subjects = [line[-2:] for line in group if line[-1] is not None]
            yield Row(head[0], head[1:], subjects)


def _orphans(file: sqlite3.Connection) -> Iterator[str]:
    lines = file.execute(
        "SELECT DISTINCT message FROM subject WHERE message NOT IN (SELECT id FROM message)"
    )
    return (str(line[0]) for line in lines)


def kept_outside(folder: Path) -> dict[str, str]:
    """The notes of a folder such as ``checkpoints/``: ``latest`` and one for every hour."""
    files = sorted([*folder.glob("*.note"), *folder.glob("latest")])
    return {file.name: file.read_text(encoding="utf-8") for file in files}


def public_keys(folder: Path) -> list[str]:
    file = folder / "log.vkeys"
    return file.read_text(encoding="utf-8").split() if file.is_file() else []


def judge(
    path: Path,
    keys: Sequence[str],
    folder: Path,
    *,
    archives: Sequence[Path] = (),
    witnesses: Sequence[str] = (),
    at: str = "",
) -> Report:
    """A log file, with its archives, against the notes of a folder. ``at`` as in :func:`verify`."""
    with opened(path) as stored:
        try:
            with joined(stored, archives) if archives else nullcontext(stored) as whole:
                return verify(whole, keys, kept_outside(folder), witnesses, at)
        except ValueError as fault:
            return Report(faults=[str(fault)])


def prove(
    path: Path, keys: Sequence[str], folder: Path | None = None, witnesses: Sequence[str] = ()
) -> Report:
    """One message against the signed root that its proof names; it must be one that the witnesses saw."""
    report = Report(messages=1, sealed=1, inside=1)
    try:
        proof = json.loads(path.read_text(encoding="utf-8"))
        root = open_note(proof["checkpoint"], keys, "its checkpoint")
        steps = [b64decode(step) for step in proof["path"]]
        leaf, report.until = leaf_hash(proof["columns"]), root.at
        if not includes(leaf, int(proof["position"]), root.size, steps, root.root):
            report.faults.append("the message is not what was sealed at this position")
        _name_witnesses([root], witnesses, report)
        _compare(root, keys, folder, report)
    except (ValueError, KeyError, TypeError) as fault:
        report.faults.append(f"the proof or its checkpoint {fault}")
    return report


def _compare(root: Checkpoint, keys: Sequence[str], folder: Path | None, report: Report) -> None:
    """The notes that were kept elsewhere must not say otherwise about the same size."""
    for name, note in kept_outside(folder).items() if folder else ():
        kept = open_note(note, keys, name)
        report.outside += kept.root == root.root
        if kept.size == root.size and kept.root != root.root:
            report.faults.append(f"checkpoint {name} speaks of other messages")


def main(arguments: Sequence[str] | None = None) -> None:
    """Exit with 0 when the log is whole, with 1 when it is not."""
    parser = argparse.ArgumentParser("kartini-verify", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("log", type=Path, help="log.sqlite3, an archive, or with --proof a proof")
    parser.add_argument("--proof", action="store_true", help="check the proof of one message")
    parser.add_argument(
        "--checkpoints", type=Path, help="folder of notes (default: beside the log)"
    )
    parser.add_argument("--key", action="append", help="a public key (vkey) that you trust")
    parser.add_argument(
        "--witness", action="append", default=[], help="a witness (vkey) that must have cosigned"
    )
    parser.add_argument(
        "--archive", type=Path, action="append", default=[], help="a file with earlier messages"
    )
    given = parser.parse_args(arguments)
    folder = given.checkpoints or given.log.parent / "checkpoints"
    keys = given.key or public_keys(folder)
    if given.proof:
        report = prove(given.log, keys, folder, given.witness)
    else:
        now = datetime.now(UTC).isoformat()
        report = judge(
            given.log, keys, folder, archives=given.archive, witnesses=given.witness, at=now
        )
    print(report)
    sys.exit(0 if report.whole else 1)


if __name__ == "__main__":
    main()
