import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from kartini.exchange import log
from kartini.exchange.log.postgres import PostgresStore
from kartini.exchange.log.sqlite import SqliteStore
from kartini.site.backup import House, archive, backup, databases, house, restore

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SQLITE = {"ENGINE": "django.db.backends.sqlite3"}
Contents = dict[str, bytes | list[int]]


def _make(folder: Path) -> House:
    """A small house: a database in use, a log, a checkpoint, keys, papers, and things that pass."""
    for name, text in {
        "keys/sealing.json": b"secret",
        "checkpoints/latest": b"root",
        "files/papers/a.pdf": b"%PDF" + b"x" * 5000,
        "cache/page": b"cached",
        "static/kit.css": b"css",
        "files/.draft": b"half",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text)
    (folder / "keys/sealing.json").chmod(0o600)
    for name in ("kartini.sqlite3", "log.sqlite3"):
        with closing(sqlite3.connect(folder / name)) as connection, connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("CREATE TABLE t (x INTEGER)")
            connection.execute("INSERT INTO t VALUES (1), (2)")
            connection.create_function("only_django_has_it", 1, lambda x: x > 0)
            connection.execute("CREATE TABLE c (x INTEGER CHECK (only_django_has_it(x)))")
            connection.execute("INSERT INTO c VALUES (1)")
    return House(folder, {**SQLITE, "NAME": str(folder / "kartini.sqlite3")}, "JPR")


def _contents(folder: Path) -> Contents:
    """What counts: the rows of each database, the bytes of each other file."""
    found: Contents = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or name.startswith(".before") or name.endswith(("-wal", "-shm")):
            continue
        if path.suffix == ".sqlite3":
            with closing(sqlite3.connect(path)) as connection:
                found[name] = [row[0] for row in connection.execute("SELECT x FROM t ORDER BY x")]
        else:
            found[name] = path.read_bytes()
    return found


@pytest.fixture
def home(tmp_path: Path) -> House:
    return _make(tmp_path / "var")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept.tar"


def _elsewhere(tmp_path: Path) -> House:
    folder = tmp_path / "new"
    return House(folder, {**SQLITE, "NAME": str(folder / "kartini.sqlite3")}, "JPR")


@pytest.mark.parametrize("passphrase", ["", "gelombang laut"])
def test_what_was_kept_comes_back(home: House, file: Path, tmp_path: Path, passphrase: str) -> None:
    backup(home, file, at=AT, passphrase=passphrase)
    new = _elsewhere(tmp_path)
    manifest = restore(new, file, at=AT, passphrase=passphrase)

    left_out = {"cache/page", "static/kit.css", "files/.draft"}
    wanted = {k: v for k, v in _contents(home.folder).items() if k not in left_out}
    assert _contents(new.folder) == wanted
    assert manifest.facts["made_at"] == "2026-11-24T10:00:00+00:00"
    assert (new.folder / "keys/sealing.json").stat().st_mode & 0o777 == 0o600
    assert file.stat().st_mode & 0o777 == 0o600
    assert (new.folder / "files/papers").stat().st_mode & 0o777 == 0o700
    assert (new.folder / "files").stat().st_mode & 0o777 == 0o700


def test_a_database_that_is_written_to_meanwhile_is_kept_whole(
    home: House, file: Path, tmp_path: Path
) -> None:
    stop = threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(home.folder / "kartini.sqlite3", timeout=10)) as connection:
            while not stop.is_set():
                with connection:  # always two rows together
                    connection.execute("INSERT INTO t VALUES (3), (3)")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        backup(home, file, at=AT)
    finally:
        stop.set()
        writer.join()
    new = _elsewhere(tmp_path)
    restore(new, file, at=AT)

    rows = _contents(new.folder)["kartini.sqlite3"]
    assert len(rows) % 2 == 0
    assert rows[:2] == [1, 2]


def test_checkpoints_are_taken_before_the_log_and_papers_after_the_rows(
    home: House, file: Path
) -> None:
    backup(home, file, at=AT)

    with tarfile.open(file) as tar:
        names = tar.getnames()
    wanted = ["checkpoints/latest", "kartini.sqlite3", "log.sqlite3", "files/papers/a.pdf"]
    assert [name for name in names if name in wanted] == wanted
    assert names[-1] == "manifest.json"


def test_a_passphrase_hides_the_keys_and_finds_a_forgery(
    home: House, file: Path, tmp_path: Path
) -> None:
    backup(home, file, at=AT, passphrase="gelombang laut")

    assert b"secret" not in file.read_bytes()
    with pytest.raises(archive.PassphraseNeeded):
        restore(_elsewhere(tmp_path), file, at=AT)
    with pytest.raises(archive.PassphraseWrong):
        restore(_elsewhere(tmp_path), file, at=AT, passphrase="gelombang")
    file.write_bytes(file.read_bytes().replace(b"JPR", b"KDS"))
    with pytest.raises(archive.PassphraseWrong):
        restore(_elsewhere(tmp_path), file, at=AT, passphrase="gelombang laut")
    assert not any((tmp_path / "new").glob("*"))


