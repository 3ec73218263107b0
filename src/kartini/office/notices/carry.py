"""The worker's round: take what is due, have it sent outside any transaction, tick it off.

A worker that dies between handing over and ticking sends again, under the same key: the exchange's dispatch
knows what was sent, and where it does not, the carrier does.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from kartini.exchange import dispatch
from kartini.office.models import Parcel
from kartini.office.notices.carriers import CARRIERS

LEASE = timedelta(minutes=2)
PATIENCE = timedelta(days=3)
CODES_LAST = timedelta(minutes=15)  # a code that comes later is of no use to anyone
KEPT = timedelta(days=90)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(hours=2)
A_ROUND = 20


def carry(*, now: datetime, most: int = A_ROUND) -> int:
    """Carry the parcels that are due; returns how many left the house.

    When a carrier is away, the round asks it no more: its other parcels wait for the next one.
    """
    left, away = 0, set[str]()
    for parcel in _claimed(now, most):
        if parcel.channel in away:
            _postpone(parcel, now)
            continue
        try:
            _send(parcel, now)
            left += 1
        except dispatch.UnderWay:
            _postpone(parcel, now)
        except dispatch.LeftAlone:
            _postpone(parcel, now)
            away.add(parcel.channel)
        except dispatch.Refused as fault:
            _fail(parcel, fault, now, forever=fault.forever)
        except dispatch.Undone as fault:
            _fail(parcel, fault, now)
            away.add(parcel.channel)
    return left


def forget(*, before: datetime) -> int:
    """Delete parcels whose way ended before this moment; the notices stay in the inboxes."""
    ended = Parcel.objects.exclude(state=Parcel.State.WAITING).filter(ended_at__lt=before)
    return ended.delete()[0]


@transaction.atomic
def _claimed(now: datetime, most: int) -> list[Parcel]:
    """Due parcels, leased to this worker so that no other takes them meanwhile."""
    due = Parcel.objects.filter(state=Parcel.State.WAITING, next_at__lte=now).order_by("next_at")
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True)
    parcels = list(due[:most])
    Parcel.objects.filter(pk__in=[p.pk for p in parcels]).update(next_at=now + LEASE)
    return parcels


def _send(parcel: Parcel, now: datetime) -> None:
    carrier = CARRIERS[Parcel.Channel(parcel.channel)]
    reference = dispatch.do(
        carrier.verb,
        to=carrier.address(),
        key=f"letter:{parcel.pk}",
        body=f"{parcel.address}\n{parcel.text}".encode(),
        carry=lambda _errand: carrier.hand_over(parcel),
        at=now,
    )
    _waiting(parcel).update(
        **_ended(parcel, Parcel.State.SENT, now),
        attempts=parcel.attempts + 1,
        carrier_reference=reference,
        fault="",
    )


def _fail(parcel: Parcel, fault: dispatch.Undone, now: datetime, *, forever: bool = False) -> None:
    attempts, words = parcel.attempts + 1, f"{type(fault).__name__}: {fault}"[:300]
    if forever or now - parcel.written_at >= _patience(parcel):
        change = _ended(parcel, Parcel.State.DEAD, now)
    else:
        change = {"next_at": now + _pause(attempts)}
    _waiting(parcel).update(**change, attempts=attempts, fault=words)


def _postpone(parcel: Parcel, now: datetime) -> None:
    _waiting(parcel).update(next_at=now + FIRST_PAUSE)


def _waiting(parcel: Parcel) -> QuerySet[Parcel]:
    return Parcel.objects.filter(pk=parcel.pk, state=Parcel.State.WAITING)


def _ended(parcel: Parcel, state: str, now: datetime) -> dict[str, Any]:
    forgotten = {"text": ""} if parcel.sensitive else {}
    return {"state": state, "ended_at": now, **forgotten}


def _patience(parcel: Parcel) -> timedelta:
    return CODES_LAST if parcel.sensitive else PATIENCE


def _pause(attempts: int) -> timedelta:
    doublings: int = 2 ** min(attempts - 1, 12)
    return min(FIRST_PAUSE * doublings, LONGEST_PAUSE)
