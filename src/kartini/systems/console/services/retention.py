"""What is no longer kept is erased by dated rules, and what was erased stays provable.

Each erasure keeps a list of ids and keyed digests of bodies (no body, no person); the digest of that list stands as a
message in the log, under its signed root.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import orjson
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from kartini.exchange import bodies, conformance, grants, log, outbox, switch
from kartini.exchange.models import Credential, Fact
from kartini.kit.ids import new_id
from kartini.people import trail
from kartini.people.models import User
from kartini.systems.console.models import Erasure, RetentionRule, Tryout

Kind = RetentionRule.Kind
MOST_AT_ONCE = 2000
ASSUMED_DAYS = {Kind.FACTS: 30, Kind.TRYOUTS: 365, Kind.CREDENTIALS: 365}
ASSUMED = "Bawaan Kartini (asumsi): belum ditetapkan oleh kabupaten."


class RuleExists(Exception):
    """For this kind a rule begins on this day already."""


class InThePast(Exception):
    """A rule begins today or later: what was kept under the old one was kept rightly."""


@transaction.atomic
def set_rule(
    *,
    kind: str,
    keep_days: int,
    basis: str,
    from_on: date,
    contract: str = "",
    folder: str = "",
    by: User,
    at: datetime,
) -> RetentionRule:
    """From a day on, this kind is kept so long. Raises ``RuleExists``, ``InThePast``."""
    if from_on < timezone.localdate(at):
        raise InThePast(from_on)
    rule, new = RetentionRule.objects.get_or_create(
        kind=kind,
        contract=contract,
        from_on=from_on,
        defaults={
            "keep_days": keep_days,
            "basis": basis,
            "folder": folder,
            "made_at": at,
            "made_by": by,
        },
    )
    if not new:
        raise RuleExists(kind)
    if kind == Kind.BODIES:
        tell_the_exchange(timezone.localdate(at))
    thing = f"console.service:{contract}"[:120] if contract else f"console.retention:{rule.pk}"
    trail.did(by=by, verb="console.retention-set", thing=thing, at=at)
    return rule


def rule_for(kind: str, day: date, contract: str = "") -> RetentionRule | None:
    """The rule in force on a day."""
    held = RetentionRule.objects.filter(kind=kind, contract=contract, from_on__lte=day)
    return held.order_by("-from_on").first()


def in_force(day: date) -> list[RetentionRule]:
    """The newest of each kind (and service) that has begun."""
    newest: dict[tuple[str, str], RetentionRule] = {}
    for rule in RetentionRule.objects.filter(from_on__lte=day).order_by("from_on"):
        newest[rule.kind, rule.contract] = rule
    return list(newest.values())


def erase_what_is_due(*, at: datetime) -> int:
    """Erase by the rules in force; where none was set, by an assumed one that says so. How much was erased."""
    done = 0
    for kind in ASSUMED_DAYS:
        rule = rule_for(kind, timezone.localdate(at)) or _assumed(kind, at)
        while erased := _erase(rule, at):
            done += erased.count
            if erased.count < MOST_AT_ONCE:
                break
    return done + _erase_bodies(at)


def tell_the_exchange(day: date) -> list[RetentionRule]:
    """Of which services bodies are kept; the rules that say so."""
    rules = [one for one in in_force(day) if one.kind == Kind.BODIES]
    switch.keep_bodies_of([one.contract for one in rules if one.keep_days])
    return rules


def _erase_bodies(at: datetime) -> int:
    done = 0
    for rule in tell_the_exchange(timezone.localdate(at)):
        until = at - timedelta(days=rule.keep_days)
        for day in bodies.days(rule.contract):
            if day < until.astimezone(UTC).date():
                done += _erase_day(rule, day, until, at)
    return done


def _erase_day(rule: RetentionRule, day: date, until: datetime, at: datetime) -> int:
    """Files are listed for good before they go: a killed run lists those left once more."""
    done = 0
    while kept := [*islice(bodies.of_day(rule.contract, day), MOST_AT_ONCE)]:
        listed(rule, [one.line for one in kept], until, at)
        bodies.erase(kept)
        done += len(kept)
        if not kept[0].file.parent.exists():
            break
    return done


def _assumed(kind: Kind, at: datetime) -> RetentionRule:
    return RetentionRule.objects.create(
        kind=kind,
        keep_days=ASSUMED_DAYS[kind],
        basis=ASSUMED,
        from_on=timezone.localdate(at),
        made_at=at,
    )


@transaction.atomic
def _erase(rule: RetentionRule, at: datetime) -> Erasure | None:
    """Erased and listed together; the message is in the log before both are settled."""
    until = at - timedelta(days=rule.keep_days)
    lines, erase = DUE[Kind(rule.kind)](until)
    if not lines:
        return None
    erase()
    return listed(rule, lines, until, at)


@transaction.atomic
def listed(rule: RetentionRule, lines: list[str], until: datetime, at: datetime) -> Erasure:
    """What is erased is kept as a list, and its digest in the log."""
    id_, text = new_id(), "\n".join(sorted(lines))
    digest = hashlib.sha256(text.encode()).hexdigest()
    said = {"request": str(id_), "request_digest": f"sha256:{digest}"}
    message = _testify(rule, at, request_bytes=len(text), **said)
    return Erasure.objects.create(
        id=id_,
        rule=rule,
        at=at,
        until=until,
        count=len(lines),
        digest=digest,
        lines=text,
        message=message,
    )


def _testify(rule: RetentionRule, at: datetime, **said: Any) -> str:
    """The message in the log that bears an erasure out."""
    client = grants.snapshot().name(conformance.ASKER)
    message = log.message(
        at=at,
        method="ERASE",
        client=client,
        service=f"{client}/console.erasure.v1",
        status=200,
        purpose="retention",
        basis=rule.basis[:300],
        **said,
    )
    log.append(log.Entry(message))
    return message.id


Due = tuple[list[str], Callable[[], object]]


def _facts(until: datetime) -> Due:
    """Heard by everybody; dead letters stay until they are settled."""
    found = list(outbox.heard_before(until).order_by("stated_at")[:MOST_AT_ONCE])
    keys = log.the_log().keys
    lines = [f"{fact.pk} {keys.digest(orjson.dumps(fact.body))}" for fact in found]
    return lines, Fact.objects.filter(pk__in=[fact.pk for fact in found]).delete


def _tryouts(until: datetime) -> Due:
    return _plain(Tryout.objects.filter(at__lt=until))


def _credentials(until: datetime) -> Due:
    return _plain(Credential.objects.filter(ends_at__lt=until))


def _plain(due: "QuerySet[Tryout] | QuerySet[Credential]") -> Due:
    keys: list[Any] = list(due.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
    return [str(key) for key in keys], due.filter(pk__in=keys).delete


DUE: dict[str, Callable[[datetime], Due]] = {
    Kind.FACTS: _facts,
    Kind.TRYOUTS: _tryouts,
    Kind.CREDENTIALS: _credentials,
}


def still_proves(erasure: Erasure) -> bool | None:
    """Do list, digest and the message in the log agree? None: that message lies in an archive that is not at hand."""
    right = hashlib.sha256(erasure.lines.encode()).hexdigest()
    found = log.search(id=erasure.message, limit=1)
    if not found and log.the_log().shelf.misses():
        return None if erasure.digest == right else False
    return (
        bool(found) and found[0][1].request_digest == f"sha256:{right}" and erasure.digest == right
    )