def test_a_damaged_archive_restores_the_same_or_nothing(
    home: House, file: Path, tmp_path: Path
) -> None:
    backup(home, file, at=AT)
    whole = file.read_bytes()
    new = _elsewhere(tmp_path)
    restore(new, file, at=AT)
    good = _contents(new.folder)

    for place in range(7, len(whole), len(whole) // 24):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        with suppress(archive.ArchiveDamaged):
            restore(new, file, at=AT, force=True)
        assert _contents(new.folder) == good
    for length in range(0, len(whole) - 20_000, len(whole) // 8):
        file.write_bytes(whole[:length])
        with pytest.raises(archive.ArchiveDamaged):
            restore(new, file, at=AT, force=True)
    assert _contents(new.folder) == good


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "a/../../evil"])
def test_an_archive_cannot_write_outside_the_house(file: Path, tmp_path: Path, name: str) -> None:
    entry = {"name": name, "size": 1, "mode": 0o600, "encrypted": False,
             "sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}  # fmt: skip
    manifest = {"form": 1, "salt": "", "database": "sqlite", "files": [entry]}
    manifest["signature"] = archive._signature(manifest, None)
    with tarfile.open(file, "w") as tar:
        for member, text in ((name, b"x"), ("manifest.json", json.dumps(manifest).encode())):
            head = tarfile.TarInfo(member)
            head.size = len(text)
            tar.addfile(head, io.BytesIO(text))

    with pytest.raises(archive.ArchiveDamaged):
        restore(_elsewhere(tmp_path), file, at=AT)
    assert not (tmp_path / "evil").exists()


def test_nothing_is_replaced_unasked(home: House, file: Path, tmp_path: Path) -> None:
    backup(home, file, at=AT)
    with pytest.raises(house.AlreadyThere):
        backup(home, file, at=AT)
    with pytest.raises(house.InsideTheData):
        backup(home, home.folder / "kept.tar", at=AT)
    with pytest.raises(house.NotEmpty):
        restore(home, file, at=AT)
    other = House(tmp_path / "new", {"ENGINE": "django.db.backends.postgresql", "NAME": "x"})
    with pytest.raises(house.OtherDatabase):
        restore(other, file, at=AT)


def test_with_force_the_old_house_is_kept_aside(home: House, file: Path) -> None:
    backup(home, file, at=AT)
    (home.folder / "files/papers/b.pdf").write_bytes(b"later")
    restore(home, file, at=AT, force=True)

    assert not (home.folder / "files/papers/b.pdf").exists()
    [aside] = home.folder.glob(".before-20261124T100000-*")
    assert (aside / "files/papers/b.pdf").read_bytes() == b"later"


def test_a_damaged_database_is_found_when_it_is_kept(home: House, file: Path) -> None:
    path = home.folder / "log.sqlite3"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE INDEX i ON t (x)")
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute("UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'i'")

    with pytest.raises((databases.DatabaseDamaged, sqlite3.DatabaseError)):
        backup(home, file, at=AT)
    assert [p.name for p in file.parent.iterdir()] == ["var"]


def _killed(home: House, file: Path, verb: str, victim: str) -> None:
    """Run a verb in a process that kills itself (-9) when it comes to ``victim``."""
    code = f"""
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from kartini.exchange import log
from kartini.exchange.log.sqlite import SqliteStore
from kartini.site.backup import House, archive, backup, house, restore
def die(*a, **k):
    os.kill(os.getpid(), signal.SIGKILL)
{victim}
home = House(Path({str(home.folder)!r}), {dict(home.database)!r}, "JPR")
{verb}(home, Path({str(file)!r}), at=datetime(2026, 11, 24, tzinfo=UTC), {"overwrite" if verb == "backup" else "force"}=True)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "kartini.site.settings"},
    )
    assert done.returncode == -signal.SIGKILL


def test_a_backup_killed_in_the_middle_leaves_the_last_good_one(
    home: House, file: Path, tmp_path: Path
) -> None:
    backup(home, file, at=AT)
    before = file.read_bytes()
    _killed(home, file, "backup", "archive.Writer.finish = die")

    assert file.read_bytes() == before
    restore(_elsewhere(tmp_path), file, at=AT)


@pytest.mark.parametrize(
    "victim",
    [
        "archive.os.fdopen = die",  # while unpacking
        "house._move_in = die",  # before the old house is touched
        "house.shutil.rmtree = lambda p, **k: die() if p.name == 'cache' else None",  # between
    ],
)
def test_a_restore_killed_in_the_middle_is_ended_by_a_second_one(
    home: House, file: Path, victim: str
) -> None:
    backup(home, file, at=AT)
    _killed(home, file, "restore", victim)
    restore(home, file, at=AT, force=True)

    left_out = {"cache/page", "static/kit.css", "files/.draft"}
    assert not left_out & set(_contents(home.folder))
    assert _contents(home.folder)["kartini.sqlite3"] == [1, 2]
    assert not (home.folder / ".restoring").exists()


@pytest.fixture
def two_databases(db: None) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """Two fresh PostgreSQL databases; skipped where the tests run on SQLite."""
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL only: make test runs this once more on it")
    server = {k: str(v) for k, v in connection.settings_dict.items() if isinstance(v, str | int)}
    names = [f"kartini_kept_{os.getpid()}_{i}" for i in range(2)]
    with psycopg.connect(**databases._where({**server, "NAME": "postgres"}), autocommit=True) as pg:
        for name in names:
            pg.execute(f"CREATE DATABASE {name}")
        yield {**server, "NAME": names[0]}, {**server, "NAME": names[1]}
        for name in names:
            pg.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_house_on_postgresql_comes_back_with_all_its_schemas(
    two_databases: tuple[dict[str, str], dict[str, str]], file: Path, tmp_path: Path
) -> None:
    old, new = two_databases
    with psycopg.connect(**databases._where(old)) as pg:
        pg.execute("CREATE SCHEMA message_log CREATE TABLE message (x integer)")
        pg.execute("INSERT INTO message_log.message VALUES (1), (2)")
    (tmp_path / "var/keys").mkdir(parents=True)
    (tmp_path / "var/keys/log-1.key").write_text("secret")

    backup(House(tmp_path / "var", old), file, at=AT)
    for force in (False, True):
        restore(House(tmp_path / "new", new), file, at=AT, force=force)
    with pytest.raises(house.NotEmpty):
        restore(House(tmp_path / "third", new), file, at=AT)

    with psycopg.connect(**databases._where(new)) as pg:
        assert pg.execute("SELECT sum(x) FROM message_log.message").fetchall() == [(3,)]
    assert (tmp_path / "new/keys/log-1.key").read_text() == "secret"


def test_a_machine_without_pg_dump_is_told_what_is_missing(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda _tool: None)
    (tmp_path / "var").mkdir()

    with pytest.raises(databases.ToolMissing):
        backup(House(tmp_path / "var", {"ENGINE": "django.db.backends.postgresql"}), file, at=AT)
    assert not file.exists()


def _with_a_log(folder: Path, database: dict[str, str] | None = None) -> House:
    """A house with three sealed messages in its log, beside SQLite or in PostgreSQL."""
    kept = database or {**SQLITE, "NAME": str(folder / "kartini.sqlite3")}
    store = PostgresStore(databases._where(kept)) if database else SqliteStore(folder / "log.sqlite3")  # fmt: skip
    written = log.Log(store, folder=folder, origin="kartini/JPR/log")
    for number in range(3):
        said = log.message(at=AT, method="ASK", client="joss", service=f"s{number}", status=200)
        written.append(log.Entry(said, []))
    assert written.sealer.seal(AT) == 3
    written.close()
    return House(folder, kept, "JPR")


def _restored(file: Path, folder: Path, url: str = "") -> "subprocess.CompletedProcess[str]":
    """What the command says that sets a house up again."""
    ours = {"KARTINI_DATABASE_URL", "KARTINI_LOG_IN"}
    new = {k: v for k, v in os.environ.items() if k not in ours}
    new |= {"KARTINI_WEB_PORT": "1", "KARTINI_EXCHANGE_PORT": "1"}
    new |= {"KARTINI_DATA_DIR": str(folder), **({"KARTINI_DATABASE_URL": url} if url else {})}
    return subprocess.run(
        [sys.executable, "-m", "kartini.site.cli", "restore", file],
        env=new, capture_output=True, text=True, check=False,
    )  # fmt: skip


def _is_proved(done: "subprocess.CompletedProcess[str]", *, tampered: bool) -> None:
    assert done.returncode == int(tampered), done.stderr
    assert ("The log is whole: 3 messages" in done.stdout) is not tampered
    assert ("position 1 was changed" in done.stdout) is tampered


@pytest.mark.parametrize("tampered", [False, True])
def test_the_restored_log_is_proved_whole(tmp_path: Path, file: Path, tampered: bool) -> None:
    home = _with_a_log(tmp_path / "var")
    if tampered:
        with closing(sqlite3.connect(home.folder / "log.sqlite3")) as connection, connection:
            connection.execute("UPDATE message SET status = 403 WHERE tree_index = 1")
    backup(home, file, at=AT)
    _is_proved(_restored(file, tmp_path / "new"), tampered=tampered)


@pytest.mark.parametrize("tampered", [False, True])
def test_a_log_restored_on_postgresql_is_proved_whole(
    two_databases: tuple[dict[str, str], dict[str, str]], tmp_path: Path, file: Path, tampered: bool
) -> None:
    old, new = two_databases
    home = _with_a_log(tmp_path / "var", old)
    if tampered:
        with psycopg.connect(**databases._where(old)) as pg:
            pg.execute("UPDATE message_log.message SET status = 403 WHERE tree_index = 1")
    backup(home, file, at=AT)
    password = f":{new['PASSWORD']}" if new.get("PASSWORD") else ""
    url = f"postgres://{new['USER']}{password}@{new['HOST']}:{new['PORT']}/{new['NAME']}"
    _is_proved(_restored(file, tmp_path / "new", url), tampered=tampered)
