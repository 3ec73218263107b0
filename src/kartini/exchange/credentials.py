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


class NotAKey(Exception):
    """This is no Ed25519 public key."""


@transaction.atomic
def make_secret(*, subsystem: Subsystem, at: datetime) -> tuple[Credential, str]:
    """A client id and its secret. The secret is never seen again."""
    secret = secrets.token_urlsafe(32)
    made = Credential.objects.create(
        id=f"{subsystem.code}-{secrets.token_hex(4)}",
        subsystem=subsystem,
        kind=Credential.Kind.SECRET,
        value=hashlib.sha256(secret.encode()).hexdigest(),
        made_at=at,
    )
    transaction.on_commit(grants.forget)
    return made, secret


@transaction.atomic
def take_key(*, subsystem: Subsystem, public: str, at: datetime) -> Credential:
    """Accept a public key: 32 bytes in base64, or the ``x`` of a JWK. Raises ``NotAKey``."""
    text = public.strip().replace("-", "+").replace("_", "/")
    try:
        raw = b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise NotAKey from None
    if len(raw) != 32:
        raise NotAKey
    made, _new = Credential.objects.get_or_create(
        id=f"{subsystem.code}-{key_id(raw)}"[:40],
        defaults={
            "subsystem": subsystem,
            "kind": Credential.Kind.KEY,
            "value": raw.hex(),
            "made_at": at,
        },
    )
    transaction.on_commit(grants.forget)
    return made


@transaction.atomic
def end(*, credential: Credential, at: datetime, overlap: timedelta = timedelta()) -> None:
    """From then on it proves nothing; tokens that it got end with it."""
    ends_at = at + overlap
    Credential.objects.filter(pk=credential.pk).exclude(ends_at__lt=ends_at).update(ends_at=ends_at)
    transaction.on_commit(grants.forget)
