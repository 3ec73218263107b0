"""By what an outside system proves itself: made, shown once, replaced with overlap, ended."""

import hashlib
import secrets
from base64 import b64decode
from datetime import datetime, timedelta

from django.db import transaction

from kartini.exchange import grants
from kartini.exchange.models import Credential, Subsystem
from kartini.exchange.signatures import key_id

OVERLAP = timedelta(days=7)
LONGEST_NAME = 40


class NotAKey(Exception):
    """This is no Ed25519 public key."""


class KeyEnded(Exception):
    """This key was in force and has ended; what has become known to others is not taken again."""


class AlreadyShown(Exception):
    """This secret was made and shown before; it is never seen again."""


@transaction.atomic
def make_secret(
    *, subsystem: Subsystem, at: datetime, ends_at: datetime | None = None, once: str = ""
) -> tuple[Credential, str]:
    """A client id and its secret. The secret is never seen again.

    ``once`` (8 hexadecimal digits) names this making: a form that is sent twice raises ``AlreadyShown``.
    """
    secret = secrets.token_urlsafe(32)
    made, new = Credential.objects.get_or_create(
        id=f"{subsystem.code[:31]}-{once or secrets.token_hex(4)}",
        defaults={
            "subsystem": subsystem,
            "kind": Credential.Kind.SECRET,
            "value": hashlib.sha256(secret.encode()).hexdigest(),
            "made_at": at,
            "ends_at": ends_at,
        },
    )
    if not new:
        raise AlreadyShown(made.pk)
    transaction.on_commit(grants.forget)
    return made, secret


@transaction.atomic
def replace_secret(
    *,
    credential: Credential,
    at: datetime,
    overlap: timedelta = OVERLAP,
    ends_at: datetime | None = None,
    once: str = "",
) -> tuple[Credential, str]:
    """A new secret now; the old one goes on for the overlap, so that nobody is locked out."""
    made, secret = make_secret(subsystem=credential.subsystem, at=at, ends_at=ends_at, once=once)
    end(credential=credential, at=at, overlap=overlap)
    return made, secret


@transaction.atomic
def take_key(
    *, subsystem: Subsystem, public: str, at: datetime, ends_at: datetime | None = None
) -> Credential:
    """Accept a public key: 32 bytes in base64, or the ``x`` of a JWK. Raises ``NotAKey``, ``KeyEnded``."""
    text = public.strip().replace("-", "+").replace("_", "/")
    try:
        raw = b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise NotAKey from None
    if len(raw) != 32:
        raise NotAKey
    made, new = Credential.objects.get_or_create(
        id=_key_name(subsystem.code, raw),
        defaults={
            "subsystem": subsystem,
            "kind": Credential.Kind.KEY,
            "value": raw.hex(),
            "made_at": at,
            "ends_at": ends_at,
        },
    )
    if not new and made.ends_at is not None and made.ends_at <= at:
        raise KeyEnded(made.pk)
    transaction.on_commit(grants.forget)
    return made


def _key_name(code: str, raw: bytes) -> str:
    """By system and key; of a long code only the beginning is read, and the rest counts all the same."""
    name = f"{code}-{key_id(raw)}"
    if len(name) <= LONGEST_NAME:
        return name
    digest = hashlib.sha256(code.encode() + b" " + raw).hexdigest()
    return f"{code[:23]}-{digest[:16]}"


@transaction.atomic
def end(*, credential: Credential, at: datetime, overlap: timedelta = timedelta()) -> None:
    """From then on it proves nothing; tokens that it got end with it."""
    ends_at = at + overlap
    Credential.objects.filter(pk=credential.pk).exclude(ends_at__lt=ends_at).update(ends_at=ends_at)
    transaction.on_commit(grants.forget)
