"""Grants, systems and credentials as they stood a second ago at most, in memory.

Read by plain SQL through whatever connection a process has: the web through Django's, the edge, which
knows no Django, through its own.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from kartini.contracts import Contract
from kartini.exchange import registry
from kartini.exchange.signatures import key_id

FRESH_SECONDS = 1.0
Rows = Callable[[str], Iterable[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Right:
    """What a call needs to know of a grant."""

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

    def let_through_raw(self, answer: Any, required: frozenset[str]) -> Any:
        """The same for an answer that is not a contract's: objects and lists of objects."""
        if not self.fields:
            return answer
        if isinstance(answer, list):
            return [self.let_through_raw(one, required) for one in answer]
        if isinstance(answer, dict):
            return {k: v for k, v in answer.items() if k in self.fields or k in required}
        return None


@dataclass(frozen=True, slots=True)
class Answerer:
    """Who answers a service: this house while ``url`` is empty."""

    subsystem: str
    url: str
    seconds: float
    keeps_bodies: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A credential in force: whose it is, and what proves it."""

    id: str
    subsystem: str
    kind: str
    value: str


@dataclass
class Snapshot:
    """Everything that a call needs, read at one moment. ``today`` is the local day then; ``rights`` holds, by system
    and contract, the right of each purpose, the newest grant last; ``keys`` are those of signatures, by system and
    either name. The same key may speak for several systems: those of another house, for example."""

    instance: str
    today: date
    rights: dict[tuple[str, str], dict[str, Right]] = field(default_factory=dict)
    subsystems: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    services: dict[str, Answerer] = field(default_factory=dict)
    credentials: dict[str, Known] = field(default_factory=dict)
    keys: dict[tuple[str, str], Known] = field(default_factory=dict)
    read_at: float = field(default_factory=time.monotonic)

    def to_ask(self, asker: str, contract: str, purpose: str) -> Right | None:
        held = self.rights.get((asker, contract))
        return self._valid(asker, contract, purpose, held.get(purpose) if held else None)

    def to_hear(self, asker: str, contract: str) -> Right | None:
        """By the newest grant that holds today: one that ended takes nothing from another."""
        held = self.rights.get((asker, contract), {})
        for right in reversed(held.values()):
            if self._valid(asker, contract, right.purpose, right):
                return right
        return self._valid(asker, contract, "", None)

    def purposes(self, asker: str, contract: str) -> list[str]:
        """The purposes for which this system holds a grant today."""
        held = self.rights.get((asker, contract), {}).items()
        return [p for p, right in held if self._valid(asker, contract, p, right)]

    def name(self, code: str) -> str:
        """``JPR/GOV/dpmptsp/joss`` for ``joss``."""
        if code in self.subsystems:
            return self.subsystems[code]
        known = registry.subsystems.get(code)
        return f"{self.instance}/GOV/{known.member if known else '-'}/{code}"

    def service(self, contract: str) -> str:
        """``JPR/GOV/disdukcapil/dukcapil/dukcapil.resident-by-nik.v1``."""
        known = self.services.get(contract)
        return f"{self.name(known.subsystem if known else owner(contract))}/{contract}"

    def url(self, contract: str) -> str:
        known = self.services.get(contract)
        return known.url if known else ""

    def _valid(self, asker: str, contract: str, purpose: str, right: Right | None) -> Right | None:
        """What belongs to a system it may always ask and hear itself."""
        if asker == owner(contract):
            return Right("", self.name(asker), purpose, "", frozenset(), None, None)
        if right is None or (right.valid_until is not None and self.today > right.valid_until):
            return None
        return right


def owner(contract: str) -> str:
    """The subsystem that a contract belongs to: the part before the first dot."""
    return contract.partition(".")[0]


def read(rows: Rows, *, instance: str, now: datetime) -> Snapshot:
    """``now`` is local time."""
    found = Snapshot(instance, now.date())
    suspended = set()
    for code, member, kind, title, suspended_at in rows(
        "SELECT code, member, member_class, title, suspended_at FROM exchange_subsystem"
    ):
        found.subsystems[code] = f"{instance}/{kind}/{member}/{code}"
        found.titles[code] = title
        if suspended_at is not None:
            suspended.add(code)
    found.codes = {name: code for code, name in found.subsystems.items()}
    for contract, code, url, limit, keeps in rows(
        "SELECT contract, subsystem_id, url, milliseconds, keeps_bodies FROM exchange_service"
    ):
        found.services[contract] = Answerer(code, url, limit / 1000, bool(keeps))
    for id_, code, kind, value, ends_at in rows(
        "SELECT id, subsystem_id, kind, value, ends_at FROM exchange_credential"
    ):
        if code not in suspended and (ends_at is None or now < moment(ends_at)):
            known = found.credentials[id_] = Known(id_, code, kind, value)
            for name in _names(known):
                found.keys.setdefault((code, name), known)
    for row in rows(
        "SELECT id, asker_id, contract, purpose, basis, fields, valid_until, per_minute "
        "FROM exchange_grant WHERE state IN ('approved', 'narrowed') ORDER BY id"
    ):
        if row[1] not in suspended:
            _take(found, *row)
    return found


def _names(known: Known) -> list[str]:
    """By what a signature may name this key. One that somebody spoilt in the database must not keep all else from
    being read."""
    if known.kind != "key":
        return []
    try:
        return [known.id, key_id(bytes.fromhex(known.value))]
    except ValueError:
        return [known.id]


def _take(
    found: Snapshot,
    id_: int,
    asker: str,
    contract: str,
    purpose: str,
    basis: str,
    fields: Any,
    valid_until: Any,
    per_minute: int | None,
) -> None:
    """Databases differ in what they hand out for JSON and dates."""
    names = json.loads(fields) if isinstance(fields, str) else fields
    until = date.fromisoformat(valid_until) if isinstance(valid_until, str) else valid_until
    right = Right(str(id_), found.name(asker), purpose, basis, frozenset(names), until, per_minute)
    found.rights.setdefault((asker, contract), {})[purpose] = right


def moment(stored: Any) -> datetime:
    """SQLite keeps UTC without saying so."""
    if isinstance(stored, datetime):
        return stored if stored.tzinfo else stored.replace(tzinfo=UTC)
    return datetime.fromisoformat(str(stored)).replace(tzinfo=UTC)


class Keeper:
    """Holds the newest snapshot; one thread reads it anew, the others go on with what they have."""

    def __init__(self, read_now: Callable[[], Snapshot]) -> None:
        self._read_now = read_now
        self._reading = threading.Lock()
        self._newest: Snapshot | None = None

    def __call__(self) -> Snapshot:
        found = self._newest
        if found is not None and time.monotonic() - found.read_at < FRESH_SECONDS:
            return found
        if not self._reading.acquire(blocking=found is None) and found is not None:
            return found
        try:
            if self._newest is None or self._newest is found:
                self._newest = self._read_now()
            return self._newest
        finally:
            self._reading.release()

    def forget(self) -> None:
        """Read anew at the next call."""
        self._newest = None


class Meter:
    """Counts calls per grant and minute, in this process."""

    def __init__(self) -> None:
        self._minute, self._counts, self._lock = 0, Counter[str](), threading.Lock()

    def forget(self) -> None:
        """Begin to count anew."""
        with self._lock:
            self._counts.clear()

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
