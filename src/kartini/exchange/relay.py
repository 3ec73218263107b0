"""The optional relay: deliveries inside the house go to whichever worker is free, over NATS JetStream.

It is a relay and never the record. The row in the outbox stays open until the listener's transaction ticks it
off by the delivery's id, so that a message that comes twice is applied once. What travels is the number of a
delivery, no fact and no person. Who has a message in hand keeps its place: only the head of an order is sent.

    sender     claim what is due for a while, publish, keep the claim until it is acknowledged
    receiver   take messages, hand over, tick, acknowledge

When no server answers for a few seconds, workers deliver directly, as without a relay.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any, Protocol, TypeVar

import nats
import nats.errors
from django.conf import settings
from django.db import connection
from django.utils import timezone
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, StreamConfig

from kartini.exchange import outbox, wake
from kartini.exchange.models import Delivery

STREAM, DURABLE = "KARTINI_DELIVERIES", "kartini-workers"
LEASE = timedelta(seconds=60)
DUPLICATE_SECONDS = 120.0
ACK_SECONDS = 30.0
BATCH = 100
PUBLISH_SECONDS = 2.0
GRACE_SECONDS = 5.0
logger = logging.getLogger(__name__)
Found = TypeVar("Found")


class Part(Protocol):
    """The part of the worker that does this."""

    stop: Any

    def goes_on(self) -> bool: ...


class Relay:
    """One for each worker. Database work is done by two threads of its own, one for each direction."""

    def __init__(self, servers: Sequence[str], part: Part) -> None:
        self.servers, self.part = [*servers], part
        self.subject = f"kartini.{settings.INSTANCE}.delivery"
        self._sends, self._receives = (ThreadPoolExecutor(1) for _ in range(2))
        self._bell: wake.Bell | None = None
        self._silent_since: float | None = None

    def run(self) -> None:
        try:
            asyncio.run(self._run())
        finally:
            for hands in (self._sends, self._receives):
                hands.submit(_close)
                hands.shutdown()

    async def _run(self) -> None:
        line = await self._connect()
        try:
            await asyncio.gather(self._send(line), self._receive(line))
        finally:
            with suppress(Exception):
                await asyncio.wait_for(line.close(), 2)
            if self._bell is not None:
                await self._by(self._sends, self._bell.close)

    async def _connect(self) -> Client:
        """Comes back at once; the connection is made and made again behind it."""
        line = Client()
        await line.connect(
            self.servers,
            allow_reconnect=True,
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            ping_interval=5,
            connect_timeout=2,
            error_cb=_told,
        )
        return line

    # -- sending

    async def _send(self, line: Client) -> None:
        while self.part.goes_on():
            rows = await self._by(self._sends, self._claim_or_wait)
            failed = await self._publish(line, rows) if rows else []
            if not failed:
                self._silent_since = None if rows else self._silent_since
                continue
            await self._by(self._sends, partial(_release, failed))
            self._silent_since = self._silent_since or time.monotonic()
            if time.monotonic() - self._silent_since > GRACE_SECONDS:
                logger.warning("the relay is silent: delivering directly")
                await self._by(self._sends, lambda: outbox.deliver(at=timezone.now()))
            await asyncio.sleep(0.3)

    def _claim_or_wait(self) -> list[Delivery]:
        self._bell = self._bell or wake.bell(outbox.CHANNEL)
        outbox.give_positions()
        rows = outbox.claim(at=timezone.now(), lease=LEASE, limit=BATCH)
        if not rows:
            self._bell.wait(self.part.stop)
        return rows

    async def _publish(self, line: Client, rows: list[Delivery]) -> list[Delivery]:
        """Those that no majority of servers has acknowledged."""
        lane = line.jetstream(timeout=PUBLISH_SECONDS)
        told = await asyncio.gather(*(self._publish_one(lane, row) for row in rows))
        return [row for row, good in zip(rows, told, strict=True) if not good]

    async def _publish_one(self, lane: JetStreamContext, row: Delivery) -> bool:
        """Under the delivery's id, so that a second try within two minutes is the same message."""
        said = {"delivery": row.pk, "attempt": row.attempts, "fact": str(row.fact_id)}
        number = f"{row.pk}.{row.attempts}" if row.attempts else str(row.pk)
        try:
            await lane.publish(
                self.subject,
                json.dumps(said).encode(),
                timeout=PUBLISH_SECONDS,
                headers={"Nats-Msg-Id": number},
            )
        except Exception as fault:  # noqa: BLE001 — whatever it is, the claim comes back and is tried again
            logger.info("delivery %s was not relayed: %s", row.pk, type(fault).__name__)
            return False
        return True

    # -- receiving

    async def _receive(self, line: Client) -> None:
        while self.part.goes_on():
            try:
                await self._take(line)
            except Exception as fault:  # noqa: BLE001 — a server went away: another answers in a moment
                logger.info("the relay: %s", type(fault).__name__)
                await asyncio.sleep(0.3)

    async def _take(self, line: Client) -> None:
        lane = line.jetstream(timeout=PUBLISH_SECONDS)
        await self._furnish(lane)
        incoming = await lane.pull_subscribe(self.subject, DURABLE, STREAM)
        try:
            while self.part.goes_on():
                try:
                    messages = await incoming.fetch(BATCH, timeout=1)
                except TimeoutError:
                    continue
                await self._by(self._receives, partial(_hand_over, [m.data for m in messages]))
                await asyncio.gather(*(message.ack() for message in messages))
        finally:
            with suppress(Exception):
                await incoming.unsubscribe()

    async def _furnish(self, lane: JetStreamContext) -> None:
        """The stream and its consumer, unless they stand."""
        await lane.add_stream(
            StreamConfig(
                name=STREAM,
                subjects=[self.subject],
                num_replicas=3 if len(self.servers) >= 3 else 1,
                duplicate_window=DUPLICATE_SECONDS,
                max_age=3 * 24 * 3600.0,
            )
        )
        await lane.add_consumer(
            STREAM,
            ConsumerConfig(
                durable_name=DURABLE,
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=ACK_SECONDS,
                max_ack_pending=2000,
            ),
        )

    async def _by(self, hands: ThreadPoolExecutor, work: Callable[[], Found]) -> Found:
        return await asyncio.get_running_loop().run_in_executor(hands, work)


def _close() -> None:
    """The connection of this thread."""
    connection.close()


def _release(rows: list[Delivery]) -> None:
    """They are due again; whoever is free takes them."""
    outbox.release(rows, at=timezone.now())


def _hand_over(bodies: list[bytes]) -> None:
    wanted: dict[int, int] = {}
    for body in bodies:
        try:
            said = json.loads(body)
            wanted[int(said["delivery"])] = int(said["attempt"])
        except (ValueError, KeyError, TypeError):
            logger.warning("the relay brought something that is none of ours")
    outbox.deliver_these(wanted, at=timezone.now())


async def _told(fault: Exception) -> None:
    logger.info("the relay: %s", type(fault).__name__)


def servers() -> list[str]:
    """Those of KARTINI_RELAY; none: no relay."""
    return [one.strip() for one in settings.RELAY if one.strip()]


def work(part: Part) -> None:
    """Begin anew when the connection cannot be made; meanwhile deliver directly."""
    while part.goes_on():
        try:
            Relay(servers(), part).run()
        except (nats.errors.Error, OSError, TimeoutError) as fault:
            logger.warning("no relay answers (%s): delivering directly", type(fault).__name__)
            outbox.give_positions()
            while outbox.deliver(at=timezone.now()):
                pass
            part.stop.wait(1.0)
