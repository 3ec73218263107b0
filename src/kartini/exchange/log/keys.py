"""The exchange's own keys: rings of numbered 32-byte keys, newest in use, older ones kept for looking back.

A ring lives in ``$KARTINI_DATA_DIR/keys/<ring>-<number>.key`` (mode 0600, made on first use), or comes
whole from the environment as ``KARTINI_KEYS_<RING>="2:<hex>,1:<hex>"``.
"""

import hmac
import os
import secrets
from functools import cached_property
from pathlib import Path

from nacl.signing import SigningKey

from kartini.exchange.log.leaf import Subject

SIZE = 32


class Ring:
    """The keys of one purpose, by number."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder

    @cached_property
    def keys(self) -> dict[str, bytes]:
        """Newest first."""
        given = os.environ.get(f"KARTINI_KEYS_{self.name.upper()}")
        if given:
            pairs = (part.split(":", 1) for part in given.split(","))
            found = {number.strip(): bytes.fromhex(key) for number, key in pairs}
        else:
            found = self._on_disk() or {"1": self._make("1")}
        return dict(sorted(found.items(), key=lambda item: int(item[0]), reverse=True))

    @property
    def current(self) -> tuple[str, bytes]:
        return next(iter(self.keys.items()))

    def rotate(self) -> str:
        """Put a new key in front; processes that run take it up at their next start."""
        number = str(int(self.current[0]) + 1)
        self._make(number)
        del self.keys
        return number

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
    tokens, webhooks, the hop between the edge and the web process, and the roots of other logs.
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

    @cached_property
    def voice(self) -> SigningKey:
        """By this key others know that this exchange speaks."""
        return SigningKey(self.exchange.current[1])

    def hop_mac(self, *parts: bytes) -> str:
        """Proves to the web process that the edge asks, and in the other direction nothing."""
        return _mac(self.hop.current[1], b"\n".join(parts))

    def new_webhook_secret(self) -> str:
        """The name of a fresh secret: ``<key number>.<random>``."""
        return f"{self.webhooks.current[0]}.{secrets.token_hex(12)}"

    def webhook_secret(self, name: str) -> bytes:
        """The secret of that name; never stored, the same each time."""
        return hmac.digest(self.webhooks.keys[name.partition(".")[0]], name.encode(), "sha256")

    @property
    def signing(self) -> SigningKey:
        return SigningKey(self.log.current[1])

    @property
    def signing_keys(self) -> list[SigningKey]:
        """Every key that ever signed a root, newest first."""
        return [SigningKey(key) for key in self.log.keys.values()]


def _mac(key: bytes, data: bytes) -> str:
    return hmac.digest(key, data, "sha256").hex()
