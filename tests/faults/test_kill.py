"""Whatever is killed when: every answered call is in the log, no fact is lost, none is applied twice.

Each round kills one of web, edge, worker and supervisor by ``kill -9`` at a random moment under load, and waits
until the house answers again by itself (a killed supervisor is started again, as systemd would).
KARTINI_FAULT_ROUNDS (50) and KARTINI_FAULT_SEED (printed) make a run shorter, or the same once more. A round takes
3 to 8 seconds, so that 50 take 3 to 7 minutes on each database.
"""

import base64
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from tests.journeys.nodes import free_ports

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3600)]
ROUNDS = int(os.environ.get("KARTINI_FAULT_ROUNDS", "50"))
SEED = int(os.environ.get("KARTINI_FAULT_SEED") or random.SystemRandom().randrange(10**6))
ROOT = Path(__file__).parents[2]
VICTIMS = ("web", "exchange", "worker", "supervisor")
R1 = "/r1/JPR/GOV/diskominfo/pengumuman/pengumuman.latest.v1"
CLIENT = "JPR/GOV/dinkes/faults-outside"
PATIENCE = 90.0
Process = tuple[int, str]
Deed = Callable[[http.client.HTTPConnection, str, int], None]


def processes(pids: Iterable[int | str]) -> set[Process]:
    """Those that are alive, told apart from later ones of the same number by when they began."""
    found = set()
    for pid in pids:
        with suppress(OSError):
            words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            if words[0] != "Z":
                found.add((int(pid), words[19]))
    return found


def below(pid: int) -> set[Process]:
    """Every process that this one started, and those that they started."""
    children = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            children += task.read_text().split()
    return processes(children).union(*(below(int(child)) for child in children))


class House:
    """A data folder (and a database) of its own, and a supervisor with its processes."""

    def __init__(self, folder: Path, database: str) -> None:
        self.web, self.edge, worker = free_ports(3)
        foreign = ("KARTINI_DATABASE_URL", "KARTINI_LOG_IN")
        kept = {name: value for name, value in os.environ.items() if name not in foreign}
        self.errors = folder / "stderr"
        self.former: set[Process] = set()
        self.environment = kept | {
            "DJANGO_SETTINGS_MODULE": "kartini.site.settings",
            "KARTINI_DATA_DIR": str(folder / "data"),
            "KARTINI_LOG_LEVEL": "CRITICAL",
            "KARTINI_SYSTEMS": "pengumuman",
            "KARTINI_WEB_PORT": str(self.web),
            "KARTINI_EXCHANGE_PORT": str(self.edge),
            "KARTINI_WORKER_PORT": str(worker),
            **({"KARTINI_DATABASE_URL": database} if database else {}),
        }
        (folder / "data").mkdir()
        self.credential = self.run("-m", "tests.faults.house", "prepare")

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.faults.house", "serve"]
        with self.errors.open("ab") as file:
            self.supervisor = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=file, stderr=file
            )

    def stop(self) -> None:
        self.supervisor.terminate()
        assert self.supervisor.wait(30) == 0

    def children(self) -> dict[str, int]:
        """The process of each name, as the supervisor started it."""
        pid, found = self.supervisor.pid, {}
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            with suppress(OSError):
                words = Path(f"/proc/{child}/cmdline").read_text()
                for name, sign in (("web", "granian"), ("exchange", ".edge"), ("worker", "work\0")):
                    if sign in words:
                        found[name] = int(child)
        return found

    def kill(self, victim: str) -> None:
        """By kill -9. Nobody is there to be killed twice: then the round kills nobody and is not counted."""
        if victim == "supervisor":
            self.former |= below(self.supervisor.pid)
            self.supervisor.kill()
            self.supervisor.wait()
            self.start()
            return
        deadline = time.monotonic() + PATIENCE
        while victim not in (found := self.children()):
            assert time.monotonic() < deadline, f"{victim} does not come back"
            time.sleep(0.02)
        self.former |= below(found[victim]) | processes([found[victim]])
        os.kill(found[victim], signal.SIGKILL)

    def run(self, *words: str, fails: bool = False) -> str:
        done = subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=self.environment,
            capture_output=True, text=True,
        )  # fmt: skip
        assert fails or done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def python(self, code: str) -> list[str]:
        return self.run("-c", f"import tests.faults.house\n{code}").splitlines()


