"""How a depositor is called, reached, and whether messages on the telephone are wished."""

from datetime import datetime
from typing import Any

from kartini.people import trail
from kartini.systems.bank_sampah.models import Depositor, PhoneConsent
from kartini.systems.bank_sampah.services import turn


@turn.writing()
def agree(*, depositor: Depositor, by: Any, at: datetime) -> None:
    """The depositor agreed to messages on the WhatsApp number; agreed twice, the first time counts."""
    if not depositor.phone:
        return
    words = {"given_at": at, "noted_by": by}
    _one, made = PhoneConsent.objects.get_or_create(depositor=depositor, defaults=words)
    if made:
        _trail(depositor, "messages-agreed", by, at)


@turn.writing()
def change(
    *, depositor: Depositor, name: str, phone: str, address: str, told: bool, by: Any, at: datetime
) -> Depositor:
    """Mend name, telephone and address. Another number needs the consent anew, and no number ends it."""
    depositor = Depositor.objects.select_for_update(no_key=True, of=("self",)).get(pk=depositor.pk)
    ends = not told or depositor.phone != phone
    if ends and PhoneConsent.objects.filter(depositor=depositor).delete()[0]:
        _trail(depositor, "messages-ended", by, at)
    depositor.name, depositor.phone, depositor.address = name, phone, address
    depositor.save(update_fields=["name", "phone", "address"])
    _trail(depositor, "changed", by, at)
    if told:
        agree(depositor=depositor, by=by, at=at)
    return depositor


def _trail(depositor: Depositor, what: str, by: Any, at: datetime) -> None:
    thing = f"bank-sampah.depositor:{depositor.pk}"
    verb = f"bank-sampah.depositor-{what}"
    trail.did(by=by, verb=verb, thing=thing, at=at, person=depositor.person)
