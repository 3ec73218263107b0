"""Letters that were given up: who should have had them, and sending them once more."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from kartini.office.models import Parcel
from kartini.people import trail


def given_up() -> QuerySet[Parcel]:
    """Letters that no carrier took, the latest first."""
    return Parcel.objects.filter(state=Parcel.State.DEAD).select_related("notice__to")


def masked(address: str) -> str:
    """Enough of an address to recognise it by: ``si••••@contoh.invalid``, ``+62••••••9002``."""
    name, at, host = address.rpartition("@")
    if at:
        return f"{name[:2]}••••@{host}"
    return f"{address[:3]}••••••{address[-4:]}" if len(address) > 8 else "••••"


@transaction.atomic
def send_again(*, parcels: Iterable[UUID], by: Any, at: datetime) -> int:
    """Put letters that were given up on their way once more; returns how many.

    One whose text was forgotten (a code for signing in) stays given up: its reader asks for a new one. A
    letter sent again twice goes once.
    """
    found = given_up().filter(pk__in=list(parcels), sensitive=False)
    count = found.update(state=Parcel.State.WAITING, ended_at=None, next_at=at, attempts=0)
    if count:
        note = str(count)
        trail.did(by=by, verb="office.letters-sent-again", thing="office.letters", at=at, note=note)
    return count
