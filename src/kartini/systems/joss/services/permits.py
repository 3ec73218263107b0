"""Permits in force: suspended, put back, revoked, handed over."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from kartini.contracts.joss import PermitResumed, PermitRevoked, PermitSuspended
from kartini.exchange import bus
from kartini.kit.flow import Flow
from kartini.office import documents
from kartini.people import trail
from kartini.people.models import User
from kartini.systems.joss import rules
from kartini.systems.joss.models import Application, Permit
from kartini.systems.joss.services.moves import tell

STATES = Flow(
    ("suspend", ["valid"], "suspended"),
    ("resume", ["suspended"], "valid"),
    ("revoke", ["valid", "suspended"], "revoked"),
)
HOW = ("counter", "download", "post")
FACTS: dict[str, tuple[Any, str]] = {
    "suspend": (PermitSuspended, "suspended_at"),
    "resume": (PermitResumed, "resumed_at"),
    "revoke": (PermitRevoked, "revoked_at"),
}


class ReasonMissing(Exception):
    """Nobody takes a permit out of force, or puts it back, without a reason."""


def suspend(*, permit: Permit, words: str, by: User, at: datetime) -> Permit:
    """Take a permit out of force for a time. Raises ``MoveRefused``."""
    return _change("suspend", permit, words, by, at)


def resume(*, permit: Permit, words: str, by: User, at: datetime) -> Permit:
    """Put a suspended permit back in force."""
    return _change("resume", permit, words, by, at)


def revoke(*, permit: Permit, words: str, by: User, at: datetime) -> Permit:
    """Take a permit out of force for good."""
    return _change("revoke", permit, words, by, at)


@transaction.atomic
def hand_over(*, permit: Permit, how: str, by: User, at: datetime) -> Permit:
    """Write that the document reached its holder: at the counter, by download, by post. Once."""
    current = Permit.objects.select_for_update().get(pk=permit.pk)
    if current.handed_over_at is None and how in HOW:
        current.handed_over_at, current.handed_over_how = at, how
        current.save(update_fields=["handed_over_at", "handed_over_how"])
        trail.did(
            by=by,
            verb="joss.hand-over",
            thing=f"joss.permit:{current.number}",
            at=at,
            person=current.person,
            note=how,
        )
    return current


@transaction.atomic
def _change(verb: str, permit: Permit, words: str, by: User, at: datetime) -> Permit:
    if not words.strip():
        raise ReasonMissing
    current = (
        Permit.objects.select_for_update(of=("self",))
        .select_related("type", "document")
        .get(pk=permit.pk)
    )
    if not rules.may_govern(by, agency_of(current), on=timezone.localdate(at)):
        raise rules.NotAllowed(verb)
    current.state = STATES.step(verb, current.state)
    current.state_at, current.state_reason = at, words.strip()[:500]
    current.save(update_fields=["state", "state_at", "state_reason"])
    if current.document:
        change = {"suspend": documents.suspend, "resume": documents.resume}
        change.get(verb, documents.revoke)(
            document=current.document, reason=current.state_reason, by=by, at=at
        )
    _say(verb, current, by, at)
    return current


def agency_of(permit: Permit) -> str:
    """The agency that issued it."""
    return permit.type.rules().owner.agency if permit.type.definition else "dpmptsp"


def _say(verb: str, permit: Permit, by: User, at: datetime) -> None:
    application = Application.objects.select_related("type", "applicant").get(permit=permit)
    bus.publish(
        FACTS[verb][0](
            application=str(application.number),
            permit_number=permit.number,
            permit_type=permit.type.code,
            village_code=permit.village_code,
            **{FACTS[verb][1]: at},
        )
    )
    trail.did(
        by=by,
        verb=f"joss.{verb}",
        thing=f"joss.permit:{permit.number}",
        at=at,
        person=permit.person,
        note=permit.state_reason,
    )
    tell(application, f"permit-{verb}", at, permit_number=permit.number, words=permit.state_reason)
