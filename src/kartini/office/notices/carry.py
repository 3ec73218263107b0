"""The worker's round: take what is due, hand it over outside any transaction, tick it off.

At least once: a worker that dies between handing over and ticking sends again, under the same key.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from kartini.office.models import Parcel
from kartini.office.notices.carriers import CARRIERS, NotCarried

LEASE = timedelta(minutes=2)
PATIENCE = timedelta(days=3)
CODES_LAST = timedelta(minutes=15)  # a code that comes later is of no use to anyone
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(hours=2)
A_ROUND = 20


def carry(*, now: datetime, most: int = A_ROUND) -> int:
    """Carry the parcels that are due; returns how many left the house."""
    return sum(_carry_one(parcel, now) for parcel in _claimed(now, most))


@transaction.atomic
def _claimed(now: datetime, most: int) -> list[Parcel]:
    """Due parcels, leased to this worker so that no other takes them meanwhile."""
    due = Parcel.objects.filter(state=Parcel.State.WAITING, next_at__lte=now).order_by("next_at")
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True)
    parcels = list(due[:most])
    Parcel.objects.filter(pk__in=[p.pk for p in parcels]).update(next_at=now + LEASE)
    return parcels


def _carry_one(parcel: Parcel, now: datetime) -> bool:
    waiting = Parcel.objects.filter(pk=parcel.pk, state=Parcel.State.WAITING)
    attempts = parcel.attempts + 1
    try:
        reference = CARRIERS[Parcel.Channel(parcel.channel)](parcel)
    except NotCarried as fault:
        if fault.forever or now - parcel.written_at >= _patience(parcel):
            waiting.update(
                **_ended(parcel, Parcel.State.DEAD, now), attempts=attempts, fault=str(fault)[:300]
            )
        else:
            waiting.update(
                next_at=now + _pause(attempts), attempts=attempts, fault=str(fault)[:300]
            )
        return False
    waiting.update(
        **_ended(parcel, Parcel.State.SENT, now),
        attempts=attempts,
        carrier_reference=reference,
        fault="",
    )
    return True


def _ended(parcel: Parcel, state: str, now: datetime) -> dict[str, Any]:
    forgotten = {"text": ""} if parcel.sensitive else {}
    return {"state": state, "ended_at": now, **forgotten}


def _patience(parcel: Parcel) -> timedelta:
    return CODES_LAST if parcel.sensitive else PATIENCE


def _pause(attempts: int) -> timedelta:
    doublings: int = 2 ** min(attempts - 1, 12)
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)
