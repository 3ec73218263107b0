"""Grants: who may ask what, hear what, for which purpose. Without one, nothing passes.

The bus reads them from a snapshot in memory that is at most a second old.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from kartini.contracts import Contract
from kartini.exchange import registry
from kartini.exchange.models import Grant, Service, Subsystem
from kartini.kit.flow import Flow

State = Grant.State
FLOW = Flow(
    ("approve", [State.ASKED], State.APPROVED),
    ("narrow", [State.ASKED, State.APPROVED, State.NARROWED], State.NARROWED),
    ("refuse", [State.ASKED], State.REFUSED),
    ("end", [State.APPROVED, State.NARROWED], State.ENDED),
)
FRESH_SECONDS = 1.0


# -- the snapshot


@dataclass(frozen=True)
class Right:
    """What the bus needs to know of a grant."""

    grant_id: str
    asker: str
    purpose: str
    basis: str
    fields: frozenset[str]
    valid_until: date | None
    per_minute: int | None

    @property
    def fields_text(self) -> str:
        return ",".join(sorted(self.fields)) or "*"

    def let_through(self, answer: Contract) -> Contract:
        """The same answer without the optional fields that the grant does not name."""
        kind, told = type(answer), answer.model_fields_set
        if not self.fields:
            return answer
        kept = {
            name for name in told if name in self.fields or kind.model_fields[name].is_required()
        }
        if kept == told:
            return answer
        return kind.model_construct(_fields_set=kept, **{n: getattr(answer, n) for n in kept})

    def holds(self) -> bool:
        return self.valid_until is None or timezone.localdate() <= self.valid_until


@dataclass
class Snapshot:
    """Everything that a call needs, read at one moment."""

    asking: dict[tuple[str, str, str], Right] = field(default_factory=dict)
    hearing: dict[tuple[str, str], Right] = field(default_factory=dict)
    subsystems: dict[str, str] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    answerers: dict[str, str] = field(default_factory=dict)
    read_at: float = field(default_factory=time.monotonic)

    def to_ask(self, asker: str, contract: str, purpose: str) -> Right | None:
        return self._valid(asker, contract, purpose, self.asking.get((asker, contract, purpose)))

    def to_hear(self, asker: str, contract: str) -> Right | None:
        return self._valid(asker, contract, "", self.hearing.get((asker, contract)))

    def name(self, code: str) -> str:
        """``JPR/GOV/dpmptsp/joss`` for ``joss``."""
        if code in self.subsystems:
            return self.subsystems[code]
        known = registry.subsystems.get(code)
        return f"{settings.INSTANCE}/GOV/{known.member if known else '-'}/{code}"

    def service(self, contract: str) -> str:
        """``JPR/GOV/disdukcapil/dukcapil/dukcapil.resident-by-nik.v1``."""
        return f"{self.name(self.answerers.get(contract) or owner(contract))}/{contract}"

    def _valid(self, asker: str, contract: str, purpose: str, right: Right | None) -> Right | None:
        """What belongs to a system it may always ask and hear itself."""
        if asker == owner(contract):
            return Right("", self.name(asker), purpose, "", frozenset(), None, None)
        return right if right is not None and right.holds() else None


def owner(contract: str) -> str:
    """The subsystem that a contract belongs to: the part before the first dot."""
    return contract.partition(".")[0]


_snapshot: Snapshot | None = None
_reading = threading.Lock()


def snapshot() -> Snapshot:
    """The grants as they stood a second ago at most. One thread reads them anew, the others go on."""
    global _snapshot
    found = _snapshot
    if found is not None and time.monotonic() - found.read_at < FRESH_SECONDS:
        return found
    if not _reading.acquire(blocking=found is None) and found is not None:
        return found
    try:
        if _snapshot is None or _snapshot is found:
            _snapshot = _read()
        return _snapshot
    finally:
        _reading.release()


def forget() -> None:
    """Read the grants anew at the next call."""
    global _snapshot
    _snapshot = None


class Meter:
    """Counts calls per grant and minute, in this process."""

    def __init__(self) -> None:
        self._minute, self._counts, self._lock = 0, Counter[str](), threading.Lock()

    def allows(self, right: Right) -> bool:
        if right.per_minute is None:
            return True
        minute = int(time.monotonic() // 60)
        with self._lock:
            if minute != self._minute:
                self._minute = minute
                self._counts.clear()
            self._counts[right.grant_id] += 1
            return self._counts[right.grant_id] <= right.per_minute


meter = Meter()


def _read() -> Snapshot:
    read = Snapshot()
    for one in Subsystem.objects.all():
        read.subsystems[one.code] = str(one)
    for service in Service.objects.all():
        read.urls[service.contract] = service.url
        read.answerers[service.contract] = service.subsystem_id
    for grant in Grant.objects.filter(state__in=Grant.HOLDING).order_by("pk"):
        right = Right(
            grant_id=str(grant.pk),
            asker=read.name(grant.asker_id),
            purpose=grant.purpose,
            basis=grant.basis,
            fields=frozenset(grant.fields),
            valid_until=grant.valid_until,
            per_minute=grant.per_minute,
        )
        read.asking[grant.asker_id, grant.contract, grant.purpose] = right
        read.hearing[grant.asker_id, grant.contract] = right
    return read


# -- the life of a grant


@transaction.atomic
def declare(*, approve: bool, at: datetime) -> list[Grant]:
    """Write down what the systems of this house declare; returns the grants that are new.

    The demo approves them. In production they wait in the console for the owner of the data.
    """
    _write_participants()
    fresh = []
    for need in registry.needed.values():
        grant = (
            Grant.objects.filter(
                asker=need.asker, contract=need.contract.name, purpose=need.purpose
            )
            .order_by("pk")
            .last()
        )
        if grant is None:
            grant = _ask_for(need, at)
            fresh.append(grant)
        elif grant.decided_by is None and grant.state in {State.ASKED, State.APPROVED}:
            Grant.objects.filter(pk=grant.pk).update(basis=need.basis, fields=[*need.fields])
        if approve and grant.state == State.ASKED:
            approve_grant(grant=grant, by=None, at=at)
    _changed()
    return fresh


def _ask_for(need: registry.Need, at: datetime) -> Grant:
    return Grant.objects.create(
        asker_id=need.asker,
        contract=need.contract.name,
        purpose=need.purpose,
        basis=need.basis,
        fields=[*need.fields],
        asked_at=at,
    )


def _write_participants() -> None:
    """Subsystems and services of this house. What an administrator entered stays as it is."""
    Subsystem.objects.bulk_create(
        [
            Subsystem(code=s.code, member=s.member, title=s.title)
            for s in registry.subsystems.values()
        ],
        ignore_conflicts=True,
    )
    Service.objects.bulk_create(
        [Service(contract=name, subsystem_id=owner(name)) for name in registry.answerers],
        ignore_conflicts=True,
    )


def _changed() -> None:
    forget()
    transaction.on_commit(forget)


def approve_grant(*, grant: Grant, by: Any, at: datetime, valid_until: date | None = None) -> Grant:
    """Say yes to what was asked."""
    return _decide(grant, "approve", by, at, valid_until=valid_until)


def narrow(
    *,
    grant: Grant,
    fields: Iterable[str],
    reason: str,
    by: Any,
    at: datetime,
    per_minute: int | None = None,
    valid_until: date | None = None,
) -> Grant:
    """Say yes to less: fewer fields, a rate, an end."""
    less = {"fields": sorted(fields), "per_minute": per_minute, "valid_until": valid_until}
    return _decide(grant, "narrow", by, at, reason=reason, **less)


def refuse(*, grant: Grant, reason: str, by: Any, at: datetime) -> Grant:
    return _decide(grant, "refuse", by, at, reason=reason)


def end(*, grant: Grant, reason: str, by: Any, at: datetime) -> Grant:
    """Take back what was granted; from the next second on nothing passes."""
    return _decide(grant, "end", by, at, reason=reason)


@transaction.atomic
def _decide(grant: Grant, verb: str, by: Any, at: datetime, **changes: Any) -> Grant:
    """Only from the state that the grant has now, whoever decides at the same time."""
    held = Grant.objects.select_for_update().get(pk=grant.pk)
    changes |= {
        "state": FLOW.step(verb, held.state),
        "decided_by": getattr(by, "pk", None),
        "decided_at": at,
    }
    Grant.objects.filter(pk=held.pk).update(**changes)
    _changed()
    held.refresh_from_db()
    return held
