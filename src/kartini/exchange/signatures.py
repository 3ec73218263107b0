"""HTTP message signatures (RFC 9421, Ed25519) and Content-Digest (RFC 9530), for exactly what we sign and accept.

A small writer and reader of our own, because the general libraries cost half a millisecond a message; they
judge this one in the tests.
"""

import hashlib
import re
from base64 import b64decode
from binascii import b2a_base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nacl.bindings import crypto_sign, crypto_sign_BYTES
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

REQUEST = ("@method", "@target-uri", "content-digest", "x-road-client", "x-road-id")
#: what a call may say besides: we cover it whenever we send it, and check whatever is covered
BESIDES = (
    "x-road-service",
    "x-road-request-id",
    "x-kartini-purpose",
    "x-road-represented-party",
)
RESPONSE = (
    "@status",
    "content-digest",
    "x-road-id",
    "x-road-request-id",
    "x-road-request-hash",
    "x-kartini-leaf",
)
LONGEST_PAST, LONGEST_FUTURE = 300, 60
LONGEST_MOMENT = 12
_INPUT = re.compile(
    r'([a-z*][a-z0-9_.*-]{0,60})=(\(((?:"[@a-z0-9-]+"(?: "[@a-z0-9-]+")*)?)\)((?:;[a-z]+=(?:"[^"\\]*"|[0-9]+))*))'
)
_PARAMETER = re.compile(r';([a-z]+)=(?:"([^"\\]*)"|([0-9]+))')
_DIGESTS: dict[str, Callable[[bytes], "hashlib._Hash"]] = {
    "sha-256": hashlib.sha256,
    "sha-512": hashlib.sha512,
}


class NotSigned(Exception):
    """The signature is missing, malformed, too old, or not true; says which."""


class Replayed(NotSigned):
    """The signature is true, and was used before."""


@dataclass(frozen=True)
class Claim:
    """What a signature says of itself, before it is verified."""

    label: str
    components: tuple[str, ...]
    parameters: str
    created: int
    nonce: str
    keyid: str
    signature: bytes
    expires: int | None = None


@lru_cache(256)
def key_id(public: bytes) -> str:
    """By what we name a public key: the beginning of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def base64(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode()


def digest(body: bytes) -> str:
    return f"sha-256=:{base64(hashlib.sha256(body).digest())}:"


def digest_holds(field: str, body: bytes) -> bool:
    """At least one digest that we know, and every one that we know is right."""
    found = False
    for part in field.split(","):
        name, _equals, value = part.strip().partition("=")
        if name in _DIGESTS:
            try:
                said = b64decode(value.strip(":"), validate=True)
            except ValueError:
                return False
            if said != _DIGESTS[name](body).digest():
                return False
            found = True
    return found


def sign(
    values: Mapping[str, str],
    components: Sequence[str],
    key: SigningKey,
    *,
    keyid: str,
    created: int,
    nonce: str = "",
) -> dict[str, str]:
    """The two header fields that make a signed message of this one. A request needs a ``nonce``; in an answer
    the number of the message does its work."""
    covered = '" "'.join(components)
    once = f';nonce="{nonce}"' if nonce else ""
    parameters = f'("{covered}");created={created}{once};keyid="{keyid}";alg="ed25519"'
    secret = bytes(key) + bytes(key.verify_key)
    signature = crypto_sign(_base(values, components, parameters), secret)[:crypto_sign_BYTES]
    return {
        "signature-input": f"kartini={parameters}",
        "signature": f"kartini=:{base64(signature)}:",
    }


def read(signature_input: str, signature: str) -> Claim:
    """The first signature that a message bears."""
    found = _INPUT.match(signature_input)
    if not found:
        raise NotSigned("Signature-Input cannot be read")
    label, parameters, covered, tail = found.group(1, 2, 3, 4)
    said = {m[1]: m[2] if m[2] is not None else m[3] for m in _PARAMETER.finditer(tail)}
    expires = said.get("expires")
    value = _value_of(label).search(signature)
    if not value or "created" not in said or "keyid" not in said:
        raise NotSigned("Signature, created or keyid is missing")
    if said.get("alg", "ed25519") != "ed25519":
        raise NotSigned("alg must be ed25519")
    try:
        raw = b64decode(value[1], validate=True)
    except ValueError:
        raise NotSigned("Signature is not base64") from None
    return Claim(
        label,
        _names(covered),
        parameters,
        _moment(said["created"]),
        said.get("nonce", ""),
        said["keyid"],
        raw,
        None if expires is None else _moment(expires),
    )


@lru_cache(64)
def _value_of(label: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|[, ]){re.escape(label)}=:([A-Za-z0-9+/=]+):")


@lru_cache(256)
def _names(covered: str) -> tuple[str, ...]:
    return tuple(name.strip('"') for name in covered.split())


def _moment(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_MOMENT):
        raise NotSigned("created and expires are seconds since 1970")
    return int(text)


def verify(
    claim: Claim, values: Mapping[str, str], public: bytes, *, needed: Sequence[str]
) -> None:
    """Raises ``NotSigned`` unless this key signed these values, and all that must be covered is."""
    missing = [name for name in needed if name not in claim.components]
    if missing:
        raise NotSigned(f"not covered by the signature: {', '.join(missing)}")
    if len({*claim.components}) < len(claim.components):
        raise NotSigned("a component is named twice")
    try:
        VerifyKey(public).verify(_base(values, claim.components, claim.parameters), claim.signature)
    except (BadSignatureError, ValueError):
        raise NotSigned("the signature is not true") from None
    except KeyError as absent:
        raise NotSigned(f"covered, but not in the message: {absent}") from None


def _base(values: Mapping[str, str], components: Sequence[str], parameters: str) -> bytes:
    """RFC 9421, section 2.5."""
    lines = [f'"{name}": {values[name]}' for name in components]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode()
