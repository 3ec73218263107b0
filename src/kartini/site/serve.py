"""The supervisor: starts the house's processes, restarts one that dies, stops all in order."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from kartini.kit.processes import die_with_parent

FORGET_FAILURES_AFTER = 30.0
PATIENCE = 10.0


@dataclass
class Child:
    """One process of the house. ``wait`` doubles with each early death, up to half a minute."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    wait: float = 0.2
    due: float = field(default=0.0)

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 — our own commands
            self.command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(signal.SIGTERM),
        )
        self.started = time.monotonic()

    def signal(self, number: int) -> None:
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


def commands(ports: Mapping[str, int], *, outside: bool) -> list[Child]:
    """What to run, in the order in which it is stopped."""
    binary = [sys.executable, "-m"]
    granian = [
        *binary,
        "granian",
        "--host",
        os.environ.get("KARTINI_BIND", "127.0.0.1"),
        "--no-ws",
        "--workers",
        "1",
        "--log-level",
        "warning",
    ]
    web = [
        *granian,
        "--interface",
        "wsgi",
        "--blocking-threads",
        "4",
        "--port",
        str(ports["web"]),
        "kartini.site.wsgi:application",
    ]
    edge = [*binary, "kartini.exchange.edge"]
    children = [
        Child("web", web),
        Child("exchange", edge),
        Child("worker", [*binary, "kartini.site.cli", "worker"]),
    ]
    if outside:
        children.append(Child("outside", [*binary, "kartini_outside"]))
    return children


def supervise(children: Sequence[Child], *, say: Callable[[str], None]) -> int:
    """Run until SIGINT or SIGTERM. Every death and restart is said aloud."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    for child in children:
        child.start()
    while not stop.wait(0.1):
        for child in children:
            _look_after(child, say)
    say("stopping …")
    for child in children:
        child.signal(signal.SIGTERM)
    _wait_for(children)
    return 0


def _look_after(child: Child, say: Callable[[str], None]) -> None:
    now = time.monotonic()
    if child.process is None:
        if now >= child.due:
            say(f"{child.name} starts again")
            child.start()
        return
    if child.process.poll() is None:
        if now - child.started > FORGET_FAILURES_AFTER:
            child.wait = 0.2
        return
    say(f"{child.name} ended with code {child.process.returncode}; again in {child.wait:.1f} s")
    child.signal(signal.SIGKILL)
    child.process, child.due = None, now + child.wait
    child.wait = min(child.wait * 2, 30.0)


def _wait_for(children: Sequence[Child]) -> None:
    deadline = time.monotonic() + PATIENCE
    for child in children:
        if child.process is None:
            continue
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(max(0.1, deadline - time.monotonic()))
        child.signal(signal.SIGKILL)