class Load:
    """Threads that ask and state without a pause; each keeps what it was promised by an answer of 200."""

    def __init__(self, house: House) -> None:
        self.house, self.stopping = house, threading.Event()
        self.asked, self.steps, self.calls = set[str](), set[str](), set[str]()
        self.tries = Counter[str]()
        works: list[tuple[Deed, str]] = [(self.call, "")] * 2
        works += [(self.step, f"walk{n}") for n in range(2)]
        works += [(self.ask, "asker")]
        self.threads = [
            threading.Thread(target=self._work, args=work, daemon=True) for work in works
        ]
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join(30)

    @property
    def progress(self) -> tuple[int, int]:
        return len(self.steps), len(self.calls)

    def _work(self, deed: Deed, name: str) -> None:
        number, line = 0, None
        while not self.stopping.is_set():
            number += 1
            self.tries[deed.__name__] += 1
            try:
                if line is None:
                    port = self.house.edge if deed == self.call else self.house.web
                    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                deed(line, name, number)
            except (OSError, http.client.HTTPException, Refused):
                if line is not None:
                    line.close()
                line = None
                time.sleep(0.05)

    def step(self, line: http.client.HTTPConnection, walk: str, number: int) -> None:
        say(line, "GET", f"/faults/step/{walk}/{number}")
        self.steps.add(f"{walk} {number}")

    def ask(self, line: http.client.HTTPConnection, name: str, number: int) -> None:
        say(line, "GET", f"/faults/ask/{name}-{number:08}/{number}")
        self.asked.add(f"{name}-{number:08}")

    def call(self, line: http.client.HTTPConnection, _name: str, _number: int) -> None:
        headers = {
            "X-Road-Client": CLIENT,
            "X-Kartini-Purpose": "public-information",
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self._token(line)}",
        }
        try:
            told = say(line, "POST", R1, '{"limit": 1}', headers)
        except Refused as no:
            if no.status == 401:
                self._bearer = ""
            raise
        self.calls.add(told["x-road-request-id"])

    _bearer = ""

    def _token(self, line: http.client.HTTPConnection) -> str:
        if not self._bearer:
            basic = base64.b64encode(self.house.credential.encode()).decode()
            form = "grant_type=client_credentials"
            kind = "application/x-www-form-urlencoded"
            headers = {"Authorization": f"Basic {basic}", "Content-Type": kind}
            told = say(line, "POST", "/oauth2/token", form, headers)
            self._bearer = str(json.loads(told["body"])["access_token"])
        return self._bearer


