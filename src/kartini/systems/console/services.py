"""The verbs of the console: decide on a grant, send dead letters again. Each leaves a line in the trail."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from kartini.exchange import grants, outbox
from kartini.exchange.models import Grant
from kartini.people import trail
from kartini.people.models import User


@transaction.atomic
def approve(*, grant: Grant, valid_until: date | None, by: User, at: datetime) -> Grant:
    """Grant what was asked, until a day or until it is ended. Raises ``MoveRefused``."""
    granted = grants.approve_grant(grant=grant, by=by, at=at, valid_until=valid_until)
    return _noted(granted, "console.approve", by, at)


@transaction.atomic
def narrow(
    *,
    grant: Grant,
    fields: Sequence[str],
    per_minute: int | None,
    valid_until: date | None,
    reason: str,
    by: User,
    at: datetime,
) -> Grant:
    """Grant less than what was asked. Raises ``MoveRefused``."""
    granted = grants.narrow(
        grant=grant,
        fields=fields,
        per_minute=per_minute,
        valid_until=valid_until,
        reason=reason,
        by=by,
        at=at,
    )
    return _noted(granted, "console.narrow", by, at, reason)


@transaction.atomic
def refuse(*, grant: Grant, reason: str, by: User, at: datetime) -> Grant:
    """Say no, and why. Raises ``MoveRefused``."""
    refused = grants.refuse(grant=grant, reason=reason, by=by, at=at)
    return _noted(refused, "console.refuse", by, at, reason)


@transaction.atomic
def end(*, grant: Grant, reason: str, by: User, at: datetime) -> Grant:
    """Take a grant back. Raises ``MoveRefused``."""
    ended = grants.end(grant=grant, reason=reason, by=by, at=at)
    return _noted(ended, "console.end", by, at, reason)


@transaction.atomic
def replay(*, deliveries: Sequence[int], by: User, at: datetime) -> int:
    """Send dead letters on their way again; how many were still dead."""
    sent = outbox.replay(deliveries, at=at)
    if sent:
        trail.did(by=by, verb="console.replay", thing="console.deliveries:", at=at, note=str(sent))
    return sent


def _noted(grant: Grant, verb: str, by: User, at: datetime, note: str = "") -> Grant:
    trail.did(by=by, verb=verb, thing=f"console.grant:{grant.pk}", at=at, note=note)
    return grant
