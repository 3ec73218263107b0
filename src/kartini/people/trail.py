"""The trail: who did what, and who looked at whose data, why. Services write it; pages read it."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from kartini.people.models import Person, Role, TrailLine, User
from kartini.people.roles import roles_of


def did(
    *, by: Any, verb: str, thing: str, at: datetime, person: Person | None = None, note: str = ""
) -> TrailLine:
    """Write that somebody did something. ``verb`` is ``<system>.<verb>``; the note names no NIK."""
    return _write(TrailLine.Kind.DID, by, verb, thing, at, person=person, note=note)


def looked(
    *,
    by: Any,
    person: Person,
    thing: str,
    purpose: str,
    basis: str,
    at: datetime,
    verb: str = "people.looked",
) -> TrailLine:
    """Write that somebody opened a person's data, for which purpose and on which legal basis."""
    return _write(
        TrailLine.Kind.LOOKED, by, verb, thing, at, person=person, purpose=purpose, basis=basis
    )


def _write(kind: str, by: Any, verb: str, thing: str, at: datetime, **more: Any) -> TrailLine:
    account = by if isinstance(by, User) else None
    role = _office(account, verb.partition(".")[0], timezone.localdate(at))
    return TrailLine.objects.create(
        kind=kind,
        by=account,
        organisation_id=role.organisation_id if role else None,
        role_kind=role.kind if role else "",
        verb=verb,
        thing=thing,
        at=at,
        **more,
    )


def _office(account: User | None, system: str, day: date) -> Role | None:
    """In which role did this account act? The one of the same system, else the first it holds."""
    held = roles_of(account, on=day)
    fitting = [role for role in held if role.kind.startswith(f"{system}.")]
    return next(iter(fitting or held), None)
