"""Bodies of calls, kept only for services whose policy says so: sealed, apart from the log, erased by the day.

One file for each call, ``<service>/<day>/<message>``. Beside what is sealed stand the keyed digests that the leaf
holds too, so that what was erased can be named, and what is read can be proved.
"""

import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import orjson
from django.conf import settings
from nacl import bindings
from nacl.exceptions import CryptoError

from kartini.exchange.log.keys import Keys

TRIES = 3


class NotReadable(Exception):
    """The file is damaged, or its key is not here."""


class Body(NamedTuple):
    question: bytes
    answer: bytes


class Kept(NamedTuple):
    """A file, and the digests of its leaf."""

    file: Path
    question: str
    answer: str

    @property
    def line(self) -> str:
        """What an erasure says of it."""
        return f"{self.file.name} {self.question} {self.answer}"


def keep(keys: Keys, *, contract: str, id_: str, at: datetime, body: Body) -> None:
    """On disk when this returns. Raises ``OSError``."""
    number, key = keys.bodies.current
    nonce = secrets.token_bytes(24)
    plain = len(body.question).to_bytes(4, "big") + body.question + body.answer
    sealed = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, id_.encode(), nonce, key)
    said = {
        "key": number,
        "question": keys.digest(body.question),
        "answer": keys.digest(body.answer),
        "sealed": b64encode(nonce + sealed).decode(),
    }
    folder = _of(contract) / f"{at.astimezone(UTC):%Y-%m-%d}"
    for _try in range(TRIES):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            return _write(folder / id_, orjson.dumps(said))
        except FileNotFoundError:
            continue  # a rule erased this day in between: it erases this one the next time
    raise FileNotFoundError(folder)


def _write(file: Path, content: bytes) -> None:
    """Whole or not at all, and on disk."""
    draft = file.with_name(f".{file.name}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def find(contract: str, id_: str, at: datetime) -> Path | None:
    """The file of a call, if its body is kept."""
    file = _of(contract) / f"{at.astimezone(UTC):%Y-%m-%d}" / id_
    return file if file.is_file() else None


def read(keys: Keys, file: Path) -> Body:
    """Raises ``NotReadable``."""
    try:
        said = orjson.loads(file.read_bytes())
        raw, key = b64decode(said["sealed"]), keys.bodies.keys[said["key"]]
        plain = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            raw[24:], file.name.encode(), raw[:24], key
        )
    except (OSError, ValueError, KeyError, TypeError, CryptoError) as fault:
        raise NotReadable(f"{file.name}: {type(fault).__name__}") from None
    end = 4 + int.from_bytes(plain[:4], "big")
    return Body(plain[4:end], plain[end:])


def days(contract: str) -> list[date]:
    """The days of which bodies are kept, oldest first."""
    found = [] if not _of(contract).is_dir() else _of(contract).iterdir()
    return sorted(date.fromisoformat(folder.name) for folder in found)


def of_day(contract: str, day: date) -> Iterator[Kept]:
    folder = _of(contract) / f"{day:%Y-%m-%d}"
    for file in sorted(folder.iterdir()) if folder.is_dir() else []:
        try:
            said = orjson.loads(file.read_bytes())
            yield Kept(file, said["question"], said["answer"])
        except FileNotFoundError:
            continue  # a draft that has its name by now
        except (ValueError, KeyError):
            yield Kept(file, "-", "-")  # what a killed process left


def erase(kept: Iterable[Kept]) -> None:
    for one in kept:
        one.file.unlink(missing_ok=True)
        with suppress(OSError):  # the last one of its day takes the folder along
            one.file.parent.rmdir()


def _of(contract: str) -> Path:
    return Path(settings.DATA_DIR) / "bodies" / contract
