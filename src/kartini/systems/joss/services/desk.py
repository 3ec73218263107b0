"""Around the desk: open a file, show a NIK, hand it to a colleague, write to each other, withdraw."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction

from kartini.office import payments
from kartini.office.models import Bill
from kartini.people import persons, roles, trail
from kartini.people.models import User
from kartini.systems.joss import rules
from kartini.systems.joss.models import Application, Message, State
from kartini.systems.joss.services.drafts import NotYours
from kartini.systems.joss.services.moves import lock, move, not_while_signing, tell, tell_officer

PURPOSE = "permit-decision"
BASIS = (
    "Pelaksanaan tugas pelayanan publik: UU 25/2009 dan UU 27/2022 Pasal 20 (belum diverifikasi)"
)


class NotAColleague(Exception):
    """The account does not work on permits at the agency that holds the file."""


class NothingSaid(Exception):
    """A message without words."""


def opened(*, application: Application, by: User, at: datetime, verb: str = "joss.opened") -> None:
    """Write that an officer looked at the applicant's file; the applicant reads it in "Data saya"."""
    if application.person is None:
        return
    trail.looked(
        by=by,
        person=application.person,
        thing=application.thing,
        purpose=PURPOSE,
        basis=BASIS,
        at=at,
        verb=verb,
    )


def show_nik(*, application: Application, by: User, at: datetime) -> str:
    """The whole NIK, for an officer who may open the file; each showing is recorded by itself."""
    if not rules.may_open(by, application) or application.person is None:
        raise rules.NotAllowed("show-nik")
    opened(application=application, by=by, at=at, verb="joss.nik-shown")
    return persons.nik_of(application.person)


@transaction.atomic
def assign(
    *, applications: Sequence[UUID], officer: User, by: User, at: datetime
) -> list[Application]:
    """Hand files to a colleague; returns those that changed hands. Files that moved on meanwhile stay as they are."""
    changed = []
    for pk in applications:
        current = lock(pk)
        if not rules.may_assign(by, current) or rules.is_own(officer, current):
            continue
        if not roles.holds(officer, *rules.STAFF, organisation=current.holder):
            raise NotAColleague(officer.pk)
        if current.officer_id == officer.pk:
            continue
        current.officer = officer
        current.save(update_fields=["officer"])
        trail.did(
            by=by,
            verb="joss.assign",
            thing=current.thing,
            at=at,
            person=current.person,
            note=str(officer),
        )
        changed.append(current)
    return changed


@transaction.atomic
def write(*, application: Application, words: str, by: User, at: datetime) -> Message:
    """A message from the applicant to the officers, or from an officer to the applicant (who is told)."""
    current = lock(application.pk)
    own = current.applicant_id == by.pk
    if not own and not rules.may_open(by, current):
        raise rules.NotAllowed("write")
    if not words.strip():
        raise NothingSaid
    agency = "" if own else next(iter(rules.desks(by)), "")
    message = Message.objects.create(
        application=current, at=at, by=by, organisation=agency, words=words.strip()[:1000]
    )
    if not own:
        tell(current, "message", at, words=message.words, sender=str(by))
    elif current.officer is not None:
        tell_officer(current, current.officer, "answered", at, words=message.words)
    return message


@transaction.atomic
def withdraw(*, application: Application, words: str = "", by: User, at: datetime) -> Application:
    """The applicant takes the application back. Withdrawn twice, it is withdrawn once."""
    current = lock(application.pk)
    if current.applicant_id != by.pk:
        raise NotYours(current.pk)
    if current.state == State.WITHDRAWN:
        return current
    not_while_signing(current, at)
    _void_bill(current, at)
    current.surveys.filter(recorded_at=None, cancelled_at=None).update(cancelled_at=at)
    current.fault_lists.filter(mended_at=None).update(mended_at=at)
    move(current, verb="withdraw", to=State.WITHDRAWN, by=by, at=at, words=words)
    tell(current, "withdrawn", at)
    return current


def _void_bill(application: Application, at: datetime) -> None:
    """Nobody pays for what was withdrawn; a payment on its way is the treasurer's to give back."""
    unpaid = application.assessments.filter(paid_at=None).first()
    bill = Bill.objects.filter(pk=unpaid.bill).first() if unpaid and unpaid.bill else None
    if bill:
        with suppress(payments.NotVoidable):
            payments.void(bill=bill, reason=str(application.number), by=None, at=at)
