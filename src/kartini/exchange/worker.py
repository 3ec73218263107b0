"""The worker: deliveries, seals, work by the clock, background tasks. One process, one thread for each.

What a killed worker left half done is done again at its next start: a delivery was rolled back, a
task is taken back, a seal is written whole or not at all.
"""

import asyncio
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker as TaskWorker
from django_tasks_db.models import DBTaskResult

from kartini.exchange import clock, couriers, grants, heart, log, outbox, probes, relay, wake
from kartini.kit import logs

PATIENCE = 8.0
BEAT_SECONDS = 2.0
SEAL_SECONDS = 1.0
TICK_SECONDS = 0.5
TASK_SECONDS = 0.25
WORKER_ID = os.environ.get("KARTINI_WORKER_ID", "worker")
logger = logging.getLogger(__name__)


class Part:
    """A thread that does one kind of work; when it breaks, that is told and it begins anew."""

    def __init__(self, name: str, work: Callable[["Part"], None], stop: threading.Event) -> None:
        self.name, self.stop = name, stop
        self.seen_at: datetime | None = None
        self.fault = ""
        self._turns = 0
        self._work = work
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def goes_on(self) -> bool:
        """Asked at each turn of a part's loop: the sign of life, and whether to stop. After a stumble only a turn
        that was ended is a sign of life."""
        self._turns += 1
        if self._turns > 1:
            self.fault = ""
        if not self.fault:
            self.seen_at = timezone.now()
        return not self.stop.is_set()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self.stop.is_set():
            self._turns = 0
            try:
                self._work(self)
                self.fault = ""
            except Exception as error:
                logger.exception("%s stumbled", self.name)
                self.fault = logs.blotted(f"{type(error).__name__}: {error}")[:200]
                self.stop.wait(1.0)
            finally:
                connection.close()


def deliveries(part: Part) -> None:
    with closing(wake.bell(outbox.CHANNEL)) as bell:
        while part.goes_on():
            outbox.give_positions()
            if outbox.deliver(at=timezone.now()) == 0:
                bell.wait(part.stop)


def relays(part: Part) -> None:
    """In place of ``deliveries`` where a relay is configured."""
    relay.work(part)


def webhooks(part: Part) -> None:
    """While elected, tell the systems outside; stand again for election while another process is."""
    with log.the_log().store.elected("couriers") as mine:
        if mine:
            asyncio.run(couriers.work(part.goes_on))
        else:
            part.stop.wait(SEAL_SECONDS)


def seals(part: Part) -> None:
    """Seal while elected; stand again for election while another process is."""
    the_log = log.the_log()
    with the_log.store.elected() as mine:
        if mine:
            the_log.sealer.publish()
        while part.goes_on():
            if mine:
                the_log.sealer.seal(timezone.now())
            part.stop.wait(SEAL_SECONDS)
            if not mine:
                return


def clockwork(part: Part) -> None:
    while part.goes_on():
        clock.tick(timezone.now())
        part.stop.wait(TICK_SECONDS)


def tasks(part: Part) -> None:
    """Run background tasks one by one; first take back those that a killed worker of this name held."""
    for held in DBTaskResult.objects.running():
        if held.worker_ids[-1:] in ([], [WORKER_ID]):
            DBTaskResult.objects.filter(pk=held.pk).update(status="READY", started_at=None)
    while part.goes_on():
        if DBTaskResult.objects.ready().exists():
            _task_worker().run()
        else:
            part.stop.wait(TASK_SECONDS)


def _task_worker() -> TaskWorker:
    """Takes one task and returns."""
    return TaskWorker(
        queue_names=["*"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=1,
        worker_id=WORKER_ID,
        excluded_queue_names=[],
    )


PARTS = {
    "outbox": deliveries,
    "webhooks": webhooks,
    "sealer": seals,
    "clock": clockwork,
    "tasks": tasks,
}


def run() -> None:
    """Work until SIGTERM or SIGINT, then let each part finish what it holds."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    grants.declare(approve=settings.DEMO, at=timezone.now())
    work_of = {**PARTS, "outbox": relays} if relay.servers() else PARTS
    parts = [Part(name, work, stop) for name, work in work_of.items()]
    server = probes.serve(settings.WORKER_PORT, lambda: _idle(parts))
    while not stop.wait(BEAT_SECONDS):
        _beat(parts)
    if server is not None:
        server.shutdown()
    deadline = time.monotonic() + PATIENCE
    for part in parts:
        part.join(max(0.0, deadline - time.monotonic()))
    log.the_log().close()


def _idle(parts: list[Part]) -> str:
    """Which parts gave no sign of life for a while, and why; readiness is that all of them do."""
    limit = timezone.now() - heart.STALE_AFTER
    idle = [p for p in parts if p.seen_at is None or p.seen_at < limit]
    said = ", ".join(f"{p.name} ({p.fault})" if p.fault else p.name for p in idle)
    return said or probes.unwritten()


def _beat(parts: list[Part]) -> None:
    try:
        heart.beat({part.name: part.seen_at for part in parts if part.seen_at})
    except Exception:
        logger.exception("no heartbeat could be left")
        connection.close()


main = run
