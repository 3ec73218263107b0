"""The outbox: a fact is written with the deed, and handed to each listener once.

Handler and tick share one transaction, so that inside the house a fact takes effect exactly once, whatever
is killed when. Facts with the same ordering key reach a listener in the order in which they were stated.
"""

import logging
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, F, Max, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from kartini.contracts import Event
from kartini.exchange import grants, log, registry, webhooks
from kartini.exchange.call import Call
from kartini.exchange.models import Deliveries, Delivery, Fact, Webhook
from kartini.exchange.registry import every
from kartini.kit import inserts, logs
from kartini.kit.ids import new_id

BATCH = 100
LONGEST_PAUSE = timedelta(hours=3)
GIVE_UP_AFTER = timedelta(days=3)
KEEP = timedelta(days=30)
SWEEP = "exchange.sweep"
CHANNEL = "kartini_outbox"
_NUMBERING = 7003
OK, FORBIDDEN, GONE, FAILED = 200, 403, 410, 500
logger = logging.getLogger(__name__)


class Hopeless(Exception):
    """Trying again will not help."""


# -- in


def put(event: Event, *, at: datetime, id: UUID | None = None) -> None:  # noqa: A002
    """Write the fact and one delivery for each listener, in the caller's transaction."""
    fact = Fact(
        id=id or new_id(),
        contract=event.name,
        ordering_key=event.ordering_key,
        body=event.model_dump(mode="json"),
        stated_at=at,
        request=logs.current_request.get(),
    )
    with transaction.atomic(savepoint=False):
        inserts.write(inserts.ready([fact], _deliveries(fact)))
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"NOTIFY {CHANNEL}")


def _deliveries(fact: Fact) -> list[Delivery]:
    inside = [(id_, None) for id_ in registry.listeners.get(fact.contract, {})]
    return [
        Delivery(
            fact_id=fact.pk,
            listener=id_,
            webhook_id=hook,
            ordering_key=fact.ordering_key,
            next_at=fact.stated_at,
            give_up_at=fact.stated_at + GIVE_UP_AFTER,
        )
        for id_, hook in [*inside, *webhooks.hearing(fact.contract)]
    ]


class SaidDifferently(Exception):
    """A fact with this id was stated before, and it was another one."""


@transaction.atomic
def put_once(event: Event, *, id: UUID, at: datetime) -> bool:  # noqa: A002
    """State a fact that may be sent twice; false when it was there already. Raises ``SaidDifferently``."""
    try:
        with transaction.atomic():
            put(event, at=at, id=id)
    except IntegrityError:
        known = Fact.objects.get(pk=id)
        if (known.contract, known.body) != (event.name, event.model_dump(mode="json")):
            raise SaidDifferently from None
        return False
    return True


def give_positions() -> int:
    """Number the facts that were committed since the last time, without a gap; how many those were."""
    if not Fact.objects.filter(position=None).exists():
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NUMBERING])
        cursor.execute(
            "UPDATE exchange_fact SET position = given.position FROM ("
            "SELECT id, row_number() OVER (ORDER BY stated_at, id) + "
            "(SELECT COALESCE(MAX(position), 0) FROM exchange_fact) AS position "
            "FROM exchange_fact WHERE position IS NULL) AS given WHERE exchange_fact.id = given.id"
        )
        return int(cursor.rowcount)


# -- out


def deliver(*, at: datetime, limit: int = BATCH) -> int:
    """Hand over what is due; how many deliveries that were. Their messages are on disk before the tick."""
    if not Delivery.objects.inside().due(at).exists():
        return 0
    with transaction.atomic():
        rows = list(_hand_over_in_order(_batch(at, limit), at))
        _tick(rows, at)
    return len(rows)


def _tick(rows: Sequence[tuple[Delivery, int]], at: datetime) -> None:
    """Log, then tick off, in the transaction of the handlers."""
    log.append(*(_entry(delivery, status, at) for delivery, status in rows))
    done = [delivery.pk for delivery, status in rows if status == OK]
    Delivery.objects.filter(pk__in=done).update(done_at=at, attempts=F("attempts") + 1, reason="")
    for delivery, status in rows:
        if status != OK:
            delivery.save(update_fields=["next_at", "attempts", "dead_at", "reason"])


# -- out, by a relay


@transaction.atomic
def claim(*, at: datetime, lease: timedelta, limit: int = BATCH) -> list[Delivery]:
    """What is due, for whoever relays it; nobody else takes it until the lease ends."""
    due = Delivery.objects.inside().due(at)
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True, of=("self",))
    rows = list(due[:limit])
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(next_at=at + lease)
    return rows


def release(rows: Sequence[Delivery], *, at: datetime) -> None:
    """Give claims back, but for what was delivered or tried meanwhile."""
    for row in rows:
        Delivery.objects.open().filter(pk=row.pk, attempts=row.attempts).update(next_at=at)


