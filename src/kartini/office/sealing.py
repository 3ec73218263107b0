"""Files encrypted at rest: a storage that seals what it keeps and opens what it gives.

Each file has a key of its own (AES-256), itself sealed by a key of the house's ring. The content follows in
pieces of 64 KiB, each sealed with AES-GCM; a piece's nonce holds its number and whether it is the last
one (the STREAM construction), so that pieces cannot be changed, moved or cut off unnoticed.
"""

import os
import secrets
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files import File
from django.core.files.storage import FileSystemStorage, storages

from kartini.people.sealing import SealBroken, ring

MAGIC = b"KRT1"
PIECE = 64 * 1024
TAG = 16
HEAD = len(MAGIC) + 4 + 12 + 32 + TAG


def seal(content: Iterator[bytes]) -> Iterator[bytes]:
    """Sealed bytes for plain ones, without holding more than two pieces at a time."""
    name, house = next(iter(ring().seal.items()))
    key, nonce = AESGCM.generate_key(256), secrets.token_bytes(12)
    head = MAGIC + bytes.fromhex(name)
    yield head + nonce + AESGCM(house).encrypt(nonce, key, head)
    own, number, held = AESGCM(key), 0, b""
    for part in content:
        held += part
        while len(held) > PIECE:
            yield own.encrypt(_nonce(number, last=False), held[:PIECE], None)
            held, number = held[PIECE:], number + 1
    yield own.encrypt(_nonce(number, last=True), held, None)


def unseal(source: IO[bytes]) -> Iterator[bytes]:
    """Plain bytes for sealed ones. Raises ``SealBroken`` before a changed piece is given out."""
    head = source.read(HEAD)
    house = ring().seal.get(head[4:8].hex())
    if not head.startswith(MAGIC) or house is None:
        raise SealBroken("not sealed with a key of this house")
    try:
        own = AESGCM(AESGCM(house).decrypt(head[8:20], head[20:], head[:8]))
        number, piece = 0, source.read(PIECE + TAG)
        while True:
            following = source.read(PIECE + TAG)
            yield own.decrypt(_nonce(number, last=not following), piece, None)
            if not following:
                return
            number, piece = number + 1, following
    except InvalidTag:
        raise SealBroken("changed or cut") from None


def _nonce(number: int, *, last: bool) -> bytes:
    return bytes(7) + number.to_bytes(4, "big") + bytes([last])


class Sealed:
    """Mix into any Django storage: what it keeps is sealed, what it opens is plain again."""

    def _save(self, name: str, content: File) -> str:  # type: ignore[type-arg]
        sealed = File(BytesIO(b"".join(seal(content.chunks()))), name)
        saved: str = super()._save(name, sealed)  # type: ignore[misc]
        return saved

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        with super()._open(name, "rb") as sealed:  # type: ignore[misc]
            return File(BytesIO(b"".join(unseal(sealed))), name)


class SealedFiles(Sealed, FileSystemStorage):
    """Sealed files in a folder of this machine."""

    def raw(self, name: str) -> IO[bytes]:
        """The file as it lies there, sealed."""
        return Path(self.path(name)).open("rb")

    def replace(self, name: str, sealed: bytes) -> None:
        """Put other sealed bytes in the file's place, whole or not at all, and on disk: its old key may go."""
        fresh = Path(self.path(f"{name}.new"))
        with fresh.open("wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path(name))
        folder = os.open(fresh.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def store() -> Any:
    """Where papers and documents lie (``STORAGES["sealed"]``)."""
    return storages["sealed"]


def keep(content: bytes | File[Any], folder: str) -> str:
    """Store under an opaque name and return it."""
    token = secrets.token_hex(16)
    file = File(BytesIO(content)) if isinstance(content, bytes) else content
    name: str = store().save(f"{folder}/{token[:2]}/{token}", file)
    return name


def fetch(name: str) -> bytes:
    """The plain bytes of a kept file."""
    with store().open(name) as file:
        content: bytes = file.read()
    return content


def drop(name: str) -> None:
    """Remove a kept file; one that is gone already is no fault."""
    store().delete(name)


def reseal(name: str) -> bool:
    """Seal the file's own key by the current key of the ring; true when an older one had sealed it.

    Only the head changes; the content stays as it is. The new file takes the old one's place at once.
    """
    place: SealedFiles = store()
    try:
        with place.raw(name) as sealed:
            whole = sealed.read()
    except FileNotFoundError:  # dropped a moment ago
        return False
    current, house = next(iter(ring().seal.items()))
    head, former = whole[:HEAD], ring().seal.get(whole[4:8].hex())
    if head[4:8].hex() == current or former is None:
        return False
    key = AESGCM(former).decrypt(head[8:20], head[20:], head[:8])
    start, nonce = MAGIC + bytes.fromhex(current), secrets.token_bytes(12)
    place.replace(name, start + nonce + AESGCM(house).encrypt(nonce, key, start) + whole[HEAD:])
    return True
