"""The example units of systemd, started as they stand: same environment, same commands, same way to stop."""

import os
import re
import shlex
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kartini.site.tests.test_production import EXAMPLES
from tests.journeys.nodes import FOREIGN, free_ports, get_json, until

pytestmark = pytest.mark.timeout(240)
KARTINI = f"{sys.executable} -m kartini.site.cli"


def said(unit: str, name: str) -> str:
    """The value of a setting of a unit, with what systemd itself would resolve."""
    (found,) = re.findall(rf"^{name}=(.+)$", (EXAMPLES / unit).read_text(), re.MULTILINE)
    return str(found).replace("%%", "%").replace("$$", "$")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """That of the example; only the places differ, and SQLite stands in for PostgreSQL."""
    lines = (EXAMPLES / "environment").read_text().splitlines()
    given = dict(
        shlex.split(line, comments=True)[0].split("=", 1)
        for line in lines
        if re.match(r"KARTINI_[A-Z_]+=", line)
    )
    del given["KARTINI_DATABASE_URL"]
    given["KARTINI_DATA_DIR"] = str(tmp_path / "data")
    names = ("KARTINI_WEB_PORT", "KARTINI_EXCHANGE_PORT", "KARTINI_WORKER_PORT")
    kept = {k: v for k, v in os.environ.items() if k not in FOREIGN and not k.startswith("KARTINI_")}  # fmt: skip
    return kept | given | dict(zip(names, map(str, free_ports(3)), strict=True))


def run(unit: str, name: str, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    command = said(unit, name).replace("/opt/kartini/.venv/bin/kartini", KARTINI)
    return subprocess.Popen(
        shlex.split(command), env=environment, umask=int(said("kartini.service", "UMask"), 8)
    )


@pytest.fixture
def service(environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    Path(environment["KARTINI_DATA_DIR"]).mkdir(mode=0o700)
    assert run("kartini.service", "ExecStartPre", environment).wait(120) == 0
    started = run("kartini.service", "ExecStart", environment)
    try:
        until(lambda: is_ready(started, environment), 90)
        yield started
    finally:
        if started.poll() is None:
            started.kill()


def is_ready(started: "subprocess.Popen[bytes]", environment: dict[str, str]) -> bool:
    assert started.poll() is None
    try:
        return all(get_json(f"{url}/ready")["ready"] for url in urls(environment))
    except (OSError, KeyError):
        return False


def urls(environment: dict[str, str]) -> list[str]:
    ports = (environment[f"KARTINI_{one}_PORT"] for one in ("WEB", "EXCHANGE", "WORKER"))
    return [f"http://127.0.0.1:{port}" for port in ports]


def keep_by_timer(environment: dict[str, str], folder: Path) -> set[str]:
    """What the backup's unit keeps of the running house."""
    command = said("kartini-backup.service", "ExecStart")
    assert "/var/backups/kartini/" in command
    command = command.replace("/opt/kartini/.venv/bin/kartini", KARTINI)
    words = shlex.split(command.replace("/var/backups/kartini", str(folder)))
    secret = environment | {"KARTINI_BACKUP_PASSPHRASE": "gelombang laut"}
    assert subprocess.run(words, env=secret, check=False).returncode == 0
    (kept,) = folder.glob("kartini-20??-??-??-????.tar")
    with tarfile.open(kept) as tar:
        return {*tar.getnames()}


def test_the_service_starts_is_kept_and_stops_in_the_time_that_the_unit_gives(
    service: "subprocess.Popen[bytes]", environment: dict[str, str], tmp_path: Path
) -> None:
    (backups := tmp_path / "backups").mkdir()
    kept = keep_by_timer(environment, backups)
    assert {"kartini.sqlite3", "log.sqlite3", "manifest.json"} <= kept
    folder = Path(environment["KARTINI_DATA_DIR"])
    assert all(file.stat().st_mode & 0o077 == 0 for file in folder.rglob("*.sqlite3"))
    service.terminate()  # KillMode=mixed: the supervisor alone is told
    assert service.wait(int(said("kartini.service", "TimeoutStopSec"))) == 0
    for url in urls(environment):
        with pytest.raises(OSError, match=r"refused|reset"):
            get_json(f"{url}/live")
