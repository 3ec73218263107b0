"""The life of a grant: asked, decided, ended; both sides are told each time."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from kartini.exchange import grants
from kartini.exchange.models import Grant, Subsystem
from kartini.office import notices
from kartini.people import trail
from kartini.people.models import User
from kartini.systems.console import rules


@transaction.atomic
def ask(*, asker: Subsystem, by: User, at: datetime, **wanted: Any) -> Grant:
    """Ask the owner of the data (see ``exchange.grants.ask``). Raises ``AlreadyOpen``."""
    grant = grants.ask(asker=asker, by=by, at=at, **wanted)
    return _told(grant, "console.ask", by, at, to=rules.deciders(grant.contract), words="asked")


@transaction.atomic
def approve(*, grant: Grant, valid_until: date | None, by: User, at: datetime) -> Grant:
    """Grant what was asked, until a day or until it is ended. Raises ``MoveRefused``, ``SameEyes``, ``MoreThanAsked``."""
    granted = grants.approve_grant(grant=grant, by=by, at=at, valid_until=valid_until)
    return _told(granted, "console.approve", by, at, to=askers(granted), words="decided")


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
    """Grant less than what was asked. Raises ``MoveRefused``, ``SameEyes``, ``MoreThanAsked``."""
    granted = grants.narrow(
        grant=grant,
        fields=fields,
        per_minute=per_minute,
        valid_until=valid_until,
        reason=reason,
        by=by,
        at=at,
    )
    return _told(
        granted, "console.narrow", by, at, to=askers(granted), words="decided", note=reason
    )


@transaction.atomic
def refuse(*, grant: Grant, reason: str, by: User, at: datetime) -> Grant:
    """Say no, and why. Raises ``MoveRefused``, ``SameEyes``."""
    refused = grants.refuse(grant=grant, reason=reason, by=by, at=at)
    return _told(
        refused, "console.refuse", by, at, to=askers(refused), words="decided", note=reason
    )


@transaction.atomic
def withdraw(*, grant: Grant, reason: str, by: User, at: datetime) -> Grant:
    """Whoever asked no longer wants it. Raises ``MoveRefused``."""
    gone = grants.withdraw(grant=grant, reason=reason, by=by, at=at)
    to = rules.deciders(gone.contract)
    return _told(gone, "console.withdraw", by, at, to=to, words="ended", note=reason)


@transaction.atomic
def end(*, grant: Grant, reason: str, by: User, at: datetime) -> Grant:
    """Take a grant back. Raises ``MoveRefused``."""
    ended = grants.end(grant=grant, reason=reason, by=by, at=at)
    return _told(ended, "console.end", by, at, to=_both(ended), words="ended", note=reason)


# -- by the clock


@transaction.atomic
def end_those_over(*, at: datetime) -> int:
    """Grants whose last day has passed end by themselves; both sides are told. How many ended."""
    over = grants.end_those_over(at=at)
    for grant in over:
        _told(
            grant, "console.ran-out", None, at, to=_both(grant), words="ended", note=grants.RAN_OUT
        )
    return len(over)


@transaction.atomic
def warn_of_ends(*, at: datetime) -> int:
    """Both sides learn a month ahead that a grant ends; how many grants that were."""
    soon = grants.soon_over(at=at)
    for grant in soon:
        _tell(grant, _both(grant), "ending", at)
    return len(soon)


def askers(grant: Grant) -> list[User]:
    """Who is told on the side that asked: its developers, and whoever asked."""
    found = rules.holders(rules.DEVELOPER, grant.asker.member)
    if grant.asked_by and grant.asked_by not in {user.pk for user in found}:
        found += User.objects.filter(pk=grant.asked_by, is_active=True)
    return found


def _both(grant: Grant) -> list[User]:
    every = [*askers(grant), *rules.deciders(grant.contract)]
    return list({user.pk: user for user in every}.values())


def _told(
    grant: Grant,
    verb: str,
    by: User | None,
    at: datetime,
    *,
    to: Iterable[User],
    words: str,
    note: str = "",
) -> Grant:
    trail.did(by=by, verb=verb, thing=f"console.grant:{grant.pk}", at=at, note=note)
    _tell(grant, [user for user in to if by is None or user.pk != by.pk], words, at)
    return grant


def _tell(grant: Grant, to: Iterable[User], words: str, at: datetime) -> None:
    facts = {
        "system": grant.asker.title,
        "contract": grant.contract,
        "state": grant.state,
        "reason": grant.reason,
        "until": grant.valid_until,
        "fields": ", ".join(grant.fields),
    }
    link = reverse("console:grant", args=[grant.pk])
    for user in to:
        notices.tell(to=user, template=f"console/grant-{words}", words=facts, at=at, link=link)
