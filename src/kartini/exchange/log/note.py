"""Checkpoints: the signed root of the log, as C2SP ``tlog-checkpoint`` in a C2SP ``signed-note`` (Ed25519)."""

import hashlib
from base64 import b64decode, b64encode
from datetime import datetime
from typing import NamedTuple

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

ED25519 = b"\x01"


class Checkpoint(NamedTuple):
    """``at`` is when the log was sealed at this size (an extension line of the checkpoint)."""

    origin: str
    size: int
    root: bytes
    at: str

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\nat {self.at}\n"

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)


def sign(checkpoint: Checkpoint, key: SigningKey) -> str:
    """The note: text, empty line, one signature line."""
    public = bytes(key.verify_key)
    signature = _key_id(checkpoint.origin, public) + key.sign(checkpoint.text.encode()).signature
    return f"{checkpoint.text}\n— {checkpoint.origin} {b64encode(signature).decode()}\n"


def verifier_key(origin: str, key: VerifyKey) -> str:
    """The public key as others keep it: ``name+hash+key`` (vkey)."""
    public = bytes(key)
    kind_and_key = b64encode(ED25519 + public).decode()
    return f"{origin}+{_key_id(origin, public).hex()}+{kind_and_key}"


def parse(note: str) -> Checkpoint:
    """What a note says, without judging its signature."""
    origin, size, root, at = note.split("\n\n")[0].split("\n")[:4]
    return Checkpoint(origin, int(size), b64decode(root), at.removeprefix("at "))


def holds(note: str, key: VerifyKey) -> bool:
    """Is one of the signatures made by this key over this very text?"""
    text, _, lines = note.partition("\n\n")
    text += "\n"
    wanted = _key_id(text.split("\n", 1)[0], bytes(key))
    for line in lines.splitlines():
        signature = b64decode(line.rsplit(" ", 1)[-1])
        if signature[:4] == wanted:
            try:
                key.verify(text.encode(), signature[4:])
            except (BadSignatureError, ValueError):
                return False
            return True
    return False


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]
