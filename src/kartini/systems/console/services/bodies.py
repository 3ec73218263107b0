"""Bodies of calls that a policy keeps: how they stand, and reading one, which leaves a trail at everybody concerned."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from kartini.exchange import bodies, call, log, published
from kartini.exchange.bodies import NotReadable
from kartini.people import persons, trail
from kartini.people.models import User
from kartini.systems.console.models import RetentionRule
from kartini.systems.console.services.retention import Kind, rule_for

__all__ = ["NotReadable"]


@dataclass(frozen=True)
class Policy:
    """Of one service. ``days`` are those of which bodies lie there."""

    rule: RetentionRule | None
    days: list[date]


def policy(contract: str, day: date) -> Policy:
    return Policy(rule_for(Kind.BODIES, day, contract), bodies.days(contract))


def find(message: log.Message) -> Path | None:
    return bodies.find(message.contract, message.id, message.moment)


@transaction.atomic
def read(
    *, message: log.Message, file: Path, reason: str, by: User, at: datetime
) -> tuple[bodies.Body, bool]:
    """What was asked and answered, and whether the leaf bears it out. Raises ``NotReadable``."""
    keys = log.the_log().keys
    body, thing = bodies.read(keys, file), f"console.message:{message.id}"
    rule = rule_for(Kind.BODIES, timezone.localdate(at), message.contract)
    trail.did(by=by, verb="console.body-read", thing=thing, at=at, note=reason)
    known = published.is_known(message.contract)
    for nik in sorted({nik for part in body for nik in call.persons_in(part, known)}):
        person = persons.find_by_nik(nik)
        if person is not None:
            trail.looked(
                by=by, person=person, thing=thing, at=at, verb="console.body-read",
                purpose="inspection", basis=rule.basis if rule else "",
            )  # fmt: skip
    said = [(message.request_digest, body.question), (message.response_digest, body.answer)]
    return body, all(keys.digest_holds(digest, content) for digest, content in said)
