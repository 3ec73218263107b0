"""The outbox: a fact is written with the deed, and handed to each listener once.

Handler and tick share one transaction, so that inside the house a fact takes effect exactly once, whatever
is killed when. Facts with the same ordering key reach a listener in the order in which they were stated.
"""

import logging
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import orjson
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from pydantic import ValidationError

from kartini.contracts import Event
from kartini.exchange import grants, log, registry
from kartini.exchange.models import Delivery, Fact
from kartini.exchange.registry import every
from kartini.kit import logs

BATCH = 100
LONGEST_PAUSE = timedelta(hours=3)
GIVE_UP_AFTER = timedelta(days=3)
KEEP = timedelta(days=30)
CHANNEL = "kartini_outbox"
OK, FORBIDDEN, GONE, FAILED = 200, 403, 410, 500
logger = logging.getLogger(__name__)


class Hopeless(Exception):
    """Trying again will not help."""


# -- in


def put(event: Event, *, at: datetime) -> None:
    """Write the fact and one delivery for each listener, in the caller's transaction."""
    with transaction.atomic(savepoint=False):
        fact = Fact.objects.create(
            contract=event.name,
            ordering_key=event.ordering_key,
            body=event.model_dump(mode="json"),
            stated_at=at,
        )
        Delivery.objects.bulk_create(
            Delivery(fact=fact, listener=id_, ordering_key=fact.ordering_key, next_at=at)
            for id_ in registry.listeners.get(event.name, {})
        )
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"NOTIFY {CHANNEL}")


# -- out


def deliver(*, at: datetime, limit: int = BATCH) -> int:
    """Hand over what is due; how many deliveries that were. Their messages are on disk before the tick."""
    if not Delivery.objects.due(at).exists():
        return 0
    with transaction.atomic():
        rows = list(_hand_over_in_order(_batch(at, limit), at))
        log.append(*(log.Entry(_message(delivery, status, at)) for delivery, status in rows))
        done = [delivery.pk for delivery, status in rows if status == OK]
        Delivery.objects.filter(pk__in=done).update(
            done_at=at, attempts=F("attempts") + 1, reason=""
        )
        for delivery, status in rows:
            if status != OK:
                delivery.save(update_fields=["next_at", "attempts", "dead_at", "reason"])
    return len(rows)


def _batch(at: datetime, limit: int) -> list[Delivery]:
    """Those at the head of their order, and those right behind them. Who holds the head, holds the order:
    where several workers run, each takes heads that no other holds."""
    due = Delivery.objects.due(at).select_related("fact")
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True, of=("self",))
    heads = list(due[:limit])
    orders = {delivery.order for delivery in heads if delivery.ordering_key}
    behind = Delivery.objects.open().filter(
        listener__in={listener for listener, _key in orders},
        ordering_key__in={key for _listener, key in orders},
    )
    behind = behind.exclude(pk__in=[head.pk for head in heads]).select_related("fact")
    followers = behind.order_by("pk")[: limit - len(heads)] if orders else []
    batch = heads + [delivery for delivery in followers if delivery.order in orders]
    return sorted(batch, key=lambda delivery: delivery.pk)


def _hand_over_in_order(batch: Sequence[Delivery], at: datetime) -> Iterator[tuple[Delivery, int]]:
    """Behind one that must wait, all of its order wait."""
    waiting = set()
    for delivery in batch:
        if delivery.order in waiting or delivery.next_at > at:
            waiting.add(delivery.order)
            continue
        status = _hand_over(delivery, at)
        if status == FAILED and delivery.dead_at is None:
            waiting.add(delivery.order)
        yield delivery, status


def _hand_over(delivery: Delivery, at: datetime) -> int:
    """Call the listener in a savepoint, so that a bad one spoils only itself; how it went, as a status."""
    delivery.attempts += 1
    try:
        with logs.request(str(delivery.fact_id)), transaction.atomic():
            _call_listener(delivery)
    except Hopeless as why:
        delivery.dead_at, delivery.reason = at, str(why)
        return FORBIDDEN if isinstance(why, Unheard) else GONE
    except Exception as fault:
        logger.exception("%s failed", delivery)
        delivery.reason = logs.blotted(f"{type(fault).__name__}: {fault}")[:500]
        _later(delivery, at)
        return FAILED
    return OK


class Unheard(Hopeless):
    """No grant lets this listener hear it."""


def _call_listener(delivery: Delivery) -> None:
    fact = delivery.fact
    listener = registry.listeners.get(fact.contract, {}).get(delivery.listener)
    if listener is None:
        raise Hopeless("no such listener in this house")
    if grants.snapshot().to_hear(_subsystem(delivery), fact.contract) is None:
        raise Unheard("no grant to hear this")
    try:
        event = listener.event.model_validate(fact.body)
    except ValidationError as fault:
        raise Hopeless(f"does not fit the contract: {fault.error_count()} fault(s)") from fault
    listener.handler(event)


def _later(delivery: Delivery, at: datetime) -> None:
    """Twice as long each time, with jitter; after three days it is a dead letter."""
    if at - delivery.fact.stated_at >= GIVE_UP_AFTER:
        delivery.dead_at = at
        return
    pause = min(timedelta(seconds=2.0 ** min(delivery.attempts, 20)), LONGEST_PAUSE)
    delivery.next_at = at + pause * random.uniform(0.5, 1.5)  # noqa: S311 — only spreads the load


def _subsystem(delivery: Delivery) -> str:
    """A listener's id begins with its subsystem's code."""
    return delivery.listener.partition(".")[0]


def _message(delivery: Delivery, status: int, at: datetime) -> log.Message:
    view, fact = grants.snapshot(), delivery.fact
    right = view.to_hear(_subsystem(delivery), fact.contract)
    body = orjson.dumps(fact.body)
    return log.message(
        at=at,
        method="EVENT",
        client=view.name(_subsystem(delivery)),
        service=view.service(fact.contract),
        status=status,
        purpose=right.purpose if right else "",
        basis=right.basis if right else "",
        grant_id=right.grant_id if right else "",
        fields=right.fields_text if right else "",
        request=str(fact.pk),
        request_digest=log.the_log().keys.digest(body),
        request_bytes=len(body),
    )


# -- by hand, and by the clock


def replay(deliveries: Sequence[int], *, at: datetime) -> int:
    """Send dead letters on their way again; how many were dead."""
    return (
        Delivery.objects.dead()
        .filter(pk__in=deliveries)
        .update(dead_at=None, next_at=at, attempts=0)
    )


@every(3600, id="exchange.sweep")
def sweep() -> None:
    """Forget facts of last month that every listener has heard. Dead letters stay."""
    unheard = Delivery.objects.filter(fact=OuterRef("pk"), done_at=None)
    old = Fact.objects.filter(stated_at__lt=timezone.now() - KEEP)
    old.filter(~Exists(unheard)).delete()
