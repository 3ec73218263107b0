"""Who a depositor is: asked of the civil registry through the exchange, with consent; never needed for saving."""

from datetime import datetime
from typing import Any

from kartini.contracts import Purpose
from kartini.contracts.dukcapil import ResidentByNik
from kartini.exchange import bus
from kartini.people import persons, trail
from kartini.systems.bank_sampah.models import Depositor
from kartini.systems.bank_sampah.services import depositors

ME = "bank-sampah"
CONSENT = "UU 27/2022 Pasal 20 ayat (2) huruf a: persetujuan subjek data (belum diverifikasi)"


class NotConfirmed(Exception):
    """The registry does not know this number, or its holder has died. One answer for both."""


class RegistryAway(Exception):
    """No answer came; the passbook goes on without it."""


def confirm(*, depositor: Depositor, nik: str, by: Any, at: datetime) -> Depositor:
    """Ask first, then write (not inside a transaction). Raises ``AlreadySavesHere`` where the person has a passbook."""
    query = ResidentByNik(nik=nik)
    try:
        answer = bus.ask(query, asker=ME, purpose=Purpose.SAVINGS_IDENTITY, subjects=[nik], by=by)
    except bus.Unanswered as away:
        raise RegistryAway from away
    if not answer.found or not answer.name or answer.status == "dead":
        raise NotConfirmed
    person = persons.remember(
        nik=nik,
        name=answer.name,
        birth_on=answer.birth_on,
        village_code=answer.village_code or "",
        verified_by="dukcapil",
        at=at,
    )
    return depositors.verify(depositor=depositor, person=person, by=by, at=at)


def note_look(*, depositor: Depositor, by: Any, at: datetime) -> None:
    """Opening a verified person's passbook stands on the trail that the person reads."""
    if depositor.person is not None:
        trail.looked(
            by=by,
            person=depositor.person,
            thing=f"bank-sampah.depositor:{depositor.pk}",
            at=at,
            purpose=Purpose.SAVINGS_IDENTITY,
            basis=CONSENT,
        )
