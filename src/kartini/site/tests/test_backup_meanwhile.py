"""What happens to a house while it is kept: archives of the log appear, rules erase, sheets are swept."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kartini.site.backup import House, backup, databases, restore
from kartini.site.tests.test_backup import AT, _elsewhere, _make


@pytest.fixture
def home(tmp_path: Path) -> House:
    return _make(tmp_path / "var")


def shelve(home: House, name: str) -> Path:
    """An archive of the log: whole and at rest, but not as a copy of its pages would be."""
    file = home.folder / "archives" / name
    file.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(file)) as line, line:
        line.execute("CREATE TABLE t (x INTEGER)")
        line.executemany("INSERT INTO t VALUES (?)", [(number,) for number in range(3000)])
        line.commit()
        line.execute("DELETE FROM t WHERE x % 3 = 0")
    return file


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_an_archive_of_the_log_comes_back_byte_for_byte(home: House, tmp_path: Path) -> None:
    """The log speaks of it by its digest."""
    known = digest(shelve(home, "log-0.sqlite3"))
    backup(home, tmp_path / "b.tar", at=AT)
    new = _elsewhere(tmp_path)
    restore(new, tmp_path / "b.tar", at=AT)
    assert digest(new.folder / "archives/log-0.sqlite3") == known


def test_what_moves_into_an_archive_meanwhile_is_in_the_backup(
    home: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = databases.snapshot

    def snapshot(source: Path, target: Path) -> None:
        if source.name == "log.sqlite3":
            shelve(home, "log-1.sqlite3")
        real(source, target)

    monkeypatch.setattr(databases, "snapshot", snapshot)
    backup(home, tmp_path / "b.tar", at=AT)
    new = _elsewhere(tmp_path)
    restore(new, tmp_path / "b.tar", at=AT)
    assert (new.folder / "archives/log-1.sqlite3").exists()


def test_what_a_rule_erases_meanwhile_spoils_no_backup(
    home: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = home.folder / "bodies/a.v1/2026-11-24/id"
    body.parent.mkdir(parents=True)
    body.write_bytes(b"sealed")
    (home.folder / "edge").mkdir()
    (home.folder / "edge/signatures-1").write_bytes(b"x" * 16)
    real: Any = databases.kind

    def kind(path: Path) -> str:
        found: str = real(path)
        if path == body:
            body.unlink()
        return found

    monkeypatch.setattr(databases, "kind", kind)
    backup(home, tmp_path / "b.tar", at=AT)
    new = _elsewhere(tmp_path)
    restore(new, tmp_path / "b.tar", at=AT)
    assert (new.folder / "checkpoints/latest").exists()
    assert not (new.folder / "bodies").exists()
    assert not (new.folder / "edge").exists()
