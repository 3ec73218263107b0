"""What the edge knows: grants and credentials (at most a second old), keys, the log, and who it may ask."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from django.conf import settings
from django.utils import timezone

from kartini.exchange import log
from kartini.exchange.breaker import Breaker
from kartini.exchange.edge.shared import Nonces, Rates
from kartini.exchange.signatures import key_id
from kartini.exchange.snapshot import FRESH_SECONDS, Snapshot, read
from kartini.exchange.upstream import Answer, Upstream
from kartini.kit.processes import HOPS

GLANCE_SECONDS = 0.2
Found = TypeVar("Found")
Waiting = tuple[Sequence[log.Entry], "asyncio.Future[None]"]
logger = logging.getLogger(__name__)


class Watch:
    """Knows the newest position. It looks only while somebody asks, and not more often for many than for one."""

    def __init__(self) -> None:
        self._newest, self.read_at = 0, 0.0
        self._looking = asyncio.Lock()
        self.waiting: dict[str, int] = {}

    async def newest(self) -> int:
        async with self._looking:
            if time.monotonic() - self.read_at >= GLANCE_SECONDS:
                found = await asyncio.to_thread(rows, "SELECT MAX(position) FROM exchange_fact")
                self._newest, self.read_at = int(found[0][0] or 0), time.monotonic()
            return self._newest


class State:
    """One for each edge process. Those of one house share ``folder``."""

    def __init__(self, read_now: Callable[[], Snapshot], folder: Path) -> None:
        self._read_now = read_now
        self.view = read_now()
        self.log = log.the_log()
        self.keys = self.log.keys
        self.voice = self.keys.voice
        self.keyid = key_id(bytes(self.voice.verify_key))
        self.nonces, self.rates = Nonces(folder, int(time.time())), Rates(folder)
        self.breaker, self.upstream = Breaker(), Upstream()
        self.base_url = settings.EXCHANGE_URL.rstrip("/")
        self.web_url = f"http://127.0.0.1:{settings.WEB_PORT}"
        self.web_headers = _as_the_proxy_would()
        self.watch = Watch()
        self._waiting: list[Waiting] = []
        self._writing = False
        self._looking = asyncio.Lock()
        self._hops = asyncio.Semaphore(max(1, HOPS // settings.EXCHANGE_PROCESSES))

    async def surely(self, look: Callable[[Snapshot], Found | None]) -> Found | None:
        """What the view holds. A no is said only when the view is of this moment: another edge may know already
        what this one does not, and would have said yes."""
        found = look(self.view)
        if found is None:
            await self.look_again()
            found = look(self.view)
        return found

    async def look_again(self, since: float | None = None) -> None:
        """One reads for all who ask, so that strangers cannot keep the database busy. ``since``: the view must not be
        older than this."""
        async with self._looking:
            least = time.monotonic() - GLANCE_SECONDS if since is None else since
            if self.view.read_at > least:
                return
            try:
                self.view = await asyncio.to_thread(self._read_now)
            except Exception:
                logger.exception("grants cannot be read; those of a moment ago hold")

    async def keep_fresh(self) -> None:
        """Read again every second. When the database is away, go on with what is known, and say so."""
        while True:
            await asyncio.sleep(FRESH_SECONDS)
            try:
                self.view = await asyncio.to_thread(self._read_now)
                self.nonces.see(int(time.time()))
                await asyncio.to_thread(self.log.refusals.flush, timezone.localtime())
                self.voice = self.keys.voice
                self.keyid = key_id(bytes(self.voice.verify_key))
            except Exception:
                logger.exception("grants cannot be read; those of a moment ago hold")

    async def ask_web(
        self,
        deed: str,
        contract: str,
        body: bytes,
        id_: str,
        seconds: float,
    ) -> Answer:
        """Ask the web process of this house, few at once: who must wait for its turn waits within its time. Raises
        ``Failed`` or ``TimeoutError``."""
        until = self._loop.time() + seconds
        if self._hops.locked():
            async with asyncio.timeout_at(until):
                await self._hops.acquire()
        else:
            await self._hops.acquire()
        try:
            url, headers = f"{self.web_url}{deed}/{contract}", self.hop(contract, body, id_)
            left = until - self._loop.time()
            return await self.upstream.ask("POST", url, headers, body, seconds=left, twice=True)
        finally:
            self._hops.release()

    def hop(self, contract: str, body: bytes, id: str) -> dict[str, str]:  # noqa: A002
        """By what the web process knows that we ask."""
        now = str(int(time.time()))
        mac = self.keys.hop_mac(now.encode(), contract.encode(), body)
        return {
            **self.web_headers,
            "x-kartini-hop": f"{now}:{mac}",
            "x-request-id": id,
            "content-type": "application/json",
        }

    def write(self, *entries: log.Entry) -> "asyncio.Future[None]":
        """Done when they are on disk. What comes while a commit is under way goes together with the next, and
        what the loop finds at hand goes together, so that one commit serves many."""
        done: asyncio.Future[None] = self._loop.create_future()
        if not entries:
            done.set_result(None)
            return done
        self._waiting.append((entries, done))
        if not self._writing:
            self._writing = True
            self._loop.call_soon(self._gather, 0)
        return done

    def _gather(self, before: int) -> None:
        """Once round the loop as long as that brings more: whoever is about to be answered comes along."""
        if before < len(self._waiting) < log.MOST:
            self._loop.call_soon(self._gather, len(self._waiting))
        else:
            self._hand_over()

    def _hand_over(self) -> None:
        batch, self._waiting = self._waiting, []
        every = [entry for entries, _done in batch for entry in entries]
        if self.log.here.write(every):
            self._settled(batch, None)
            return
        if self.log.here.may_soon():
            self._waiting = [*batch, *self._waiting]
            self._loop.call_soon(self._gather, len(self._waiting))
            return
        limit = self._loop.call_later(log.PATIENCE, self._give_up, batch)

        def settle(fault: BaseException | None) -> None:
            self._loop.call_soon_threadsafe(self._settled, batch, fault, limit)

        self.log.submit(every, settle)

    def _give_up(self, batch: list[Waiting]) -> None:
        """The disk says neither yes nor no: nobody waits for ever, nor do those who came meanwhile."""
        late, self._waiting = [*batch, *self._waiting], []
        _tell(late, TimeoutError("no answer from the disk"))

    def _settled(
        self,
        batch: list[Waiting],
        fault: BaseException | None,
        limit: asyncio.TimerHandle | None = None,
    ) -> None:
        if limit is not None:
            limit.cancel()
        _tell(batch, fault)
        if self._waiting:
            self._gather(0)
        else:
            self._writing = False

    @cached_property
    def _loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()


def _tell(batch: list[Waiting], fault: BaseException | None) -> None:
    for _entries, done in batch:
        if done.done():
            continue
        if fault is None:
            done.set_result(None)
        else:
            done.set_exception(log.NotDurable(str(fault)))


def _as_the_proxy_would() -> dict[str, str]:
    """The web process answers only to its own names, and in production only to https."""
    name = next(iter(settings.ALLOWED_HOSTS), "localhost").lstrip(".")
    proto = {"x-forwarded-proto": "https"} if settings.SECURE_HTTPS else {}
    return {"host": "localhost" if name == "*" else name, **proto}


def of_this_house() -> State:
    return State(from_database, settings.DATA_DIR / "edge")


def from_database() -> Snapshot:
    """By a connection of its own each time: it is read once a second."""
    return read(rows, instance=settings.INSTANCE, now=timezone.localtime())


def rows(sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Read with SQL that both databases know (values stand at ``?``)."""
    database = settings.DATABASES["default"]
    if "postgresql" in database["ENGINE"]:
        with psycopg.connect(**log.address(database), autocommit=True) as line:
            return line.execute(sql.replace("?", "%s"), values).fetchall()
    with closing(sqlite3.connect(f"file:{database['NAME']}?mode=ro", uri=True, timeout=10)) as line:
        return line.execute(sql, values).fetchall()