def deliver_these(wanted: Mapping[int, int], *, at: datetime) -> int:
    """Hand over deliveries that a relay brought: number and attempt. What was done or tried already is passed over."""
    if not wanted:
        return 0
    with transaction.atomic():
        rows = Delivery.objects.open().inside().filter(pk__in=wanted).select_related("fact")
        if connection.features.has_select_for_update:
            rows = rows.select_for_update(of=("self",))
        held = [row for row in rows.order_by("pk") if row.attempts == wanted[row.pk]]
        tried = [(row, _hand_over(row, at)) for row in held]
        if tried:
            _tick(tried, at)
    return len(held)


def _batch(at: datetime, limit: int) -> list[Delivery]:
    """Who holds the head, holds the order: where several workers run, each takes heads that no other holds."""
    inside = Delivery.objects.inside()
    due = inside.due(at).select_related("fact")
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True, of=("self",))
    return with_followers(list(due[:limit]), inside, limit)


def with_followers(heads: list[Delivery], among: Deliveries, limit: int) -> list[Delivery]:
    """Those at the head of their order, and those right behind them."""
    orders = {delivery.order for delivery in heads if delivery.ordering_key}
    behind = among.open().filter(
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
        with logs.request(delivery.fact.request or str(delivery.fact_id)), transaction.atomic():
            _call_listener(delivery)
            logger.debug("%s: heard", delivery)
    except Hopeless as why:
        delivery.dead_at, delivery.reason = at, str(why)
        return FORBIDDEN if isinstance(why, Unheard) else GONE
    except Exception as fault:
        logger.exception("%s failed", delivery)
        delivery.reason = logs.blotted(f"{type(fault).__name__}: {fault}")[:500]
        later(delivery, at)
        return FAILED
    return OK


class Unheard(Hopeless):
    """No grant lets this listener hear it."""


def _call_listener(delivery: Delivery) -> None:
    fact = delivery.fact
    listener = registry.listeners.get(fact.contract, {}).get(delivery.listener)
    if listener is None:
        raise Hopeless("no such listener in this house")
    if grants.to_hear(_subsystem(delivery), fact.contract) is None:
        raise Unheard("no grant to hear this")
    try:
        event = listener.event.model_validate(fact.body)
    except ValidationError as fault:
        raise Hopeless(f"does not fit the contract: {fault.error_count()} fault(s)") from fault
    listener.handler(event)


def later(delivery: Delivery, at: datetime, least: timedelta = timedelta()) -> None:
    """Try again; after three days it is a dead letter."""
    if at >= delivery.give_up_at:
        delivery.dead_at = at
        return
    delivery.next_at = at + max(pause(delivery.attempts), least)


def pause(failures: int, longest: timedelta = LONGEST_PAUSE) -> timedelta:
    """Twice as long each time, with jitter."""
    pause = min(timedelta(seconds=2.0 ** min(failures, 20)), longest)
    return pause * random.uniform(0.5, 1.5)  # noqa: S311 — only spreads the load


def _subsystem(delivery: Delivery) -> str:
    """A listener's id begins with its subsystem's code."""
    return delivery.listener.partition(".")[0]


def _entry(delivery: Delivery, status: int, at: datetime) -> log.Entry:
    view, fact = grants.snapshot(), delivery.fact
    right = view.to_hear(_subsystem(delivery), fact.contract)
    call = Call(
        keys=log.the_log().keys,
        at=at,
        method="EVENT",
        client=view.name(_subsystem(delivery)),
        service=view.service(fact.contract),
        question=orjson.dumps(fact.body),
        purpose=right.purpose if right else "",
        request=str(fact.pk),
        right=right,
    )
    return call.entry(status)


# -- by hand, and by the clock


def replay(deliveries: Sequence[int], *, at: datetime) -> int:
    """Send dead letters on their way again; how many were dead."""
    return (
        Delivery.objects.dead()
        .filter(pk__in=deliveries)
        .update(dead_at=None, next_at=at, attempts=0, give_up_at=at + GIVE_UP_AFTER)
    )


@every(3600, id=SWEEP, title=_("What is not kept any longer"))
def sweep() -> None:
    """Forget facts of last month that every listener has heard (the console does it by rule, provably)."""
    heard_before(timezone.now() - KEEP).delete()


def heard_before(moment: datetime) -> QuerySet[Fact]:
    """Old facts that every listener has heard. Dead letters stay, and the newest fact, so that no position
    is ever given twice."""
    newest = Fact.objects.aggregate(newest=Max("position"))["newest"] or 0
    unheard = Delivery.objects.filter(fact=OuterRef("pk"), done_at=None)
    return Fact.objects.filter(~Exists(unheard), stated_at__lt=moment, position__lt=newest)


@every(3600, id="exchange.give-up", title=_("Events that cannot be delivered"))
def give_up() -> int:
    """What waited too long for a receiver becomes a dead letter."""
    now = timezone.now()
    return webhooks.give_up(at=now) + set_right(at=now)


def set_right(*, at: datetime) -> int:
    """What a clock that ran ahead put off for longer than any pause lasts is due now; how many those were."""
    far = at + 2 * LONGEST_PAUSE
    Webhook.objects.filter(next_at__gt=far).update(next_at=None)
    late = Delivery.objects.open().filter(next_at__gt=far)
    return late.update(next_at=at, give_up_at=at + GIVE_UP_AFTER)
