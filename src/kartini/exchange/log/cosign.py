"""Cosignatures: a witness says that a log only ever grew (C2SP ``tlog-cosignature``, Ed25519, ``cosignature/v1``).

A cosigned checkpoint is the log's note with one more signature line. The witness signs the note's text under a
line with the time; it says nothing about the messages, only that this root extends all that it signed before.
"""

import hashlib
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from typing import NamedTuple

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

COSIGNATURE = b"\x04"


class NotAWitness(Exception):
    """This is no verifier key of a witness."""


class Cosigned(NamedTuple):
    """Who cosigned, and when."""

    name: str
    at: datetime


def line(note: str, name: str, key: SigningKey, at: datetime) -> str:
    """The signature line that a witness adds to this note, with its line end."""
    moment = int(at.timestamp())
    signature = key.sign(_signed(note, moment)).signature
    blob = _key_id(name, bytes(key.verify_key)) + moment.to_bytes(8, "big") + signature
    return f"— {name} {b64encode(blob).decode()}\n"


def verifier_key(name: str, key: VerifyKey) -> str:
    """The witness's public key as others keep it (vkey)."""
    public = bytes(key)
    kind_and_key = b64encode(COSIGNATURE + public).decode()
    return f"{name}+{_key_id(name, public).hex()}+{kind_and_key}"


def read(note: str, vkey: str) -> Cosigned | None:
    """When the witness of this key cosigned the note; None when it did not. Raises ``NotAWitness``."""
    name, key_id, public = parse(vkey)
    _text, _gap, lines = note.partition("\n\n")
    for given in lines.splitlines():
        moment = _moment(note, given, name, key_id, public)
        if moment is not None:
            return Cosigned(name, datetime.fromtimestamp(moment, UTC))
    return None


def parse(vkey: str) -> tuple[str, bytes, bytes]:
    """Name, key id and key of a witness's vkey."""
    try:
        name, key_id, text = vkey.strip().split("+", 2)
        blob = b64decode(text, validate=True)
    except ValueError:
        raise NotAWitness(vkey) from None
    if blob[:1] != COSIGNATURE or len(blob) != 33 or _key_id(name, blob[1:]).hex() != key_id:
        raise NotAWitness(vkey)
    return name, bytes.fromhex(key_id), blob[1:]


def _moment(note: str, given: str, name: str, key_id: bytes, public: bytes) -> int | None:
    dash, _space, rest = given.partition(" ")
    who, _space, text = rest.rpartition(" ")
    try:
        blob = b64decode(text, validate=True)
    except ValueError:
        return None
    if dash != "—" or who != name or blob[:4] != key_id or len(blob) != 76:
        return None
    moment = int.from_bytes(blob[4:12], "big")
    try:
        VerifyKey(public).verify(_signed(note, moment), blob[12:])
    except BadSignatureError:
        return None
    return moment


def _signed(note: str, moment: int) -> bytes:
    text = note.partition("\n\n")[0]
    return f"cosignature/v1\ntime {moment}\n{text}\n".encode()


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + COSIGNATURE + public).digest()[:4]
