"""Bank Sampah: deposits per second against their own SQL sent raw, a phone's queue, and a passbook in growing books.

``KARTINI_BENCH_BOOKS=1000,1000000,5000000`` says how far the books grow (minutes; by itself to 100,000), and
``KARTINI_BENCH_SECONDS=900`` how long each database may take to be filled.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

NAME = "Bank Sampah: eight writers on distinct units"
ROOT = Path(__file__).resolve().parents[1]


def run() -> Iterator[str]:
    """One process per database, so that each has a house of its own."""
    with tempfile.TemporaryDirectory(prefix="kartini-bench-") as folder:
        yield from _in_house(folder, f"sqlite:///{folder}/bench.sqlite3")
        server = _PostgreSQL(Path(folder))
        if not server.start():
            yield "PostgreSQL: not on this machine (apt-get install postgresql)"
            return
        try:
            yield from _in_house(folder, server.url)
        finally:
            server.stop()


def _in_house(folder: str, url: str) -> Iterator[str]:
    environment = os.environ | {"KARTINI_DATA_DIR": folder, "KARTINI_DATABASE_URL": url}
    command = [sys.executable, "-m", "benchmarks._bank_sampah_house"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    yield from done.stdout.splitlines()
    if done.returncode:
        yield from done.stderr.splitlines()[-5:]


class _PostgreSQL:
    """A server of its own on loopback; the machine's programs, no state left behind."""

    def __init__(self, folder: Path) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="kartini-bench-pg-"))
        self.port = 20000 + os.getpid() % 20000
        self.url = f"postgres://kartini@127.0.0.1:{self.port}/postgres"

    def start(self) -> bool:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not found:
            return False
        self.bin = found[-1].parent
        if os.getuid() == 0:
            shutil.chown(self.home, "postgres")
        self._run("initdb", "-D", f"{self.home}/data", "-A", "trust", "-U", "kartini", "-E", "UTF8")
        options = f"-h 127.0.0.1 -p {self.port} -k {self.home} -c max_connections=60"
        self._run("pg_ctl", "-D", f"{self.home}/data", "-w", "-l", f"{self.home}/log", "-o", options, "start")  # fmt: skip
        return True

    def stop(self) -> None:
        self._run("pg_ctl", "-D", f"{self.home}/data", "-m", "immediate", "stop")
        shutil.rmtree(self.home, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        command = [*as_postgres, str(self.bin / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
