"""Personal numbers at rest: sealed by AES-256-GCM, found again by a blind index (HMAC-SHA-256).

The key ring is a file in ``$KARTINI_DATA_DIR/keys`` (mode 0600, made on first use) or the text in
``KARTINI_SEALING_KEYS``. The first key of each kind is the current one; older keys still open and find.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

FORM = b"\x01"
NAME_BYTES = 4
NONCE_BYTES = 12


class SealBroken(Exception):
    """These bytes were not sealed for this context, were changed, or their key is gone."""


@dataclass(frozen=True)
class Ring:
    """Keys by name, the current one first. A name is eight hexadecimal digits."""

    seal: dict[str, bytes]
    index: dict[str, bytes]

    @classmethod
    def fresh(cls) -> "Ring":
        return cls(dict([_new_key()]), dict([_new_key()]))

    def rotated(self) -> "Ring":
        """The same ring with a new current key of each kind."""
        return Ring(dict([_new_key(), *self.seal.items()]), dict([_new_key(), *self.index.items()]))

    def only_current(self) -> "Ring":
        """The ring without its older keys: when nothing is sealed by them any more."""
        return Ring(dict([_first(self.seal)]), dict([_first(self.index)]))

    def text(self) -> str:
        kinds = {"seal": self.seal, "index": self.index}
        return json.dumps(
            {
                kind: {name: base64.b64encode(key).decode() for name, key in keys.items()}
                for kind, keys in kinds.items()
            }
        )

    @classmethod
    def read(cls, text: str) -> "Ring":
        kinds = json.loads(text)
        return cls(
            *(
                {name: base64.b64decode(key) for name, key in kinds[kind].items()}
                for kind in ("seal", "index")
            )
        )


def _new_key() -> tuple[str, bytes]:
    return secrets.token_hex(NAME_BYTES), secrets.token_bytes(32)


def _first(keys: dict[str, bytes]) -> tuple[str, bytes]:
    return next(iter(keys.items()))


def seal(text: str, *, context: str) -> bytes:
    """Encrypt; only the same ``context`` (the row's id, say) opens it, so rows cannot be swapped."""
    name, key = _first(ring().seal)
    head = FORM + bytes.fromhex(name)
    nonce = secrets.token_bytes(NONCE_BYTES)
    return head + nonce + AESGCM(key).encrypt(nonce, text.encode(), head + context.encode())


def unseal(sealed: bytes | memoryview, *, context: str) -> str:
    """Decrypt what ``seal`` made. Raises ``SealBroken``."""
    whole = bytes(sealed)
    head, rest = whole[: 1 + NAME_BYTES], whole[1 + NAME_BYTES :]
    key = ring().seal.get(head[1:].hex())
    if key is None or head[:1] != FORM:
        raise SealBroken(context)
    nonce, body = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, body, head + context.encode()).decode()
    except (InvalidTag, ValueError):
        raise SealBroken(context) from None


def index(text: str) -> str:
    """The blind index under the current key: equal texts have equal indexes, nothing else is seen."""
    return _hash(_first(ring().index)[1], text)


def indexes(text: str) -> list[str]:
    """The blind index under every key of the ring, the current one first: for look-ups."""
    return [_hash(key, text) for key in ring().index.values()]


def is_current(sealed: bytes | memoryview) -> bool:
    """Was this sealed by the current key?"""
    return bytes(sealed[1 : 1 + NAME_BYTES]).hex() == _first(ring().seal)[0]


def _hash(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def ring() -> Ring:
    """The key ring as it stands now; another process may have rotated it."""
    if settings.SEALING_KEYS:
        return _parsed(settings.SEALING_KEYS)
    path = ring_file()
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError:
        _place(path, Ring.fresh(), replace=False)
        changed = path.stat().st_mtime_ns
    return _loaded(path, changed)


def ring_file() -> Path:
    return Path(settings.DATA_DIR) / "keys" / "sealing.json"


def keep(new: Ring) -> None:
    """Write a rotated ring in place of the present one."""
    _place(ring_file(), new, replace=True)


@lru_cache(maxsize=4)
def _loaded(path: Path, _changed: int) -> Ring:
    return Ring.read(path.read_text())


@lru_cache(maxsize=4)
def _parsed(text: str) -> Ring:
    return Ring.read(text)


def _place(path: Path, new: Ring, *, replace: bool) -> None:
    """Whole or not at all; of two processes that start together, the first one's keys stay."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(new.text())
        file.flush()
        os.fsync(file.fileno())
    try:
        if replace:
            draft.replace(path)
        else:
            path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink(missing_ok=True)
