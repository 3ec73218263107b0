"""The supervisor: starts the house's processes, restarts one that dies, stops all in order."""

import atexit
import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from kartini.kit.processes import WEB_THREADS, die_with_parent

FORGET_FAILURES_AFTER = 30.0
PATIENCE = 10.0
#: granian's worker loses a SIGTERM that comes while it starts; its master ends it after so many seconds
LOST = "8"
BIND = os.environ.get("KARTINI_BIND", "127.0.0.1")


@dataclass
class Child:
    """One process of the house. ``wait`` doubles with each early death, up to half a minute."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    door: socket.socket | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    wait: float = 0.2
    due: float = field(default=0.0)

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 — our own commands
            self.command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=[self.door.fileno()] if self.door else [],
            env=os.environ | self.environment,
            preexec_fn=lambda: die_with_parent(signal.SIGTERM),
        )
        self.started = time.monotonic()

    def signal(self, number: int) -> None:
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


def commands(ports: Mapping[str, int], *, edges: int, outside: bool) -> list[Child]:
    """What to run, in the order in which it is stopped. The door of the exchange is open from now on."""
    binary = [sys.executable, "-m"]
    granian = [
        *binary,
        "granian",
        "--host",
        BIND,
        "--no-ws",
        "--workers",
        "1",
        "--log-level",
        "error",
    ]
    web = [
        *granian,
        "--interface",
        "wsgi",
        "--blocking-threads",
        str(WEB_THREADS),
        "--workers-kill-timeout",
        LOST,
        "--port",
        str(ports["web"]),
        "kartini.site.wsgi:application",
    ]
    children = [Child("web", web), *exchange(ports["exchange"], edges)]
    children.append(Child("worker", [*binary, "kartini.site.cli", "worker"]))
    if outside:
        children.append(Child("outside", [*binary, "kartini_outside"]))
    return children


def exchange(port: int, many: int) -> list[Child]:
    """Several behind one open socket: it stays open while one of them dies and comes back. They count together."""
    door, figures = _open(port), tempfile.mkdtemp(prefix="kartini-figures-")
    atexit.register(shutil.rmtree, figures, ignore_errors=True)
    shared = {
        "KARTINI_EXCHANGE_DOOR": str(door.fileno()),
        "PROMETHEUS_MULTIPROC_DIR": figures,
    }
    command = [sys.executable, "-m", "kartini.exchange.edge"]
    return [
        Child(f"exchange-{number}" if number > 1 else "exchange", command, shared, door)
        for number in range(1, many + 1)
    ]


def _open(port: int) -> socket.socket:
    """Waits a while for the edge of a supervisor that was killed to leave."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_server((BIND, port), backlog=1024)
        except OSError as fault:
            if fault.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


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
