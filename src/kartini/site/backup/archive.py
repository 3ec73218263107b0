"""One tar file with a manifest of what each file must hash to.

The manifest is written last: an archive without one was never finished. Where there is a passphrase, secret
files are encrypted with it (AES-256-GCM, key by scrypt) and the manifest is signed with it (HMAC-SHA-256);
without one, the manifest finds damage, not forgery.
"""

import hashlib
import hmac
import io
import json
import os
import secrets
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORM = 1
MANIFEST = "manifest.json"
NONCE_BYTES = 12
MOST_MANIFEST_BYTES = 256 * 1024 * 1024


class ArchiveDamaged(Exception):
    """The archive is not, or no longer, what was written."""


class PassphraseNeeded(Exception):
    """The archive holds encrypted keys."""


class PassphraseWrong(Exception):
    """This passphrase did not make the archive, or somebody changed it afterwards."""


@dataclass(frozen=True)
class Keys:
    """What a passphrase becomes: one key to encrypt, one to sign."""

    encrypt: bytes
    sign: bytes

    @classmethod
    def of(cls, passphrase: str, salt: bytes) -> "Keys":
        both = hashlib.scrypt(
            passphrase.encode(), salt=salt, n=2**15, r=8, p=1, maxmem=64 * 2**20, dklen=64
        )
        return cls(both[:32], both[32:])


def _signature(manifest: dict[str, Any], keys: Keys | None) -> str:
    """Over everything else that the manifest says. Without a passphrase, a mere check sum."""
    said = {name: value for name, value in manifest.items() if name != "signature"}
    sign = keys.sign if keys else b""
    return hmac.digest(sign, json.dumps(said, sort_keys=True).encode(), "sha256").hex()


@dataclass(frozen=True)
class Entry:
    """A file of the archive as the manifest describes it; size and hash are of what lies in the tar."""

    name: str
    size: int
    sha256: str
    mode: int
    encrypted: bool = False


@dataclass
class Manifest:
    """``facts`` say where the archive comes from: instance, version, moment, kind of database."""

    facts: dict[str, Any]
    entries: dict[str, Entry] = field(default_factory=dict)
    keys: Keys | None = None

    @property
    def total_bytes(self) -> int:
        return sum(entry.size for entry in self.entries.values())