class Refused(Exception):
    """An answer that promises nothing."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def say(
    line: http.client.HTTPConnection,
    method: str,
    path: str,
    body: str = "",
    headers: dict[str, str] | None = None,
) -> dict[str, str]:
    line.request(method, path, body or None, headers or {})
    answer = line.getresponse()
    content = answer.read().decode()
    if answer.status != 200:
        raise Refused(answer.status)
    return {"body": content, **{k.lower(): v for k, v in answer.getheaders()}}


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    with (
        tempfile.TemporaryDirectory(prefix="kartini-faults-") as folder,
        database(request.param) as url,
    ):
        house = House(Path(folder), url)
        house.start()
        yield house
        if house.supervisor.poll() is None:
            house.stop()


@contextmanager
def database(kind: str) -> Iterator[str]:
    """A database of its own on the server of the run; on SQLite a file in the folder."""
    if kind == "sqlite":
        yield ""
        return
    server = os.environ.get("KARTINI_DATABASE_URL", "")
    if not server.startswith("postgres"):
        pytest.skip("set KARTINI_DATABASE_URL to kill a house on PostgreSQL too")
    name = f"faults_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as line:
        line.execute(f"CREATE DATABASE {name}")
        yield server.rpartition("/")[0] + f"/{name}"
        line.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_whatever_is_killed_when(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    luck, begun = random.Random(SEED), time.monotonic()
    victims = [VICTIMS[n % len(VICTIMS)] for n in range(ROUNDS)]
    luck.shuffle(victims)
    load = Load(house)
    until_it_answers(load, (0, 0))
    for victim in victims:
        time.sleep(luck.uniform(0.1, 1.5))
        house.kill(victim)
        until_it_answers(load, load.progress)
    load.stop()
    until_nothing_is_open(house)
    until_nobody_of_before_is_left(house)
    house.stop()
    with capsys.disabled():
        sys.stdout.write(
            f"\n{ROUNDS} rounds, seed {SEED}, {time.monotonic() - begun:.0f} s: {Counter(victims)}; "
            f"answered {len(load.calls)} calls at the edge, {len(load.asked)} questions, "
            f"{len(load.steps)} facts of {load.tries.total()} tries\n"
        )
    assert_every_answer_is_in_the_log(house, load)
    assert_no_fact_is_lost_or_applied_twice(house, load)
    assert_log_is_whole(house)


def until_it_answers(load: Load, since: tuple[int, int]) -> None:
    """Facts at the web process and calls at the edge go on."""
    deadline = time.monotonic() + PATIENCE
    while any(now <= then for now, then in zip(load.progress, since, strict=True)):
        assert time.monotonic() < deadline, load.house.errors.read_text()[-4000:]
        time.sleep(0.05)


def until_nobody_of_before_is_left(house: House) -> None:
    """A web process that outlived its supervisor would go on to answer, with old code."""
    deadline = time.monotonic() + 30
    while left := house.former & processes(pid for pid, _begun in house.former):
        assert time.monotonic() < deadline, f"still alive: {left}"
        time.sleep(0.1)


def until_nothing_is_open(house: House) -> None:
    code = "from kartini.exchange.models import Delivery as D; print(D.objects.open().count())"
    deadline = time.monotonic() + 240
    while house.python(code) != ["0"]:
        assert time.monotonic() < deadline, "deliveries stay open"
        time.sleep(1)


def assert_every_answer_is_in_the_log(house: House, load: Load) -> None:
    code = "from kartini.exchange import log; "
    code += "[print(m.method, m.id, m.request) for _i, m in log.search(limit=10**7, failed=False)]"
    logged = [line.split(" ") for line in house.python(code)]
    assert not load.calls - {id_ for method, id_, _request in logged if method == "POST"}
    questions = Counter(request for method, _id, request in logged if method == "ASK")
    assert not load.asked - {*questions}
    assert max(questions.values()) == 1


def assert_no_fact_is_lost_or_applied_twice(house: House, load: Load) -> None:
    code = "from django.db import connection as c; x = c.cursor(); "
    code += "x.execute('SELECT walk, number FROM heard ORDER BY place'); [print(*row) for row in x]"
    heard = house.python(code)
    assert len(heard) == len({*heard})
    assert not load.steps - {*heard}
    code = "from kartini.exchange.models import Fact; print(Fact.objects.count())"
    assert house.python(code) == [str(len(heard))]
    last = Counter[str]()
    for walk, number in map(str.split, heard):
        assert last[walk] < int(number), "out of order"
        last[walk] = int(number)


def assert_log_is_whole(house: House) -> None:
    """After a last seal."""
    code = "from kartini.exchange import log; from django.utils import timezone as t; "
    house.python(code + "s = log.the_log().sealer\nwhile s.seal(t.now()): pass")
    assert "The log is whole" in house.run("-m", "kartini.site.cli", "verify-log", fails=True)
