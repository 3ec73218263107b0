"""Collectors who buy from the waste banks: kept by the parent banks."""

from datetime import datetime
from typing import Any

from django.db import transaction

from kartini.people import trail
from kartini.systems.bank_sampah.models import Buyer


@transaction.atomic
def add(*, name: str, phone: str = "", by: Any, at: datetime) -> Buyer:
    """Added twice under one name, it is one buyer."""
    buyer, made = Buyer.objects.get_or_create(name=name.strip(), defaults={"phone": phone})
    if made:
        _trail(buyer, "added", by, at)
    return buyer


@transaction.atomic
def set_active(*, buyer: Buyer, active: bool, by: Any, at: datetime) -> Buyer:
    """Offer a buyer in the form of sales, or no longer; what was sold stays."""
    if buyer.active != active:
        buyer.active = active
        buyer.save(update_fields=["active"])
        _trail(buyer, "active" if active else "retired", by, at)
    return buyer


def _trail(buyer: Buyer, what: str, by: Any, at: datetime) -> None:
    thing = f"bank-sampah.buyer:{buyer.pk}"
    trail.did(by=by, verb=f"bank-sampah.buyer-{what}", thing=thing, at=at)