class _Hashing:
    """Reads through, and remembers the hash of what was read."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.hash = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self.file.read(size)
        self.hash.update(piece)
        return piece


class Writer:
    """Writes beside ``path`` and takes its place only when everything is on disk."""

    def __init__(self, path: Path, passphrase: str = "") -> None:
        self.path, self.draft = path, path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        self.salt = secrets.token_bytes(16) if passphrase else b""
        self.keys = Keys.of(passphrase, self.salt) if passphrase else None
        self.entries: list[Entry] = []
        handle = os.open(self.draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self.file = os.fdopen(handle, "wb")
        self.tar = tarfile.TarFile(fileobj=self.file, mode="w", format=tarfile.PAX_FORMAT)

    def add(self, name: str, source: Path, *, secret: bool = False) -> None:
        """Put a file in under ``name``; a secret one encrypted, if there is a passphrase."""
        with source.open("rb") as file:
            state = os.fstat(file.fileno())
            if secret and self.keys:
                nonce = secrets.token_bytes(NONCE_BYTES)
                body = AESGCM(self.keys.encrypt).encrypt(nonce, file.read(), name.encode())
                sealed = nonce + body
                self._put(name, io.BytesIO(sealed), len(sealed), state.st_mode, encrypted=True)
            else:
                self._put(name, file, state.st_size, state.st_mode)

    def _put(
        self, name: str, file: BinaryIO, size: int, mode: int, *, encrypted: bool = False
    ) -> None:
        head = tarfile.TarInfo(name)
        head.size, head.mode = size, mode & 0o700
        reading = _Hashing(file)
        self.tar.addfile(head, reading)
        self.entries.append(Entry(name, size, reading.hash.hexdigest(), head.mode, encrypted))

    def finish(self, facts: dict[str, Any]) -> None:
        """Write the manifest, bring all to the disk, and only then bear the real name."""
        manifest: dict[str, Any] = {
            **facts,
            "form": FORM,
            "salt": self.salt.hex(),
            "files": [vars(entry) for entry in self.entries],
        }
        manifest["signature"] = _signature(manifest, self.keys)
        text = json.dumps(manifest, indent=1, sort_keys=True).encode()
        head = tarfile.TarInfo(MANIFEST)
        head.size, head.mode = len(text), 0o600
        self.tar.addfile(head, io.BytesIO(text))
        self.tar.close()
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()
        self.draft.replace(self.path)

    def give_up(self) -> None:
        self.file.close()
        self.draft.unlink(missing_ok=True)


def verify(path: Path, passphrase: str = "") -> Manifest:
    """Read the whole archive and hold every byte against its manifest, before anything is done with it."""
    found: dict[str, tuple[int, str]] = {}
    manifest: Manifest | None = None
    with _readable():
        for member, file in _members(path):
            if manifest is not None or member.name in found:
                raise ArchiveDamaged(f"{member.name} stands where nothing more should")
            if member.name == MANIFEST:
                manifest = _read_manifest(file.read(MOST_MANIFEST_BYTES), passphrase)
                continue
            reading = _Hashing(file)
            while reading.read(1 << 20):
                pass
            found[member.name] = (member.size, reading.hash.hexdigest())
    if manifest is None:
        raise ArchiveDamaged("it has no manifest: it was never finished, or its end is missing")
    wanted = {name: (entry.size, entry.sha256) for name, entry in manifest.entries.items()}
    differing = sorted(n for n in found.keys() | wanted.keys() if found.get(n) != wanted.get(n))
    if differing:
        raise ArchiveDamaged(f"{differing[0]} is not what was written")
    return manifest


def unpack(path: Path, manifest: Manifest, into: Path) -> None:
    """Write every file below ``into``, decrypted; each is held against the manifest once more."""
    with _readable():
        for member, file in _members(path):
            if member.name != MANIFEST:
                _unpack(_Hashing(file), manifest.entries[member.name], manifest.keys, into)


def _unpack(reading: _Hashing, entry: Entry, keys: Keys | None, into: Path) -> None:
    target = into / entry.name
    for folder in reversed(Path(entry.name).parents):
        (into / folder).mkdir(exist_ok=True, mode=0o700)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        for piece in iter(_pieces(reading, entry, keys), b""):
            out.write(piece)
    if reading.hash.hexdigest() != entry.sha256:
        raise ArchiveDamaged(f"{entry.name} changed while it was read")
    target.chmod(entry.mode)


def _pieces(reading: _Hashing, entry: Entry, keys: Keys | None) -> Callable[[], bytes]:
    if not entry.encrypted:
        return lambda: reading.read(1 << 20)
    if keys is None:
        raise PassphraseNeeded
    sealed = reading.read()
    try:
        text = AESGCM(keys.encrypt).decrypt(
            sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], entry.name.encode()
        )
    except (InvalidTag, ValueError):
        raise PassphraseWrong from None
    return io.BytesIO(text).read


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError, UnicodeError) as error:
        raise ArchiveDamaged(f"it cannot be read to its end ({error})") from error


def _members(path: Path) -> Iterator[tuple[tarfile.TarInfo, BinaryIO]]:
    """The regular files of a tar, in order. Anything else, and any name that leads elsewhere, is refused."""
    with tarfile.open(path, "r:") as tar:
        for member in tar:
            parts = PurePosixPath(member.name).parts
            file = tar.extractfile(member) if member.isreg() else None
            if file is None or member.name.startswith("/") or {"..", "."} & {*parts}:
                raise ArchiveDamaged(f"{member.name!r} has no place in a backup")
            yield member, cast(BinaryIO, file)


def _read_manifest(text: bytes, passphrase: str) -> Manifest:
    try:
        said = json.loads(text)
        salt, form, signature = bytes.fromhex(said["salt"]), said["form"], str(said["signature"])
        entries = {one["name"]: Entry(**one) for one in said["files"]}
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveDamaged("its manifest cannot be read") from error
    if salt and not passphrase:
        raise PassphraseNeeded
    keys = Keys.of(passphrase, salt) if salt else None
    if not hmac.compare_digest(_signature(said, keys).encode(), signature.encode()):
        raise PassphraseWrong if keys else ArchiveDamaged("its manifest is not what was written")
    if form != FORM:
        raise ArchiveDamaged(f"its form is {form}, and this Kartini reads {FORM}")
    return Manifest(said, entries, keys)
