"""The counter's ties: the exchange, the accounts' letters, and what the worker does for it by the clock."""

from django.utils import timezone

from kartini.exchange import registry
from kartini.office import notices, payments
from kartini.people import messages

messages.carried_by(notices.post_letter)
registry.subsystem("office", member="diskominfo", title="Kartini – loket bersama")


@registry.every(1, id="office.carry-notices")
def carry_notices() -> None:
    notices.carry(now=timezone.now())


@registry.every(24 * 3600, id="office.forget-parcels")
def forget_parcels() -> None:
    notices.forget(before=timezone.now() - notices.KEPT)


@registry.every(600, id="office.expire-bills")
def expire_bills() -> None:
    payments.expire_overdue(today=timezone.localdate())
