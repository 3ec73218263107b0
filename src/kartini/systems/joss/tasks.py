"""Work that the worker does by the clock; each bears a second run."""

from django.utils.timezone import localtime, now

from kartini.contracts import Purpose
from kartini.contracts.dukcapil import ResidentByNik
from kartini.exchange import bus
from kartini.systems.joss.services import drafts, identity, rechecks, waiting

AT_ONCE = 20
OFFICE_HOURS = range(8, 16)


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


def look_after_returned() -> None:
    """Returned files that wait: reminders and lapses, in office hours so that nobody is woken by them."""
    at = now()
    if localtime(at).hour in OFFICE_HOURS:
        waiting.look_after(at=at)


def forget_old_drafts() -> int:
    """Drafts that nobody touched for 30 days."""
    return drafts.forget_old(at=now())
