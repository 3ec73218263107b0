"""Couriers carry facts to the systems outside: one for each receiver, so that a slow one delays only itself.

A receiver is asked first whether it wants our messages (the OPTIONS handshake of CloudEvents' webhooks).
Each try is a message in the log, on disk before the delivery is ticked off. A receiver may get a fact twice
(when we are killed in between), always under the same ``webhook-id``.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from kartini.exchange import cloudevents, grants, log, outbox, published, reach, webhooks
from kartini.exchange.call import Call
from kartini.exchange.models import Delivery, Webhook
from kartini.exchange.snapshot import FRESH_SECONDS, Right, Snapshot, owner
from kartini.exchange.upstream import Answer, Failed, Upstream

SECONDS = 15.0
MOST_ANSWER = 64 * 1024
BATCH, AT_ONCE = 60, 8
GLANCE_SECONDS = 0.2
PATIENCE = 5.0
LONGEST_REST = timedelta(hours=1)
FORBIDDEN, GONE, BAD_GATEWAY, TIMEOUT = 403, 410, 502, 504
NO_GRANT = gettext_noop("No grant to hear this.")
NOT_AGREED = gettext_noop("The receiver did not agree to the handshake (OPTIONS).")
TOO_SLOW = gettext_noop("The receiver did not answer in time.")
REDIRECTED = gettext_noop("The receiver points to another address; enter that address instead.")
NO_LONGER = gettext_noop("The receiver said that it wants nothing more (410).")
logger = logging.getLogger(__name__)


@dataclass
class Parcel:
    """One delivery, ready to be sent; then how it went."""

    delivery: Delivery
    right: Right | None
    body: bytes
    call: Call
    status: int = 0
    reason: str = ""
    least: timedelta = timedelta()

    @property
    def is_done(self) -> bool:
        return 200 <= self.status < 300 and not self.reason

    @property
    def holds_up(self) -> bool:
        """Whatever is behind it in its order must wait."""
        return not self.is_done and self.right is not None


@dataclass
class Round:
    """What one receiver gets now. What is granted is as old as the round: it goes on for a moment only."""

    webhook: Webhook
    secrets: list[bytes]
    chains: list[list[Parcel]]
    begun: float = field(default_factory=time.monotonic)

    @property
    def is_stale(self) -> bool:
        return time.monotonic() - self.begun > FRESH_SECONDS


class Refused(Exception):
    """The receiver did not agree; says why."""


# -- the loop of the worker


async def work(goes_on: Callable[[], bool]) -> None:
    """See four times a second who has something to get, until told to stop."""
    upstream = Upstream(most=MOST_ANSWER, resolve=reach.address)
    running: dict[int, asyncio.Task[None]] = {}
    with ThreadPoolExecutor(1, "couriers") as database:

        async def in_database(work: Callable[..., Any], *values: Any) -> Any:
            return await asyncio.get_running_loop().run_in_executor(database, work, *values)

        async def serve(receiver: int) -> None:
            while goes_on():
                round_ = await in_database(take, receiver, timezone.now())
                if round_ is None:
                    return
                await carry(round_, upstream)
                await in_database(settle, round_, timezone.now())

        try:
            while goes_on():
                for receiver in await in_database(receivers, timezone.now()):
                    if receiver not in running:
                        running[receiver] = asyncio.create_task(serve(receiver))
                await asyncio.sleep(GLANCE_SECONDS)
                _sweep(running)
            if running:
                await asyncio.wait(running.values(), timeout=PATIENCE)
        finally:
            for task in running.values():
                task.cancel()
            await in_database(_close)


def _close() -> None:
    connection.close()


def _sweep(running: dict[int, "asyncio.Task[None]"]) -> None:
    for receiver, task in [*running.items()]:
        if task.done():
            del running[receiver]
            if not task.cancelled() and task.exception():
                logger.error("the courier of %s stumbled", receiver, exc_info=task.exception())


# -- before: in the database's thread


def receivers(at: datetime) -> list[int]:
    """Whose deliveries are due, unless the receiver rests or is stopped."""
    found = _awake(at).filter(
        Q(deliveries__done_at=None, deliveries__dead_at=None, deliveries__next_at__lte=at),
    )
    return list(found.values_list("pk", flat=True).distinct())


def _awake(at: datetime) -> Any:
    return Webhook.objects.filter(Q(next_at=None) | Q(next_at__lte=at), paused_at=None)


def take(receiver: int, at: datetime) -> Round | None:
    """The next deliveries of this receiver, by their order."""
    webhook = _awake(at).filter(pk=receiver).select_related("subsystem").first()
    if webhook is None:
        return None
    among = Delivery.objects.filter(listener=webhook.listener, fact__position__isnull=False)
    limit = min(BATCH, webhook.per_minute or BATCH)
    heads = list(among.due(at).select_related("fact")[:limit])
    if not heads:
        return None
    chains: dict[Any, list[Parcel]] = defaultdict(list)
    held = set()
    view = grants.snapshot()
    for delivery in outbox.with_followers(heads, among, limit):
        if delivery.next_at > at:
            held.add(delivery.order)
        if delivery.order not in held:
            chains[delivery.order].append(_parcel(delivery, webhook, view, at))
    return Round(webhook, webhooks.secrets(webhook, at), [*chains.values()])


def _parcel(delivery: Delivery, webhook: Webhook, view: Snapshot, at: datetime) -> Parcel:
    fact = delivery.fact
    right = grants.to_hear(webhook.subsystem_id, fact.contract)
    data = fact.body
    if right is not None:
        data = right.let_through_raw(data, published.required_fields(fact.contract))
    event = cloudevents.envelope(
        id=fact.pk,
        source=view.name(owner(fact.contract)),
        contract=fact.contract,
        stated_at=fact.stated_at,
        ordering_key=fact.ordering_key,
        position=fact.position,
        data=data,
    )
    body = cloudevents.as_bytes(event) if right is not None else b""
    call = Call(
        keys=log.the_log().keys,
        at=at,
        method="EVENT",
        client=view.name(webhook.subsystem_id),
        service=view.service(fact.contract),
        question=body,
        purpose=right.purpose if right else "",
        request=str(fact.pk),
        right=right,
    )
    return Parcel(delivery, right, body, call)


# -- on the way: in the event loop


async def carry(round_: Round, upstream: Upstream) -> None:
    """Send all of it; each parcel that was tried knows afterwards how it went."""
    webhook = round_.webhook
    if webhook.agreed_at is None:
        try:
            webhook.per_minute = await shake_hands(webhook.url, upstream)
            webhook.agreed_at = timezone.now()
        except Refused as why:
            for chain in round_.chains:
                chain[0].status, chain[0].reason = BAD_GATEWAY, str(why)
            return
    lanes = asyncio.Semaphore(1 if webhook.per_minute else AT_ONCE)
    pace = 60 / webhook.per_minute if webhook.per_minute else 0.0

    async def walk(chain: list[Parcel]) -> None:
        async with lanes:
            for parcel in chain:
                if round_.is_stale:
                    return
                await _send(parcel, round_, upstream)
                if parcel.holds_up:
                    return
                await asyncio.sleep(pace)

    await asyncio.gather(*map(walk, round_.chains))


async def _send(parcel: Parcel, round_: Round, upstream: Upstream) -> None:
    if parcel.right is None:
        parcel.status, parcel.reason = FORBIDDEN, NO_GRANT
        return
    parcel.call.begun = time.perf_counter_ns()
    signed = cloudevents.signed(
        parcel.call.request, parcel.body, round_.secrets, now=int(time.time())
    )
    headers = {"content-type": cloudevents.CONTENT_TYPE, "user-agent": "kartini", **signed}
    try:
        answer = await upstream.ask(
            "POST", round_.webhook.url, headers, parcel.body, seconds=SECONDS, twice=True
        )
    except TimeoutError:
        parcel.status, parcel.reason = TIMEOUT, TOO_SLOW
    except Failed as why:
        parcel.status, parcel.reason = BAD_GATEWAY, str(why)
    else:
        parcel.reason = _reason(answer)
        parcel.status = BAD_GATEWAY if parcel.reason == REDIRECTED else answer.status
        parcel.least = _retry_after(answer)


async def shake_hands(url: str, upstream: Upstream) -> int | None:
    """CloudEvents' abuse protection: the receiver names us, and how many messages a minute it bears (None:
    any). Raises ``Refused``."""
    origin = urlsplit(settings.EXCHANGE_URL).hostname or ""
    headers = {"webhook-request-origin": origin, "user-agent": "kartini"}
    try:
        answer = await upstream.ask("OPTIONS", url, headers, b"", seconds=SECONDS, twice=True)
    except TimeoutError:
        raise Refused(TOO_SLOW) from None
    except Failed as why:
        raise Refused(str(why)) from None
    allowed = answer.said("webhook-allowed-origin")
    if not 200 <= answer.status < 300 or allowed.lower() not in {"*", origin.lower()}:
        raise Refused(NOT_AGREED)
    rate = answer.said("webhook-allowed-rate")
    return max(1, int(rate)) if rate.isascii() and rate.isdigit() and len(rate) < 9 else None


def _reason(answer: Answer) -> str:
    if 200 <= answer.status < 300:
        return ""
    if 300 <= answer.status < 400:
        return REDIRECTED
    return NO_LONGER if answer.status == GONE else f"HTTP {answer.status}"


def _retry_after(answer: Answer) -> timedelta:
    """Only as seconds; a receiver does not decide for longer than we would wait ourselves."""
    given = answer.said("retry-after")
    seconds = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0
    return min(timedelta(seconds=seconds), outbox.LONGEST_PAUSE)


# -- after: in the database's thread


def settle(round_: Round, at: datetime) -> None:
    """Write how it went: first the log, then the ticks."""
    tried = [parcel for chain in round_.chains for parcel in chain if parcel.status]
    log.append(*(parcel.call.entry(parcel.status) for parcel in tried))
    done = [parcel.delivery.pk for parcel in tried if parcel.is_done]
    with transaction.atomic():
        # what was given up meanwhile has arrived all the same
        Delivery.objects.filter(pk__in=done).update(
            done_at=at, dead_at=None, attempts=F("attempts") + 1, reason=""
        )
        for parcel in tried:
            if not parcel.is_done:
                _postpone(parcel, at)
        _remember(round_.webhook, tried, at)


def _postpone(parcel: Parcel, at: datetime) -> None:
    delivery = parcel.delivery
    delivery.attempts, delivery.reason = delivery.attempts + 1, parcel.reason
    if parcel.right is None:
        delivery.dead_at = at
    else:
        outbox.later(delivery, at, parcel.least)
    Delivery.objects.open().filter(pk=delivery.pk).update(
        attempts=delivery.attempts,
        reason=delivery.reason,
        next_at=delivery.next_at,
        dead_at=delivery.dead_at,
    )


def _remember(webhook: Webhook, tried: list[Parcel], at: datetime) -> None:
    """A receiver of which nothing succeeds rests, longer each time; one that is gone is stopped."""
    found = Webhook.objects.filter(pk=webhook.pk, url=webhook.url)
    found.update(agreed_at=webhook.agreed_at, per_minute=webhook.per_minute)
    sent = [parcel for parcel in tried if parcel.right is not None]
    if any(parcel.is_done for parcel in sent):
        found.update(failures=0, next_at=None, heard_at=at, reason="")
    elif sent:
        failures = webhook.failures + 1
        rest = outbox.pause(failures, LONGEST_REST)
        found.update(failures=failures, next_at=at + rest, reason=sent[0].reason)
    if any(parcel.status == GONE for parcel in sent):
        webhooks.pause(webhook=webhook, at=at, reason=NO_LONGER)


def ask_whether_it_agrees(*, webhook: Webhook, at: datetime) -> str:
    """The handshake by hand, for the console; empty when the receiver agrees, else why not. What waits for it
    then goes at once. Never inside a transaction."""

    async def ask() -> int | None:
        return await shake_hands(webhook.url, Upstream(most=MOST_ANSWER, resolve=reach.address))

    found = Webhook.objects.filter(pk=webhook.pk, url=webhook.url)
    try:
        rate = asyncio.run(ask())
    except Refused as why:
        found.update(agreed_at=None, reason=str(why))
        return str(why)
    with transaction.atomic():
        if found.filter(paused_at=None).update(
            agreed_at=at, per_minute=rate, reason="", failures=0, next_at=None
        ):
            Delivery.objects.open().filter(webhook=webhook).update(next_at=at)
        else:
            found.update(agreed_at=at, per_minute=rate)
    return ""
