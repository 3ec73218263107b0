"""Signing and verifying: HTTP message signatures (RFC 9421, Ed25519) and Content-Digest (RFC 9530)."""

import hashlib
import re
import secrets
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from kartini_client.errors import NotTrue

REQUEST = ("@method", "@target-uri", "content-digest", "x-road-client", "x-road-id")
#: what a call may say besides: covered whenever it is sent
BESIDES = (
    "x-road-service",
    "x-road-request-id",
    "x-kartini-purpose",
    "x-road-represented-party",
    "x-road-userid",
    "x-road-issue",
)
ANSWER = ("@status", "content-digest", "x-road-id", "x-road-request-id", "x-road-request-hash")
LEAF = "x-kartini-leaf"
_INPUT = re.compile(r'([a-z*][\w.*-]*)=(\(((?:"[^"]+" ?)*)\)((?:;[a-z]+=(?:"[^"]*"|[0-9]+))*))')
_PARAMETER = re.compile(r';([a-z]+)=(?:"([^"]*)"|([0-9]+))')


def key_id(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()[:16]


def unpad(text: str) -> bytes:
    """Base64, of either alphabet, with or without padding."""
    plain = text.strip().replace("-", "+").replace("_", "/")
    return b64decode(plain + "=" * (-len(plain) % 4), validate=True)


def digest(body: bytes) -> str:
    return f"sha-256=:{b64encode(hashlib.sha256(body).digest()).decode()}:"


def covered_by(values: Mapping[str, str]) -> tuple[str, ...]:
    """What the signature over a call must name: nothing that it says may be put in or changed on its way."""
    return *REQUEST, *(name for name in BESIDES if name in values)


def sign(values: Mapping[str, str], key: SigningKey) -> dict[str, str]:
    """The header fields that prove who asks. ``values`` holds everything in ``REQUEST``, and of ``BESIDES`` what is sent."""
    components = covered_by(values)
    covered = " ".join(f'"{name}"' for name in components)
    parameters = (
        f'({covered});created={int(time.time())};nonce="{secrets.token_urlsafe(12)}"'
        f';keyid="{key_id(bytes(key.verify_key))}";alg="ed25519"'
    )
    signature = key.sign(_base(values, components, parameters)).signature
    return {
        "signature-input": f"client={parameters}",
        "signature": f"client=:{b64encode(signature).decode()}:",
    }


class Claim:
    """What a signature says of itself. Raises ``NotTrue`` when there is none that can be read."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        found = _INPUT.match(headers.get("signature-input", ""))
        if not found:
            raise NotTrue("the message is not signed")
        label, self.parameters, covered, tail = found.groups()
        said = {m[1]: m[2] if m[2] is not None else m[3] for m in _PARAMETER.finditer(tail)}
        value = re.search(
            rf"(?:^|[, ]){re.escape(label)}=:([A-Za-z0-9+/=]+):", headers.get("signature", "")
        )
        created = said.get("created", "")
        if not (value and "keyid" in said and created.isascii() and created.isdigit()):
            raise NotTrue("the signature cannot be read")
        self.components = tuple(name.strip('"') for name in covered.split())
        self.keyid, self.created = said["keyid"], int(created)
        self.nonce, self.value = said.get("nonce", ""), value[1]

    def verify(
        self, values: Mapping[str, str], key: bytes, body: bytes, needed: Sequence[str]
    ) -> None:
        """``values`` holds the header fields by lower-case name, and what begins with ``@``."""
        if missing := [name for name in needed if name not in self.components]:
            raise NotTrue(f"not covered by the signature: {', '.join(missing)}")
        if not _digest_holds(values.get("content-digest", ""), body):
            raise NotTrue("the body is not the one that was signed")
        try:
            base = _base(values, self.components, self.parameters)
            VerifyKey(key).verify(base, b64decode(self.value, validate=True))
        except (BadSignatureError, ValueError, KeyError):
            raise NotTrue("the signature is not true") from None


def _digest_holds(field: str, body: bytes) -> bool:
    return digest(body) in [part.strip() for part in field.split(",")]


def _base(values: Mapping[str, str], components: Sequence[str], parameters: str) -> bytes:
    """RFC 9421, section 2.5."""
    lines = [f'"{name}": {values[name]}' for name in components]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode()
