"""Members and their systems: entered, changed, suspended, let in again; and by what they prove themselves."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from kartini.exchange import couriers, credentials, subsystems, webhooks
from kartini.exchange.models import Credential, Subsystem, Webhook
from kartini.people import organisations, trail
from kartini.people.models import Organisation, User

LIFE = timedelta(days=365)


@transaction.atomic
def register(
    *,
    organisation: Organisation | None,
    facts: Mapping[str, Any],
    code: str,
    title: str,
    contact: str,
    by: User,
    at: datetime,
) -> Subsystem:
    """A system of a member; the member too where it is new (``facts`` with its ``code``). Raises ``CodeTaken``."""
    if organisation is None:
        told = {name: value for name, value in facts.items() if name != "code"}
        organisation = organisations.keep(code=facts["code"], facts=told, by=by, at=at)
    entered = subsystems.enter(
        code=code,
        member=organisation.code,
        member_class=organisation.kind,
        title=title,
        contact=contact,
        at=at,
    )
    _note(entered, "console.system-entered", by, at)
    return entered


@transaction.atomic
def change(*, subsystem: Subsystem, title: str, contact: str, by: User, at: datetime) -> Subsystem:
    changed = subsystems.change(subsystem=subsystem, title=title, contact=contact)
    _note(changed, "console.system-changed", by, at)
    return changed


@transaction.atomic
def suspend(*, subsystem: Subsystem, reason: str, by: User, at: datetime) -> Subsystem:
    """It proves nothing, asks nothing and hears nothing until it is let in again."""
    suspended = subsystems.suspend(subsystem=subsystem, reason=reason, at=at)
    _note(suspended, "console.system-suspended", by, at, reason)
    return suspended


@transaction.atomic
def resume(*, subsystem: Subsystem, by: User, at: datetime) -> Subsystem:
    resumed = subsystems.resume(subsystem=subsystem)
    _note(resumed, "console.system-resumed", by, at)
    return resumed


# -- by what a system proves itself


@transaction.atomic
def new_secret(
    *, subsystem: Subsystem, replaces: Credential | None, once: str, by: User, at: datetime
) -> tuple[Credential, str]:
    """A client id with its secret, seen this once; what it replaces goes on for a week. Raises ``AlreadyShown``."""
    ends_at = at + LIFE
    if replaces is None:
        made, secret = credentials.make_secret(
            subsystem=subsystem, at=at, ends_at=ends_at, once=once
        )
    else:
        made, secret = credentials.replace_secret(
            credential=replaces, at=at, ends_at=ends_at, once=once
        )
    _note(subsystem, "console.secret-made", by, at, made.pk)
    return made, secret


@transaction.atomic
def new_key(*, subsystem: Subsystem, public: str, by: User, at: datetime) -> Credential:
    """A public key, in force for a year beside those that are. Raises ``NotAKey``, ``KeyEnded``."""
    taken = credentials.take_key(subsystem=subsystem, public=public, at=at, ends_at=at + LIFE)
    _note(subsystem, "console.key-taken", by, at, taken.pk)
    return taken


@transaction.atomic
def end_credential(
    *, credential: Credential, overlap: timedelta, by: User, at: datetime
) -> Credential:
    """After the overlap (none: at once) it proves nothing."""
    credentials.end(credential=credential, at=at, overlap=overlap)
    credential.refresh_from_db()
    _note(credential.subsystem, "console.credential-ended", by, at, credential.pk)
    return credential


# -- where it is told of events


@transaction.atomic
def tell_at(*, subsystem: Subsystem, url: str, by: User, at: datetime) -> Webhook:
    """Events go to this address from now on, after it agreed. Raises ``webhooks.NotAnAddress``."""
    made = webhooks.open_webhook(subsystem=subsystem, url=url, at=at)
    _note(subsystem, "console.webhook-entered", by, at, url[:500])
    return made


@transaction.atomic
def new_signing_secret(*, webhook: Webhook, by: User, at: datetime) -> str:
    """Events bear the signatures of the old and the new one for a week. Returns the new one."""
    secret = webhooks.rotate_secret(webhook=webhook, at=at)
    _note(webhook.subsystem, "console.webhook-secret", by, at)
    return secret


def ask_receiver(*, webhook: Webhook, by: User, at: datetime) -> str:
    """Does it agree to be told of events? Empty when it does, else why not. Outside any transaction."""
    why = couriers.ask_whether_it_agrees(webhook=webhook, at=at)
    with transaction.atomic():
        _note(webhook.subsystem, "console.webhook-asked", by, at, why)
    return why


@transaction.atomic
def let_rest(*, webhook: Webhook, resting: bool, by: User, at: datetime) -> None:
    """Send nothing for now, or send again."""
    if resting:
        webhooks.pause(webhook=webhook, at=at)
    else:
        webhooks.resume(webhook=webhook, at=at)
    verb = "console.webhook-rests" if resting else "console.webhook-resumed"
    _note(webhook.subsystem, verb, by, at)


def _note(subsystem: Subsystem, verb: str, by: User, at: datetime, note: str = "") -> None:
    trail.did(by=by, verb=verb, thing=f"console.system:{subsystem.pk}", at=at, note=note)
