"""Work that the worker does by the clock; each bears a second run."""

from django.utils.timezone import now

from kartini.contracts import Purpose
from kartini.contracts.dukcapil import ResidentByNik
from kartini.exchange import bus
from kartini.systems.joss.services import drafts, identity, rechecks

AT_ONCE = 20


def recheck_identities() -> int:
    """Ask Dukcapil again about applicants whom it could not answer for; stops when it is still away."""
    settled = 0
    for application in rechecks.waiting(AT_ONCE):
        person = application.person
        if person is None:
            continue
        nik = identity.nik_of(person)
        try:
            resident = bus.ask(
                ResidentByNik(nik=nik),
                asker="joss",
                purpose=Purpose.PERMIT_IDENTITY,
                subjects=[nik],
                by=application.applicant,
            )
        except bus.Unanswered:
            return settled
        at = now()
        found = identity.from_resident(resident, person=person, at=at)
        rechecks.settle(application=application, identity=found, at=at)
        settled += 1
    return settled


def forget_old_drafts() -> int:
    """Drafts that nobody touched for 30 days."""
    return drafts.forget_old(at=now())
