"""The exchange's own keys: rings of numbered 32-byte keys, newest in use, older ones kept for looking back.

A ring lives in ``$KARTINI_DATA_DIR/keys/<ring>-<number>.key`` (mode 0600, made on first use), or comes
whole from the environment as ``KARTINI_KEYS_<RING>="2:<hex>,1:<hex>"``.
"""

import hmac
import os
import secrets
import time
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.utils import timezone
from nacl.signing import SigningKey

from kartini.exchange.log.leaf import Subject

SIZE = 32
FRESH_SECONDS = 5.0


class GivenFromOutside(Exception):
    """This ring comes from the environment; put the new key in front there."""


class Ring:
    """The keys of one purpose, by number. A key may be there before it comes into use, so that others can learn it."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self._known: dict[str, bytes] = {}
        self._begins: dict[str, datetime] = {}
        self._read_at = 0.0

    @property
    def keys(self) -> dict[str, bytes]:
        """Newest first, those to come included. What another process made is seen within seconds."""
        self._fresh()
        return self._known

    def _fresh(self) -> None:
        if not self._known or time.monotonic() - self._read_at > FRESH_SECONDS:
            self._read()

    @property
    def current(self) -> tuple[str, bytes]:
        """The newest that is in use."""
        keys = self.keys
        if self._begins:
            now = timezone.now()
            for number, key in keys.items():
                if number not in self._begins or self._begins[number] <= now:
                    return number, key
        return next(iter(keys.items()))

    @property
    def begins(self) -> dict[str, datetime]:
        """When keys come into use, for those that were made ahead."""
        self._fresh()
        return self._begins

    def rotate(self, begins_at: datetime | None = None) -> str:
        """Put a new key in front, from then on or at once; its number. Raises ``GivenFromOutside``."""
        if os.environ.get(self._variable):
            raise GivenFromOutside(self._variable)
        number = str(int(next(iter(self.keys))) + 1)
        if begins_at is not None:
            (self.folder / f"{self.name}-{number}.from").write_text(begins_at.isoformat())
        self._make(number)
        self._known = {}
        return number

    @property
    def _variable(self) -> str:
        return f"KARTINI_KEYS_{self.name.upper()}"

    def _read(self) -> None:
        given = os.environ.get(self._variable)
        if given:
            pairs = (part.split(":", 1) for part in given.split(","))
            found = {number.strip(): bytes.fromhex(key) for number, key in pairs}
        else:
            found = self._on_disk() or {"1": self._make("1")}
            self._begins = {
                f.stem.rpartition("-")[2]: datetime.fromisoformat(f.read_text())
                for f in self.folder.glob(f"{self.name}-*.from")
            }
        self._known = dict(sorted(found.items(), key=lambda item: int(item[0]), reverse=True))
        self._read_at = time.monotonic()

    def _on_disk(self) -> dict[str, bytes]:
        files = self.folder.glob(f"{self.name}-*.key")
        return {f.stem.rpartition("-")[2]: bytes.fromhex(f.read_text()) for f in files}

    def _make(self, number: str) -> bytes:
        """Whole or not at all; when two processes make the same key, the first one's stands."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        final = self.folder / f"{self.name}-{number}.key"
        draft = final.with_suffix(f".{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_hex(SIZE))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, final)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        return bytes.fromhex(final.read_text())


class Keys:
    """What the exchange signs and disguises with: persons, bodies, the log's roots, its own messages, access
    tokens, webhooks, the hop between the edge and the web process, the roots of other logs, and bodies that are kept.
    """

    def __init__(self, folder: Path) -> None:
        self.subjects = Ring("subjects", folder)
        self.digests = Ring("digests", folder)
        self.log = Ring("log", folder)
        self.exchange = Ring("exchange", folder)
        self.tokens = Ring("tokens", folder)
        self.hop = Ring("hop", folder)
        self.webhooks = Ring("webhooks", folder)
        self.witness = Ring("witness", folder)
        self.bodies = Ring("bodies", folder)

    def subject(self, nik: str) -> Subject:
        number, key = self.subjects.current
        return Subject(number, _mac(key, nik.encode()))

    def every_subject(self, nik: str) -> list[Subject]:
        """The same person under every key that ever was in use: for looking up."""
        return [
            Subject(number, _mac(key, nik.encode())) for number, key in self.subjects.keys.items()
        ]

    def digest(self, body: bytes) -> str:
        """A keyed digest of a body: ``<key number>:<hex>``."""
        number, key = self.digests.current
        return f"{number}:{_mac(key, body)}"

    def digest_holds(self, digest: str, body: bytes) -> bool:
        """Is it that of this body? By whichever key it was made."""
        number, _colon, mac = digest.partition(":")
        key = self.digests.keys.get(number)
        return key is not None and hmac.compare_digest(mac, _mac(key, body))

    @property
    def voice(self) -> SigningKey:
        """By this key others know that this exchange speaks."""
        return _signing(self.exchange.current[1])

    def hop_mac(self, *parts: bytes) -> str:
        """Proves to the web process that the edge asks, and in the other direction nothing."""
        return _mac(self.hop.current[1], b"\n".join(parts))

    def hop_holds(self, mac: str, *parts: bytes) -> bool:
        """By any key of the ring: the edge may have taken up a new one a moment earlier or later."""
        macs = [_mac(key, b"\n".join(parts)) for key in self.hop.keys.values()]
        return any(hmac.compare_digest(mac.encode(), right.encode()) for right in macs)

    def new_webhook_secret(self) -> str:
        """The name of a fresh secret: ``<key number>.<random>``."""
        return f"{self.webhooks.current[0]}.{secrets.token_hex(12)}"

    def webhook_secret(self, name: str) -> bytes:
        """The secret of that name; never stored, the same each time."""
        return hmac.digest(self.webhooks.keys[name.partition(".")[0]], name.encode(), "sha256")

    @property
    def signing(self) -> SigningKey:
        return _signing(self.log.current[1])

    @property
    def signing_keys(self) -> list[SigningKey]:
        """Every key that ever signed a root, newest first."""
        return [SigningKey(key) for key in self.log.keys.values()]


@lru_cache(8)
def _signing(key: bytes) -> SigningKey:
    return SigningKey(key)


@lru_cache(64)
def _begun(key: bytes) -> hmac.HMAC:
    return hmac.new(key, digestmod="sha256")


def _mac(key: bytes, data: bytes) -> str:
    """HMAC-SHA-256, from a copy that knows the key already: half the work, and unlike ``hmac.digest`` it does not
    hand the interpreter to another thread for a short text."""
    mac = _begun(key).copy()
    mac.update(data)
    return mac.hexdigest()
