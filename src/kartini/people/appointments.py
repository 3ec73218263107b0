"""Roles are given and ended here, and every time somebody answers for it on the trail."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kartini.people import roles, trail
from kartini.people.models import Organisation, Role, User

ADMINISTRATOR = "people.administrator"


class AppointmentRefused(Exception):
    """A role was not given or not ended. The subclass says why."""


class UnknownRoleKind(AppointmentRefused):
    """No system defines this kind of role."""


class OwnRole(AppointmentRefused):
    """Nobody gives or ends a role of his own."""


class LastAdministrator(AppointmentRefused):
    """Somebody must remain who can administer all accounts."""


class ActingNeedsAnEnd(AppointmentRefused):
    """An acting official (Plt., Plh.) is appointed until a date."""


class EndsBeforeItBegins(AppointmentRefused):
    """The last day lies before the first."""


@transaction.atomic
def grant(
    *,
    user: User,
    kind: str,
    organisation: Organisation | str | None,
    place_code: str = "",
    title: str = "",
    acting: str = "",
    from_on: date,
    until_on: date | None = None,
    by: User | None,
    at: datetime,
) -> Role:
    """Give a role. Given twice, it is the same role. ``by`` is None only for the house itself (first start, demo)."""
    _check(user, kind, acting, from_on, until_on, by)
    code = organisation.pk if isinstance(organisation, Organisation) else organisation
    role, created = Role.objects.get_or_create(
        user=user,
        kind=kind,
        organisation_id=code,
        place_code=place_code,
        acting=acting,
        from_on=from_on,
        ended_at=None,
        defaults={"title": title, "until_on": until_on, "granted_by": by},
    )
    if created:
        roles.forget(user)
        trail.did(
            by=by,
            verb="people.role-granted",
            thing=f"people.role:{role.pk}",
            at=at,
            person=user.person,
            note=_words(role),
        )
    return role


@transaction.atomic
def end(*, role: Role, by: User | None, at: datetime, reason: str = "") -> Role:
    """End a role at once. Ended twice, it ended the first time."""
    if by is not None and role.user_id == by.pk:
        raise OwnRole
    role = Role.objects.select_for_update().get(pk=role.pk)
    if role.ended_at is not None:
        return role
    if is_steward(role) and not _another_steward(role.user, timezone.localdate(at)):
        raise LastAdministrator
    role.ended_at, role.ended_by = at, by
    role.save(update_fields=["ended_at", "ended_by"])
    roles.forget(role.user)
    trail.did(
        by=by,
        verb="people.role-ended",
        thing=f"people.role:{role.pk}",
        at=at,
        person=role.user.person,
        note=f"{_words(role)}; {reason}" if reason else _words(role),
    )
    return role


def is_steward(role: Role) -> bool:
    """Does this administrator role reach over all organisations?"""
    return role.kind == ADMINISTRATOR and role.organisation_id in (None, settings.STEWARD)


def _check(
    user: User, kind: str, acting: str, from_on: date, until_on: date | None, by: User | None
) -> None:
    if kind not in roles.kinds:
        raise UnknownRoleKind(kind)
    if by is not None and by.pk == user.pk:
        raise OwnRole
    if acting and until_on is None:
        raise ActingNeedsAnEnd
    if until_on is not None and until_on < from_on:
        raise EndsBeforeItBegins


def is_last_steward(user: User, day: date) -> bool:
    """Is this account the only one left that can administer everything?"""
    own = [role for role in user.roles.filter(ended_at=None) if is_steward(role)]
    return bool(own) and not _another_steward(user, day)


def _another_steward(user: User, day: date) -> bool:
    """Locks the rows, so that two cannot leave at once."""
    others: Any = (
        Role.objects.select_for_update()
        .filter(kind=ADMINISTRATOR, ended_at=None, user__is_active=True)
        .exclude(user=user)
        .order_by("pk")
    )
    return any(is_steward(other) and other.holds_on(day) for other in others)


def _words(role: Role) -> str:
    where = "/".join(part for part in (role.organisation_id, role.place_code) if part)
    until = f" – {role.until_on:%Y-%m-%d}" if role.until_on else ""
    return f"{role.kind} @ {where or '*'} {role.acting} {role.from_on:%Y-%m-%d}{until}".replace(
        "  ", " "
    )
