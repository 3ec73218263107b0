"""Whatever is killed when: every answered question is in the log, no fact is lost, none is applied twice."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
ROUNDS = int(os.environ.get("KARTINI_FAULT_ROUNDS", "10"))
ROOT = Path(__file__).parents[2]


class House:
    """A data folder (and a database) of its own, and processes that die in it."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "kartini.site.settings",
            "KARTINI_DATA_DIR": str(folder),
            "KARTINI_LOG_IN": "database",
            "KARTINI_LOG_LEVEL": "CRITICAL",
            "KARTINI_SYSTEMS": "console",
            **({"KARTINI_DATABASE_URL": database} if database else {}),
        }

    def start(self, *role: str) -> "subprocess.Popen[bytes]":
        """Returns when it has begun. What it prints goes to a file, as a killed pipe would lose lines."""
        out = self.folder / f"{'-'.join(role)}.out"
        command = [sys.executable, "-m", "tests.faults.house", *role]
        with out.open("ab") as file:
            before = file.tell()
            process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=file)
        while out.stat().st_size == before and process.poll() is None:
            time.sleep(0.01)
        return process

    def promises(self, pattern: str) -> list[str]:
        """Whole lines only: the last one of a killed process may be torn."""
        files = [path.read_text() for path in self.folder.glob(f"{pattern}.out")]
        lines = [line for text in files for line in text.split("\n")[:-1]]
        return [line for line in lines if line != "ready"]

    def ask_database(self, code: str) -> list[str]:
        begin = f"import django; django.setup(); {code}"
        done = subprocess.run(
            [sys.executable, "-c", begin],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.splitlines()

    def kartini(self, *words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "kartini.site.cli", *words]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True)


@pytest.fixture
def house() -> Iterator[House]:
    with tempfile.TemporaryDirectory(prefix="kartini-faults-") as folder, database() as url:
        house = House(Path(folder), url)
        assert house.start("prepare").wait() == 0
        yield house


@contextmanager
def database() -> Iterator[str]:
    """A database of its own where the run has PostgreSQL; else SQLite in the folder."""
    server = os.environ.get("KARTINI_DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield ""
        return
    name = f"faults_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as line:
        line.execute(f"CREATE DATABASE {name}")
        yield server.rpartition("/")[0] + f"/{name}"
        line.execute(f"DROP DATABASE {name} WITH (FORCE)")


def kill(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_no_fact_is_lost_and_none_is_applied_twice(house: House) -> None:
    for round_ in range(ROUNDS):
        telling, working = house.start("publish", f"walk{round_}"), house.start("work")
        time.sleep(random.uniform(0.3, 3))
        for process in random.sample([telling, working], 2):
            kill(process)
            time.sleep(random.uniform(0, 0.3))
    working = house.start("work")
    try:
        wait_until_nothing_is_open(house)
    finally:
        working.terminate()
        assert working.wait(20) == 0
    code = "from django.db import connection as c; x = c.cursor(); "
    code += "x.execute('SELECT walk, number FROM heard'); [print(*row) for row in x.fetchall()]"
    heard = Counter(house.ask_database(code))
    stated = house.promises("publish-*")
    assert len(stated) > 10 * ROUNDS
    assert not {fact: times for fact, times in heard.items() if times > 1}
    assert not {*stated} - {*heard}
    assert_in_order(house)
    assert_log_is_whole(house)


def wait_until_nothing_is_open(house: House) -> None:
    code = "from kartini.exchange.models import Delivery as D; print(D.objects.open().count())"
    deadline = time.monotonic() + 240
    while house.ask_database(code) != ["0"]:
        assert time.monotonic() < deadline, "deliveries stay open"
        time.sleep(1)


def assert_in_order(house: House) -> None:
    """Rows of one walk were written in the order in which its steps were stated."""
    code = "from kartini.exchange import log; "
    code += "from kartini.exchange.models import Fact; "
    code += "[print(f.body['walk'], f.body['number']) for f in Fact.objects.order_by('deliveries__done_at', 'deliveries__pk')]"
    last: Counter[str] = Counter()
    for line in house.ask_database(code):
        walk, number = line.split()
        assert int(number) > last[walk]
        last[walk] = int(number)


def assert_log_is_whole(house: House) -> None:
    """After a last seal."""
    code = "from kartini.exchange import log; from django.utils import timezone as t; "
    code += "s = log.the_log().sealer\nwhile s.seal(t.now()): pass"
    house.ask_database(code)
    verdict = house.kartini("verify-log")
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


def test_every_answered_question_is_in_the_log(house: House) -> None:
    working = house.start("work")
    for round_ in range(ROUNDS):
        asking = house.start("ask", f"asker{round_:02}")
        time.sleep(random.uniform(0.3, 3))
        kill(asking)
        if round_ % 3 == 2:
            kill(working)
            working = house.start("work")
    kill(working)
    answered = house.promises("ask-*")
    assert len(answered) > 10 * ROUNDS
    code = "from kartini.exchange import log; "
    code += "[print(m.request, m.status) for _i, m in log.search(method='ASK', limit=10**7)]"
    logged = Counter(house.ask_database(code))
    assert not {f"{request} 200" for request in answered} - {*logged}
    assert max(logged.values()) == 1
    assert_log_is_whole(house)


def test_sigterm_ends_the_worker_cleanly(house: House) -> None:
    working = house.start("work")
    time.sleep(random.uniform(0.5, 2))
    working.terminate()
    assert working.wait(10) == 0
