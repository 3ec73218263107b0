"""The counter's ties to the exchange: what it states, and what the worker does for it by the clock."""

from django.utils import timezone

from kartini.exchange import registry
from kartini.office import notices, payments

registry.subsystem("office", member="diskominfo", title="Kartini – loket bersama")


@registry.every(2, id="office.carry-notices")
def carry_notices() -> None:
    notices.carry(now=timezone.now())


@registry.every(600, id="office.expire-bills")
def expire_bills() -> None:
    payments.expire_overdue(today=timezone.localdate())
