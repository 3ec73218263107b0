"""Whose account is it? A NIK and a birth date are compared with Dukcapil through the exchange.

Nothing here tells a stranger whether a person exists or already has an account: what does not fit gets
one and the same answer, and a NIK that another account holds becomes a case for the counter.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, transaction

from kartini.contracts import Purpose
from kartini.contracts.dukcapil import Resident, ResidentByNik
from kartini.exchange import bus
from kartini.people import persons, sealing, trail
from kartini.people.models import Claim, Person, User

ASKER = "people"


class AlreadyIdentified(Exception):
    """This account belongs to a person already."""


class Outcome(StrEnum):
    """``AGREES`` with Dukcapil; ``DISAGREES`` (unknown, dead, other birth date); ``UNCHECKED`` (no answer)."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    UNCHECKED = "unchecked"


@dataclass(frozen=True)
class Checked:
    outcome: Outcome
    resident: Resident | None = None


def check(*, nik: str, birth_on: date, by: Any = None) -> Checked:
    """Ask Dukcapil. Never inside a transaction; never fails: an answer that is no help is ``UNCHECKED``."""
    question = ResidentByNik(nik=nik)
    try:
        resident = bus.ask(
            question, asker=ASKER, purpose=Purpose.ACCOUNT_IDENTITY, subjects=[nik], by=by
        )
    except bus.Unanswered:
        return Checked(Outcome.UNCHECKED)
    if not resident.found or resident.status == "dead":
        return Checked(Outcome.DISAGREES)
    if resident.birth_on is None or not resident.name:
        return Checked(Outcome.UNCHECKED)
    agrees = resident.birth_on == birth_on
    return Checked(Outcome.AGREES, resident) if agrees else Checked(Outcome.DISAGREES)


@transaction.atomic
def take(*, user: User, nik: str, birth_on: date, checked: Checked, at: datetime) -> Claim | None:
    """Connect an account with the person it named. A ``Claim`` comes back where only the counter can decide."""
    if user.person_id is not None:
        raise AlreadyIdentified
    doubt = _doubt(nik, birth_on, checked)
    if doubt:
        return _open_claim(user, nik, birth_on, doubt, at)
    person = _person(nik, birth_on, checked, at)
    if User.objects.filter(person=person).exists() or not _connect(user, person):
        return _open_claim(user, nik, birth_on, Claim.Reason.TAKEN, at)
    _withdraw(user, at)
    verb = f"people.identity-{checked.outcome}"
    trail.did(by=user, verb=verb, thing=f"people.account:{user.pk}", at=at, person=person)
    return None


def _doubt(nik: str, birth_on: date, checked: Checked) -> str:
    """Why only the counter can decide; empty where nothing speaks against what was typed.

    While Dukcapil is away nobody gets a person whom the house knew before without confirmation: what
    others entered about that person is not theirs to read yet.
    """
    if checked.outcome is Outcome.DISAGREES:
        return Claim.Reason.DISAGREES
    known = persons.find_by_nik(nik) if checked.resident is None else None
    if known is None:
        return ""
    if known.verified_at is None:
        return Claim.Reason.TAKEN if hasattr(known, "account") else Claim.Reason.UNSURE
    return "" if known.birth_on == birth_on else Claim.Reason.DISAGREES


def _person(nik: str, birth_on: date, checked: Checked, at: datetime) -> Person:
    if checked.resident is not None:
        return learn(nik, checked.resident, at)
    return persons.find_by_nik(nik) or persons.remember(nik=nik, name="", birth_on=birth_on, at=at)


def learn(nik: str, resident: Resident, at: datetime) -> Person:
    """Keep what Dukcapil answered."""
    return persons.remember(
        nik=nik,
        name=resident.name or "",
        birth_on=resident.birth_on,
        birth_place=resident.birth_place or "",
        sex=resident.sex or "",
        address=resident.address or "",
        village_code=resident.village_code or "",
        verified_by="dukcapil",
        at=at,
    )


def _connect(user: User, person: Person) -> bool:
    """False when another account was quicker."""
    user.person = person
    user.full_name = person.name or user.full_name
    try:
        with transaction.atomic():
            user.save(update_fields=["person", "full_name"])
    except IntegrityError:
        user.person = None
        return False
    return True


def _open_claim(user: User, nik: str, birth_on: date | None, reason: str, at: datetime) -> Claim:
    claim = Claim(user=user, nik_index=sealing.index(nik), birth_on=birth_on, reason=reason)
    claim.nik_sealed, claim.opened_at = sealing.seal(nik, context=str(claim.pk)), at
    with transaction.atomic():
        _withdraw(user, at)
        claim.save(force_insert=True)
    trail.did(by=user, verb="people.claim-opened", thing=f"people.claim:{claim.pk}", at=at)
    return claim


def _withdraw(user: User, at: datetime) -> None:
    """An earlier case of this account no longer waits."""
    earlier = Claim.objects.filter(user=user, state=Claim.State.OPEN)
    earlier.update(state=Claim.State.WITHDRAWN, settled_at=at)


def check_again(*, user: User, at: datetime) -> Outcome:
    """Ask once more about an account whose person nobody confirmed yet. What disagrees goes to the counter."""
    person = user.person
    if person is None or person.birth_on is None or person.verified_at is not None:
        return Outcome.AGREES if person and person.verified_at else Outcome.UNCHECKED
    nik = persons.nik_of(person)
    checked = check(nik=nik, birth_on=person.birth_on, by=user)
    with transaction.atomic():
        if checked.resident is not None:
            _confirm(user, learn(nik, checked.resident, at), at)
        elif checked.outcome is Outcome.DISAGREES:
            _release(user, person, nik, at)
    return checked.outcome


def _confirm(user: User, person: Person, at: datetime) -> None:
    user.full_name = person.name
    user.save(update_fields=["full_name"])
    thing = f"people.account:{user.pk}"
    trail.did(by=None, verb="people.identity-agrees", thing=thing, at=at, person=person)


def _release(user: User, person: Person, nik: str, at: datetime) -> None:
    user.person = None
    user.save(update_fields=["person"])
    _open_claim(user, nik, person.birth_on, Claim.Reason.DISAGREES, at)
