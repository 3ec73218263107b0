"""Who works at a unit: appointed and dismissed by the parent bank, never by oneself."""

from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from kartini.office import notices
from kartini.people import appointments
from kartini.people.appointments import OwnRole
from kartini.people.models import Role, User
from kartini.systems.bank_sampah import rules
from kartini.systems.bank_sampah.models import Unit
from kartini.systems.bank_sampah.services import turn

__all__ = ["AlreadyManages", "OwnRole", "appoint", "dismiss", "roles_at"]


class AlreadyManages(Exception):
    """This account works at this unit already."""


def roles_at(unit: Unit) -> QuerySet[Role]:
    """The managers' roles of a unit, the standing ones first."""
    return Role.objects.filter(kind=rules.MANAGER.code, organisation_id=unit.code)


@turn.writing()
def appoint(*, unit: Unit, user: User, by: User, at: datetime) -> Role:
    """Let an account weigh in, pay and count at this unit; it is told. Raises ``OwnRole`` or ``AlreadyManages``."""
    today = timezone.localdate(at)
    if any(role.holds_on(today) for role in roles_at(unit).filter(user=user)):
        raise AlreadyManages
    made = appointments.grant(
        user=user, kind=rules.MANAGER.code, organisation=unit.code, from_on=today, by=by, at=at
    )
    words, link = {"unit": unit.name}, reverse("bank_sampah:desk", args=[unit.code])
    notices.tell(to=user, template="bank_sampah/appointed", words=words, at=at, link=link)
    return made


@turn.writing()
def dismiss(*, role: Role, reason: str, by: User, at: datetime) -> Role:
    """End it at once. Dismissed twice, it ended the first time. Raises ``OwnRole``."""
    return appointments.end(role=role, by=by, at=at, reason=reason)
