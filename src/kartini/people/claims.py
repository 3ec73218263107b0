"""The counter settles whose a NIK is: the officer has the person and the identity card before him."""

from datetime import date, datetime

from django.db import transaction

from kartini.people import identity, invitations, letters, persons, sealing, trail
from kartini.people.identity import Checked
from kartini.people.models import Claim, Person, User


class ClaimRefused(Exception):
    """The claim was not settled. The subclass says why."""


class AlreadySettled(ClaimRefused):
    """Somebody settled it before."""


class OwnClaim(ClaimRefused):
    """No officer settles a case of his own account."""


class AnotherNik(ClaimRefused):
    """The card bears another NIK than the account named."""


class HasPerson(ClaimRefused):
    """The account belongs to a person by now."""


@transaction.atomic
def give(
    *,
    claim: Claim,
    nik: str,
    name: str,
    birth_on: date,
    checked: Checked,
    reason: str,
    by: User,
    at: datetime,
) -> Person:
    """Connect the account with the person on the card. An account that held the NIK loses it and is signed out.

    ``nik``, ``name`` and ``birth_on`` are read from the card; ``checked`` is what Dukcapil says to them.
    """
    claim = _open(claim, by)
    if claim.nik_index not in sealing.indexes(nik):
        raise AnotherNik
    if claim.user.person_id is not None:
        raise HasPerson
    person = _person(nik, name, birth_on, checked, at)
    _release(person, by, at)
    claim.user.person, claim.user.full_name = person, person.name
    claim.user.save(update_fields=["person", "full_name"])
    _settle(claim, Claim.State.GIVEN, reason, by, at, person)
    letters.write_to(claim.user, "identity_given", {}, at)
    return person


@transaction.atomic
def refuse(*, claim: Claim, reason: str, by: User, at: datetime) -> Claim:
    """The card does not bear the claim out."""
    claim = _open(claim, by)
    _settle(claim, Claim.State.REFUSED, reason, by, at, None)
    letters.write_to(claim.user, "identity_refused", {}, at)
    return claim


def holder(claim: Claim) -> User | None:
    """The account that holds the disputed NIK now."""
    return User.objects.filter(person__nik_index=claim.nik_index).exclude(pk=claim.user_id).first()


def _open(claim: Claim, by: User) -> Claim:
    claim = Claim.objects.select_for_update(of=("self",)).select_related("user").get(pk=claim.pk)
    if claim.state != Claim.State.OPEN:
        raise AlreadySettled
    if claim.user_id == by.pk:
        raise OwnClaim
    return claim


def _person(nik: str, name: str, birth_on: date, checked: Checked, at: datetime) -> Person:
    if checked.resident is not None:
        return identity.learn(nik, checked.resident, at)
    return persons.remember(nik=nik, name=name, birth_on=birth_on, verified_by="counter", at=at)


def _release(person: Person, by: User, at: datetime) -> None:
    for other in User.objects.select_for_update().filter(person=person):
        other.person = None
        other.save(update_fields=["person"])
        invitations.sign_out(other)
        thing = f"people.account:{other.pk}"
        trail.did(by=by, verb="people.identity-released", thing=thing, at=at, person=person)
        letters.write_to(other, "identity_released", {}, at)


def _settle(
    claim: Claim, state: str, reason: str, by: User, at: datetime, person: Person | None
) -> None:
    claim.state, claim.note, claim.settled_by, claim.settled_at = state, reason, by, at
    claim.save(update_fields=["state", "note", "settled_by", "settled_at"])
    thing = f"people.claim:{claim.pk}"
    verb = f"people.claim-{state}"
    trail.did(by=by, verb=verb, thing=thing, at=at, person=person, note=reason)
