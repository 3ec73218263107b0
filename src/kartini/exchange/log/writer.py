"""One thread per process writes the log: what arrives while a commit is under way goes with the next.

So many callers share one sync to disk without any timer, and nobody is answered before it is done.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from kartini.exchange import metrics
from kartini.exchange.log.store import Entry, Store

MOST = 512
PATIENCE = 15.0
LATELY = 5.0
FULL = ("disk is full", "No space left", "disk full")
logger = logging.getLogger(__name__)
Settle = Callable[[BaseException | None], object]


class NotDurable(Exception):
    """The log could not be written. What was to be answered must not leave."""


class Work(NamedTuple):
    """Messages that are written together; ``settle(None)`` is called when they are on disk, ``settle(fault)``
    when they are not."""

    entries: Sequence[Entry]
    settle: Settle


class Writer:
    """``submit`` is for event loops, ``append`` for threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: SimpleQueue[Work | None] = SimpleQueue()
        self._failed: tuple[float, str] = (-LATELY, "")
        self._begun: float | None = None
        self._thread = threading.Thread(target=self._run, name="message log", daemon=True)
        self._thread.start()

    def submit(self, entries: Sequence[Entry], settle: Settle) -> None:
        self._queue.put(Work(entries, settle))

    def append(self, entries: Sequence[Entry]) -> None:
        """Return when all are on disk."""
        wait = Wait()
        self.submit(entries, wait.settle)
        wait()

    def trouble(self) -> str:
        """Why the log could not be written just now; empty when it could, or when nobody tried for some seconds."""
        now, begun = time.monotonic(), self._begun
        if begun is not None and now - begun > LATELY:
            return f"no answer from the disk for {now - begun:.0f} seconds"
        failed, why = self._failed
        return why if now - failed < LATELY else ""

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        connection: Any = None
        going = True
        while going:
            batch = [self._queue.get()]
            fault: BaseException | None = None
            self._begun = time.monotonic()
            try:
                with getattr(self._store, "turn", nullcontext)():
                    self._drain(batch)
                    connection = connection or self._store.connect()
                    self._write(connection, batch)
            except Exception as error:
                logger.exception("the message log cannot be written")
                fault, connection = error, None
            self._note(batch, fault)
            going = None not in batch
            self._tell(batch, fault)

    def _write(self, connection: Any, batch: Sequence[Work | None]) -> None:
        entries = [entry for work in batch if work is not None for entry in work.entries]
        if entries:
            self._store.insert(connection, entries)

    def _note(self, batch: Sequence[Work | None], fault: BaseException | None) -> None:
        self._begun = None
        if fault is None:
            self._failed = (-LATELY, "")
            return
        is_full = any(words in str(fault) for words in FULL)
        self._failed = (time.monotonic(), "the disk is full" if is_full else type(fault).__name__)
        metrics.not_written.inc(sum(len(work.entries) for work in batch if work is not None))

    def _tell(self, batch: Sequence[Work | None], fault: BaseException | None) -> None:
        """One who is gone meanwhile (a loop that was closed) takes nothing from the others."""
        for work in batch:
            try:
                if work is not None:
                    work.settle(fault)
            except Exception:
                logger.exception("who waited for the message log is gone")

    def _drain(self, batch: list[Work | None]) -> None:
        while len(batch) < MOST:
            try:
                batch.append(self._queue.get_nowait())
            except Empty:
                return


class Wait:
    """A caller that waits for its message: cheaper than an event, as it happens once."""

    __slots__ = ("_done", "_fault")

    def __init__(self) -> None:
        self._fault: BaseException | None = None
        self._done = threading.Lock()
        self._done.acquire()

    def settle(self, fault: BaseException | None) -> None:
        self._fault = fault
        self._done.release()

    def __call__(self) -> None:
        if not self._done.acquire(timeout=PATIENCE):
            raise NotDurable("no answer from the disk")
        if self._fault is not None:
            raise NotDurable(str(self._fault)) from self._fault
