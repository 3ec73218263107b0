"""Who answers a question: an address is entered, tried with the contract's examples, switched on, switched off."""

from datetime import datetime

from django.db import transaction

from kartini.exchange import conformance, published, switch
from kartini.exchange.models import Service
from kartini.people import trail
from kartini.people.models import User
from kartini.systems.console.models import Tryout


class NotTried(Exception):
    """The prepared address did not pass a check; only a reason lets it be switched on all the same."""


@transaction.atomic
def prepare(*, service: Service, url: str, milliseconds: int, by: User, at: datetime) -> Service:
    """Enter an address. Nothing changes for callers yet. Raises ``NotAnAddress``."""
    prepared = switch.prepare(service=service, url=url, milliseconds=milliseconds)
    _note(prepared, "console.answerer-prepared", by, at, url)
    return prepared


def try_out(*, service: Service, by: User, at: datetime) -> Tryout:
    """Ask the prepared address every example. Outside any transaction: it takes as long as the address takes."""
    if not service.prepared_url:
        raise switch.NothingPrepared(service.contract)
    query = published.queries()[service.contract]
    seconds = service.milliseconds / 1000
    outcome = conformance.check(query, url=service.prepared_url, seconds=seconds, at=at)
    with transaction.atomic():
        made = Tryout.objects.create(
            contract=service.contract,
            url=service.prepared_url,
            at=at,
            by=by,
            passed=outcome.passed,
            outcome=outcome.as_json(),
        )
        _note(service, "console.answerer-tried", by, at, "passed" if made.passed else "failed")
    return made


def last_tryout(service: Service) -> Tryout | None:
    """The newest check of the address that is prepared now."""
    found = Tryout.objects.filter(contract=service.contract, url=service.prepared_url)
    return found.order_by("-at").first()


@transaction.atomic
def throw(*, service: Service, reason: str, by: User, at: datetime) -> Service:
    """From the next second on the prepared address answers. Raises ``NotTried``, ``NothingPrepared``."""
    tried = last_tryout(service)
    if not reason and not (tried and tried.passed):
        raise NotTried(service.contract)
    thrown = switch.throw(service=service)
    _note(thrown, "console.answerer-switched", by, at, reason or thrown.url)
    return thrown


@transaction.atomic
def throw_back(*, service: Service, by: User, at: datetime) -> Service:
    """From the next second on this house answers again."""
    back = switch.throw_back(service=service)
    _note(back, "console.answerer-switched-back", by, at)
    return back


def _note(service: Service, verb: str, by: User, at: datetime, note: str = "") -> None:
    thing = f"console.service:{service.pk}"[:120]
    trail.did(by=by, verb=verb, thing=thing, at=at, note=note[:500])
