"""Nodes for journeys: each a whole Kartini with processes, database, log and keys of its own, on loopback."""

import contextlib
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

KARTINI = [sys.executable, "-m", "kartini.site.cli"]
ROOT = Path(__file__).parents[2]
FOREIGN = ("KARTINI_DATABASE_URL", "KARTINI_LOG_IN")
#: tests that run side by side begin with the same seed, and must not want the same ports
CHANCE = random.SystemRandom()


def free_ports(count: int) -> list[int]:
    """Below those that outgoing connections are given, lest one of them takes a port before its server comes up."""
    ports: list[int] = []
    with contextlib.ExitStack() as stack:
        while len(ports) < count:
            one = stack.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                one.bind(("127.0.0.1", CHANCE.randrange(10_000, 32_000)))
                ports.append(one.getsockname()[1])
    return ports


def until(question: Callable[[], Any], seconds: float = 30) -> Any:
    """Ask again until the answer is true; the answer."""
    deadline = time.monotonic() + seconds
    while not (found := question()):
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.1)
    return found


class Node:
    """Everything that differs between nodes is environment."""

    def __init__(self, folder: Path, systems: str, **more: str) -> None:
        web, edge, outside, mail, worker = free_ports(5)
        self.folder = folder
        self.web, self.edge = f"http://127.0.0.1:{web}", f"http://127.0.0.1:{edge}"
        self.log_file = folder.with_suffix(".stderr")
        kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        self.environment = kept | {
            "KARTINI_DATA_DIR": str(folder),
            "KARTINI_SYSTEMS": systems,
            "KARTINI_DEMO": "1",
            "KARTINI_STATIC_MANIFEST": "0",
            "KARTINI_LOG_LEVEL": "INFO",
            "KARTINI_WEB_PORT": str(web),
            "KARTINI_EXCHANGE_PORT": str(edge),
            "KARTINI_EXCHANGE_URL": self.edge,
            "KARTINI_WORKER_PORT": str(worker),
            "KARTINI_OUTSIDE_PORT": str(outside),
            "KARTINI_MAIL_PORT": str(mail),
            **more,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def kartini(self, *words: str, fails: bool = False) -> str:
        """A command on this node; what it said."""
        code, said = json.loads(self.hand.do(f"print(command({words!r}))"))
        assert fails == bool(code), said
        return str(said).strip()

    def python(self, code: str) -> str:
        """What a program of this node prints: always the same process, as a web process would be."""
        return self.hand.do(code)

    @cached_property
    def hand(self) -> "Hand":
        return Hand(self.environment)

    def prepare(self, like: "Node | None" = None) -> str:
        """Tables (the empty ones of another node may be copied) and a small demo."""
        self.folder.mkdir(mode=0o700)
        if like is not None:
            shutil.copy(like.folder / "kartini.sqlite3", self.folder)
        migrate = "from django.core.management import call_command as c; c('migrate', verbosity=0)"
        return self.python(f"{migrate}; from django.db import connection; connection.close()")

    def start(self) -> None:
        with self.log_file.open("ab") as file:
            self.process = subprocess.Popen(
                [*KARTINI, "serve"], env=self.environment, stdout=file, stderr=file
            )

    def is_up(self) -> bool:
        assert self.process is None or self.process.poll() is None, self.log_file.read_text()
        return self.answers(f"{self.edge}/ready") and self.answers(f"{self.web}/favicon.ico")

    def answers(self, url: str) -> bool:
        with contextlib.suppress(OSError):
            get(url)
            return True
        return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def leave(self) -> None:
        self.stop()
        self.hand.close()


class Hand:
    """A process of a node that does what it is told, line by line: as a shell, or a web worker."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.journeys.hand"], env=environment, cwd=ROOT,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def begin(self, code: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(code) + "\n")
        self.process.stdin.flush()

    def end(self) -> str:
        assert self.process.stdout
        answer = json.loads(self.process.stdout.readline() or '{"fault": "it died"}')
        assert "fault" not in answer, answer["fault"]
        return str(answer["said"]).strip()

    def do(self, code: str) -> str:
        self.begin(code)
        return self.end()

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(10)


def get(url: str, headers: Mapping[str, str] | None = None) -> str:
    request = urllib.request.Request(url, headers=dict(headers or {}))
    with urllib.request.urlopen(request, timeout=15) as answer:
        return str(answer.read().decode())


def get_json(url: str) -> Any:
    return json.loads(get(url))


@contextlib.contextmanager
def running(*nodes: Node) -> Iterator[None]:
    """Prepared side by side, started, and stopped whatever happens."""
    try:
        first, *others = nodes
        for node in nodes:
            node.hand.begin("")
        for node in nodes:
            node.hand.end()
        first.prepare()
        for node in others:
            node.prepare(first)
        for node in nodes:
            node.hand.begin("print(command(('demo',)))")
        for node in nodes:
            node.hand.end()
            node.start()
        for node in nodes:
            until(node.is_up, 90)
        yield
    finally:
        for node in nodes:
            node.leave()
