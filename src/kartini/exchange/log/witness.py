"""This node as a witness of other logs: it cosigns what extends all that it saw before, and refuses the rest.

What it saw lies in ``$KARTINI_DATA_DIR/witness/<log>/``: ``log.vkeys`` (the keys by which it knows the log),
``latest`` and one note for each hour, all cosigned. An auditor verifies with such a folder. The
interface is C2SP ``tlog-witness``; a log that nobody made known here is refused.
"""

import fcntl
import hashlib
import os
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nacl.signing import SigningKey

from kartini.exchange.log import cosign, note
from kartini.exchange.log.files import write_whole
from kartini_verify import extends, open_note

MOST_STEPS = 63


class Refused(Exception):
    """The witness does not cosign; ``status`` and ``body`` are what tlog-witness answers."""

    status = 400

    def __init__(self, why: str, body: str = "") -> None:
        super().__init__(why)
        self.body = body


class UnknownLog(Refused):
    """No key of this log is known here."""

    status = 404


class NotSigned(Refused):
    """None of the known keys signed it."""

    status = 403


class SawAnother(Refused):
    """The log speaks of another size than the one that was seen last; ``body`` is that size."""

    status = 409


class NotTheSameLog(Refused):
    """What is shown does not extend what was seen: the log was rewritten."""

    status = 422


@dataclass(frozen=True)
class Seen:
    """What a witness knows of a log."""

    origin: str
    size: int
    at: str
    note: str


class Witness:
    """``folder`` holds one folder for each log that is known."""

    def __init__(self, folder: Path, name: str, key: SigningKey) -> None:
        self.folder, self.name, self.key = folder, name, key

    @property
    def vkey(self) -> str:
        return cosign.verifier_key(self.name, self.key.verify_key)

    def know(self, vkeys: Sequence[str]) -> str:
        """Accept a log by its public keys; its origin."""
        origin = vkeys[0].split("+", 1)[0]
        place = self.place(origin)
        place.mkdir(parents=True, exist_ok=True)
        write_whole(place / "log.vkeys", "\n".join(vkeys) + "\n")
        return origin

    def place(self, origin: str) -> Path:
        """A log's folder: readable, and no two origins share one."""
        short = hashlib.sha256(origin.encode()).hexdigest()[:8]
        return self.folder / f"{re.sub('[^A-Za-z0-9]+', '-', origin)[:60]}-{short}"

    def keys_of(self, origin: str) -> list[str]:
        file = self.place(origin) / "log.vkeys"
        return file.read_text(encoding="utf-8").split() if file.is_file() else []

    def seen(self, origin: str) -> Seen | None:
        file = self.place(origin) / "latest"
        return _seen(file.read_text(encoding="utf-8")) if file.is_file() else None

    def all_seen(self) -> list[Seen]:
        files = sorted(self.folder.glob("*/latest"))
        return [_seen(file.read_text(encoding="utf-8")) for file in files]

    def add(self, old: int, proof: Sequence[bytes], signed: str, at: datetime) -> str:
        """Judge a checkpoint; the cosignature line. ``old`` is what the asker thinks was seen last."""
        try:
            said = note.parse(signed)
        except ValueError:
            raise Refused("this is no checkpoint") from None
        keys = self.keys_of(said.origin)
        if not keys:
            raise UnknownLog("nobody made this log known here")
        try:
            open_note(signed, keys, "it")
        except ValueError:
            raise NotSigned("none of the log's keys signed it") from None
        with self._turn(said.origin):
            self._judge(old, proof, said)
            line = cosign.line(signed, self.name, self.key, at)
            self._keep(said, signed, line)
        return line

    def _judge(self, old: int, proof: Sequence[bytes], said: note.Checkpoint) -> None:
        last = self.seen(said.origin)
        size = last.size if last else 0
        if old > said.size:
            raise Refused("the old size is beyond the new one")
        if old != size:
            raise SawAnother(f"{size} messages were seen last", f"{size}\n")
        if last is None:
            if proof:
                raise NotTheSameLog("a first checkpoint needs no proof")
            return
        root = note.parse(last.note).root
        if not extends(size, said.size, proof, root, said.root):
            raise NotTheSameLog(f"it does not extend the log of {size} messages that was seen")

    def _keep(self, said: note.Checkpoint, signed: str, line: str) -> None:
        """With the log's own signatures and ours alone."""
        place = self.place(said.origin)
        for name in ("latest", f"{said.at[:13]}.note"):
            write_whole(place / name, signed.rstrip("\n") + "\n" + line)

    @contextmanager
    def _turn(self, origin: str) -> Iterator[None]:
        """Of two that ask at once the second sees what the first left."""
        door = os.open(self.place(origin) / ".turn", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(door, fcntl.LOCK_EX)
            yield
        finally:
            os.close(door)


def _seen(cosigned: str) -> Seen:
    said = note.parse(cosigned)
    return Seen(said.origin, said.size, said.at, cosigned)


# -- the wire form of tlog-witness


def request(old: int, proof: Sequence[bytes], signed: str) -> str:
    """The body of ``POST /add-checkpoint``."""
    lines = [f"old {old}", *(b64encode(step).decode() for step in proof)]
    return "\n".join(lines) + "\n\n" + signed


def read_request(body: bytes) -> tuple[int, list[bytes], str]:
    """Old size, consistency proof, note. Raises ``Refused``."""
    try:
        head, gap, signed = body.decode().partition("\n\n")
        first, *steps = head.split("\n")
        word, _space, number = first.partition(" ")
        proof = [b64decode(step, validate=True) for step in steps]
        well_formed = word == "old" and number.isascii() and number.isdigit() and len(number) <= 15
        if not (well_formed and gap and len(proof) <= MOST_STEPS):
            raise ValueError(first)
        return int(number), proof, signed
    except ValueError:
        raise Refused("the body cannot be read") from None
