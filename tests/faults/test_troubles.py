"""A night in operations: the disk is full, the database is gone. What was answered stays; the house says what it lacks
and goes on by itself."""

import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.test_kill import (
    House,
    Load,
    assert_every_answer_is_in_the_log,
    assert_log_is_whole,
    assert_no_fact_is_lost_or_applied_twice,
    until_it_answers,
    until_nothing_is_open,
)
from tests.journeys.nodes import free_ports, until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
AS_POSTGRES = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
FULL = "disk is full"


class Server:
    """A PostgreSQL of its own that may be stopped; all that it holds lies in ``folder``."""

    def __init__(self, folder: Path) -> None:
        (port,) = free_ports(1)
        self.data, self.log = folder / "data", folder / "log"
        self.options = (
            f"-h 127.0.0.1 -p {port} -k {folder} -c max_wal_size=64MB -c min_wal_size=32MB"
        )
        self.url = f"postgres://kartini@127.0.0.1:{port}/postgres"
        if AS_POSTGRES:
            shutil.chown(folder, "postgres")
        self._run("initdb", "-A", "trust", "-U", "kartini", "-E", "UTF8")

    def start(self) -> None:
        self._run("pg_ctl", "-w", "-l", str(self.log), "-o", self.options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-m", "immediate", "stop")

    def _run(self, program: str, *words: str) -> None:
        command = [*AS_POSTGRES, str(PROGRAMS[-1].with_name(program)), "-D", str(self.data), *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kartini-disk-", ignore_cleanup_errors=True) as name:
        options = f"size={megabytes}m,mode=0755"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", name], check=True)
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "-l", name], check=True)


def fill(disk: Path) -> Path:
    """Take all room that is left."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 65536):
                pass
        except OSError:
            return ballast
    raise AssertionError


def ready(house: House) -> dict[str, str]:
    """What each process lacks, in its own words."""
    ports = {
        "web": house.web,
        "edge": house.edge,
        "worker": house.environment["KARTINI_WORKER_PORT"],
    }
    return {name: _missing(f"http://127.0.0.1:{port}/ready") for name, port in ports.items()}


def _missing(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return "" if json.load(answer)["ready"] else "?"
    except urllib.error.HTTPError as refusal:
        said = json.load(refusal)
        return str(said.get("missing") or said["detail"])


def the_night(house: House, happens: Callable[[], None], words: dict[str, str], ends: Callable[[], None]) -> None:  # fmt: skip
    """Under load something happens, each process says so in these words, it ends, and all goes on by itself."""
    house.start()
    load = Load(house)
    try:
        until_it_answers(load, (0, 0))
        happens()
        until(lambda: all(words[name] in said for name, said in ready(house).items()), 60)
        ends()
        until_it_answers(load, load.progress)
        until(lambda: not any(ready(house).values()), 60)
        time.sleep(1)
    finally:
        load.stop()
    until_nothing_is_open(house)
    house.stop()
    assert_every_answer_is_in_the_log(house, load)
    assert_no_fact_is_lost_or_applied_twice(house, load)
    assert_log_is_whole(house)


@pytest.mark.skipif(os.getuid() != 0, reason="only root may mount a small disk")
def test_the_disk_of_the_data_folder_is_full_for_a_while() -> None:
    with small_disk(48) as disk:
        house = House(disk, "")
        ballast: list[Path] = []
        words = dict.fromkeys(("web", "edge", "worker"), FULL)
        the_night(house, lambda: ballast.append(fill(disk)), words, lambda: ballast[0].unlink())


@pytest.mark.skipif(os.getuid() != 0 or not PROGRAMS, reason="wants root and PostgreSQL")
def test_the_disk_of_postgresql_is_full_for_a_while(tmp_path: Path) -> None:
    with small_disk(200) as disk:
        server = Server(disk)
        server.start()
        house = House(tmp_path, server.url)
        ballast: list[Path] = []
        words = {"web": FULL, "edge": FULL, "worker": "No space left on device"}
        the_night(house, lambda: ballast.append(fill(disk)), words, lambda: ballast[0].unlink())
        server.stop()


@pytest.mark.skipif(not PROGRAMS, reason="wants PostgreSQL")
def test_postgresql_is_gone_for_a_while(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="kartini-pg-") as folder:
        server = Server(Path(folder))
        server.start()
        (tmp_path / "house").mkdir()
        house = House(tmp_path / "house", server.url)
        words = {"web": "database: ", "edge": "cannot be read", "worker": "Connection refused"}
        the_night(house, server.stop, words, server.start)
        server.stop()
