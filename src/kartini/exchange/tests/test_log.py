"""The log: durable, provable, and mute about persons."""

import json
import os
import re
import sqlite3
import stat
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

import kartini_verify
from kartini.exchange import log as logs
from kartini.exchange.log import note
from kartini.exchange.log.keys import Keys
from kartini.exchange.log.leaf import COLUMNS, leaf
from kartini.exchange.log.merkle import hash_leaf
from kartini.exchange.log.postgres import PostgresStore
from kartini.exchange.log.sqlite import SqliteStore

NIK, OTHER = "3320116204959002", "3320110101909001"
MORNING = datetime(2026, 11, 24, 2, 14, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def postgres() -> dict[str, Any] | None:
    database = settings.DATABASES["default"]
    if "postgresql" not in database["ENGINE"]:
        return None
    names = {
        "dbname": "NAME",
        "user": "USER",
        "password": "PASSWORD",
        "host": "HOST",
        "port": "PORT",
    }
    return {name: database[key] for name, key in names.items() if database.get(key)}


@pytest.fixture(params=["sqlite", "postgres"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[logs.Log]:
    """A fresh log on each database that this run has."""
    where = postgres() if request.param == "postgres" else None
    if request.param == "postgres" and where is None:
        pytest.skip("this run has no PostgreSQL")
    store = PostgresStore(where, "log_test") if where else SqliteStore(tmp_path / "log.sqlite3")
    log = logs.Log(store, folder=tmp_path, origin="kartini/TEST/log")
    yield log
    log.close()
    if where:
        with psycopg.connect(**where, autocommit=True) as connection:
            connection.execute("DROP SCHEMA log_test CASCADE")


def entry(log: logs.Log, nik: str = NIK, **more: Any) -> logs.Entry:
    subjects = [log.keys.subject(nik)] if nik else []
    columns: dict[str, Any] = {
        "method": "ASK",
        "client": "JPR/GOV/dpmptsp/joss",
        "service": "JPR/GOV/disdukcapil/dukcapil/dukcapil.resident-by-nik.v1",
        "status": 200,
        "organisation": "dpmptsp",
        "purpose": "permit-identity",
        "basis": "UU 24/2013 Ps. 58",
        "grant_id": "7",
        "fields": "*",
        "request": "0193f0aa",
        "request_digest": log.keys.digest(b"question"),
        "response_digest": log.keys.digest(b"answer"),
        "request_bytes": 27,
        "response_bytes": 211,
        "microseconds": 840,
    }
    message = logs.message(at=MORNING, subjects=subjects, **{**columns, **more})
    return logs.Entry(message, subjects)


def verdict(log: logs.Log) -> kartini_verify.Report:
    with log.store.snapshot() as connection:
        stored = kartini_verify.Stored(
            log.store.whole(connection),
            log.store.tiles(on=connection),
            log.store.checkpoints(on=connection),
            log.store.orphans(connection),
        )
        outside = kartini_verify.kept_outside(log.outside)
        return kartini_verify.verify(stored, kartini_verify.public_keys(log.outside), outside)


def test_what_was_appended_is_found_by_the_person_whom_it_is_about(log: logs.Log) -> None:
    log.append(entry(log), entry(log, OTHER), entry(log, status=403))
    found = log.messages_about(NIK)
    assert {m.status for m in found} == {200, 403}
    newest = log.messages_about(NIK, limit=1)
    assert newest + log.messages_about(NIK, before=newest[0].id) == found


def test_the_log_is_searched_by_who_what_when_and_outcome(log: logs.Log) -> None:
    log.append(entry(log), entry(log, client="JPR/GOV/dinkes/simpus", status=502))
    assert [m.status for _i, m in log.search(failed=True)] == [502]
    assert [m.status for _i, m in log.search(client="JPR/GOV/dpmptsp/joss")] == [200]
    now = datetime.now(UTC)  # noqa: TID251 — ids bear the time at which they were made
    assert len(log.search(since=now - timedelta(minutes=1))) == 2
    assert not log.search(until=now - timedelta(minutes=1))
    with pytest.raises(TypeError):
        log.search(secret="1 = 1")


def test_traffic_is_counted_by_hour_and_the_slow_ones_are_seen(log: logs.Log) -> None:
    times = [*range(1000, 96_000, 1000), *[400_000] * 5]
    log.append(*(entry(log, microseconds=time) for time in times))
    log.append(entry(log, status=403), entry(log, method="EVENT", microseconds=9_000_000))
    counted = log.traffic(LONG_AGO)
    assert {(t.hour, t.method, t.status, t.calls) for t in counted} == {
        ("2026-11-24T02", "ASK", 200, 100),
        ("2026-11-24T02", "ASK", 403, 1),
        ("2026-11-24T02", "EVENT", 200, 1),
    }
    service = counted[0].service
    assert log.slowness(LONG_AGO) == {"": 95.0, service: 95.0}


def test_no_identity_number_lies_in_the_log_or_beside_it(log: logs.Log, tmp_path: Path) -> None:
    log.append(entry(log))
    log.sealer.seal(MORNING)
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or NIK.encode() not in file.read_bytes()


def test_a_sealed_message_has_a_proof_that_leads_to_the_signed_root(log: logs.Log) -> None:
    for _ in range(3):
        log.append(*(entry(log) for _ in range(100)))
        assert log.sealer.seal(MORNING) == 100
    id_ = log.search(limit=1)[0][1].id
    proof = log.proof(id_)
    assert proof
    assert proof.position is not None
    assert proof.leads_to_root
    assert note.holds(proof.checkpoint, log.keys.signing.verify_key)
    assert kartini_verify.extends(
        100,
        300,
        log.consistency(100, 300),
        *(note.parse(n).root for _s, n in log.store.checkpoints()[::2]),
    )


def test_a_proof_can_be_carried_away_and_checked_alone(
    log: logs.Log, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.append(entry(log), entry(log))
    log.sealer.seal(MORNING)
    proof = log.proof(log.search(limit=1)[0][1].id)
    assert proof
    file, words = tmp_path / "proof.json", json.dumps(proof.as_file())
    for text, outcome in ((words, "0"), (words.replace("JPR/", "XYZ/"), "1"), ("{}", "1")):
        file.write_text(text)
        with pytest.raises(SystemExit, match=outcome):
            kartini_verify.main(["--proof", str(file), "--checkpoints", str(log.outside)])
    assert "not what was sealed" in capsys.readouterr().out


def test_an_unsealed_message_says_that_its_proof_is_still_to_come(log: logs.Log) -> None:
    new = entry(log)
    log.append(new)
    proof = log.proof(new.message.id)
    assert proof
    assert proof.position is None
    assert log.proof("0193f0aa-0000-7000-8000-000000000000") is None


def test_many_threads_append_and_every_message_is_there_and_whole(log: logs.Log) -> None:
    def work() -> None:
        for _ in range(25):
            log.append(entry(log))

    threads = [Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        log.sealer.seal(MORNING)
    log.sealer.seal(MORNING)
    report = verdict(log)
    assert report.whole, report
    assert (report.messages, report.sealed) == (200, 200)


def test_only_one_process_seals(log: logs.Log) -> None:
    with log.store.elected() as first, log.store.elected() as second:
        assert (first, second) == (True, False)
    with log.store.elected() as again:
        assert again


def test_a_log_that_cannot_be_written_says_so_and_recovers(tmp_path: Path) -> None:
    log = logs.Log(SqliteStore(tmp_path / "log.sqlite3"), folder=tmp_path, origin="o")
    twice = entry(log)
    log.append(twice)
    with pytest.raises(logs.NotDurable):
        log.append(twice)
    log.append(entry(log))
    assert len(log.search()) == 2


def test_keys_are_made_once_readable_by_the_owner_only_and_old_ones_are_kept(
    tmp_path: Path,
) -> None:
    first, second = Keys(tmp_path), Keys(tmp_path)
    assert first.subject(NIK) == second.subject(NIK)
    for file in tmp_path.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = first.subject(NIK)
    assert first.subjects.rotate() == "2"
    assert first.subject(NIK) != before
    assert before in first.every_subject(NIK)
    assert len(first.every_subject(NIK)) == 2


def test_keys_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KARTINI_KEYS_SUBJECTS", f"1:{'11' * 32},12:{'22' * 32}")
    assert Keys(tmp_path).subject(NIK).key == "12"
    assert not list(tmp_path.iterdir())


@given(
    texts=st.lists(st.text(st.characters(codec="utf-8")), max_size=5), number=st.integers(0, 2**53)
)
def test_both_writings_of_the_leaf_rule_agree(texts: list[str], number: int) -> None:
    columns: list[str | int] = [1, *texts, number]
    assert hash_leaf(leaf(columns)) == kartini_verify.leaf_hash(columns)


def test_a_checkpoint_is_a_signed_note(log: logs.Log) -> None:
    log.append(entry(log))
    log.sealer.seal(MORNING)
    latest = (log.outside / "latest").read_text()
    assert latest == log.store.checkpoint() == (log.outside / "2026-11-24T02.note").read_text()
    assert re.fullmatch(
        r"kartini/TEST/log\n1\n[A-Za-z0-9+/]{43}=\nat 2026-11-24T02:14:00\+00:00\n\n"
        r"— kartini/TEST/log [A-Za-z0-9+/]{90,91}={1,2}\n",
        latest,
    )
    (vkey,) = kartini_verify.public_keys(log.outside)
    name, _key_id, key = vkey.split("+", 2)
    assert name == "kartini/TEST/log"
    assert b64decode(key)[1:] == bytes(log.keys.signing.verify_key)
    with pytest.raises(ValueError, match="true signature"):
        kartini_verify.open_note(latest.replace("\n1\n", "\n2\n"), [vkey], "latest")
    with pytest.raises(ValueError, match="known keys"):
        kartini_verify.open_note(latest, [], "latest")


# -- tampering


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """Twelve messages in three sealings, and the file that a tamperer can reach."""
    log = logs.Log(SqliteStore(tmp_path / "log.sqlite3"), folder=tmp_path, origin="o")
    for hour in range(3):
        log.append(*(entry(log) for _ in range(4)))
        log.sealer.seal(MORNING + timedelta(hours=hour))
    log.close()
    return tmp_path / "log.sqlite3"


def judged(path: Path) -> kartini_verify.Report:
    folder = path.parent / "checkpoints"
    with kartini_verify.opened(path) as stored:
        keys = kartini_verify.public_keys(folder)
        return kartini_verify.verify(stored, keys, kartini_verify.kept_outside(folder))


def tamper(path: Path, sql: str, *values: object) -> None:
    with sqlite3.connect(path) as file:
        assert file.execute(sql, values).rowcount > 0


def nth(path: Path, position: int) -> str:
    with sqlite3.connect(path) as file:
        found = file.execute("SELECT id FROM message WHERE tree_index = ?", [position]).fetchone()
        return str(found[0])


def test_an_untouched_log_is_whole(sealed: Path) -> None:
    report = judged(sealed)
    assert report.whole, report
    assert (report.sealed, report.inside, report.outside) == (12, 3, 4)


@pytest.mark.parametrize("column", [c for c in COLUMNS if c != "id"])
def test_any_changed_column_is_named_with_its_row(sealed: Path, column: str) -> None:
    id_ = nth(sealed, 5)
    number = column in {"version", "status", "request_bytes", "response_bytes", "microseconds"}
    tamper(sealed, f"UPDATE message SET {column} = ? WHERE id = ?", 9 if number else "x", id_)
    faults = judged(sealed).faults
    assert f"message {id_} at position 5 was changed" in faults
    assert all(id_ in fault for fault in faults)


def test_a_changed_id_is_named(sealed: Path) -> None:
    tamper(sealed, "UPDATE message SET id = 'other' WHERE tree_index = 5")
    faults = judged(sealed).faults
    assert "message other at position 5 was changed" in faults
    assert "the persons of message other were changed" in faults


@pytest.mark.parametrize("place", [None, 7_000])
def test_a_row_that_lost_its_position_is_named(sealed: Path, place: int | None) -> None:
    id_ = nth(sealed, 5)
    tamper(sealed, "UPDATE message SET tree_index = ? WHERE id = ?", place, id_)
    assert judged(sealed).faults == [
        "the message at position 5 is missing",
        f"message {id_} lost its position, 5",
    ]


@pytest.mark.parametrize("column", ["key", "mac", "message"])
def test_a_changed_person_is_named_with_the_message(sealed: Path, column: str) -> None:
    id_ = nth(sealed, 5)
    tamper(sealed, f"UPDATE subject SET {column} = ? WHERE message = ?", "2", id_)
    assert f"the persons of message {id_} were changed" in judged(sealed).faults


def test_a_person_taken_away_or_added_is_named(sealed: Path) -> None:
    tamper(sealed, "DELETE FROM subject WHERE message = ?", nth(sealed, 5))
    tamper(sealed, "INSERT INTO subject VALUES (?, '1', 'ab')", nth(sealed, 6))
    assert judged(sealed).faults == [
        f"the persons of message {nth(sealed, place)} were changed" for place in (5, 6)
    ]


@pytest.mark.parametrize("place", [0, 5, 11])
def test_a_missing_row_is_named(sealed: Path, place: int) -> None:
    id_ = nth(sealed, place)
    tamper(sealed, "DELETE FROM message WHERE tree_index = ?", place)
    assert judged(sealed).faults == [
        f"the message at position {place} is missing",
        f"persons are named for message {id_}, which is not there",
    ]


def test_an_exchanged_pair_is_named(sealed: Path) -> None:
    third, fifth = nth(sealed, 3), nth(sealed, 5)
    tamper(sealed, "UPDATE message SET tree_index = NULL WHERE id = ?", third)
    tamper(sealed, "UPDATE message SET tree_index = 3 WHERE id = ?", fifth)
    tamper(sealed, "UPDATE message SET tree_index = 5 WHERE id = ?", third)
    assert judged(sealed).faults == [
        f"message {fifth} stands at 3 and belongs at 5",
        f"message {third} stands at 5 and belongs at 3",
    ]


def test_a_row_added_afterwards_is_named(sealed: Path) -> None:
    columns = ", ".join(c for c in COLUMNS if c not in {"id", "subjects"})
    copy = f"INSERT INTO message (id, subjects, tree_index, {columns}) SELECT ?, '', ?, {columns} FROM message WHERE tree_index = 5"
    tamper(sealed, copy, "early", None)
    tamper(sealed, copy, "late", 12)
    assert judged(sealed).faults == [
        "message late was added at position 12",
        "message early was added after its time had been sealed",
    ]


def test_a_changed_record_of_the_tree_is_named_and_not_the_row(sealed: Path) -> None:
    tamper(sealed, "UPDATE tile SET hashes = CAST(zeroblob(32) || substr(hashes, 33) AS BLOB)")
    assert judged(sealed).faults == ["the log's own record of position 0 was changed"]
    tamper(sealed, "DELETE FROM tile")
    assert len(judged(sealed).faults) == 12


def test_a_changed_checkpoint_is_named(sealed: Path) -> None:
    tamper(sealed, "UPDATE checkpoint SET size = 5 WHERE size = 4")
    tamper(
        sealed, "UPDATE checkpoint SET note = replace(note, 'at 2026', 'at 2025') WHERE size = 8"
    )
    assert judged(sealed).faults == [
        "checkpoint 5 in the log speaks of 4 messages",
        "checkpoint 8 in the log does not bear a true signature",
    ]


def test_a_log_rebuilt_with_the_stolen_key_fails_against_what_is_kept_outside(
    sealed: Path, tmp_path: Path
) -> None:
    kept = {file.name: file.read_text() for file in (tmp_path / "checkpoints").iterdir()}
    tamper(sealed, "UPDATE message SET status = 404 WHERE tree_index = 5")
    for table in ("tile", "checkpoint"):
        tamper(sealed, f"DELETE FROM {table}")
    tamper(sealed, "UPDATE message SET tree_index = NULL")
    log = logs.Log(SqliteStore(sealed), folder=tmp_path, origin="o")
    log.sealer.seal(MORNING)
    log.close()
    assert (
        judged(sealed).faults[0].startswith("checkpoint 2026-11-24T03.note was signed over other")
    )
    for name, text in kept.items():
        (tmp_path / "checkpoints" / name).write_text(text)
    assert (
        "checkpoint 2026-11-24T03.note was signed over other messages: "
        "those at positions 4 to 7 were rewritten" in judged(sealed).faults
    )


def test_a_log_cut_off_at_its_end_fails_against_what_is_kept_outside(sealed: Path) -> None:
    for table, column in (("message", "tree_index"), ("checkpoint", "size")):
        tamper(sealed, f"DELETE FROM {table} WHERE {column} > 8")
    tamper(sealed, "DELETE FROM message WHERE tree_index = 8")
    tamper(sealed, "UPDATE tile SET hashes = substr(hashes, 1, 8 * 32)")
    tamper(sealed, "DELETE FROM subject WHERE message NOT IN (SELECT id FROM message)")
    assert judged(sealed).faults == [
        f"the message at position {place} is missing" for place in (8, 9, 10, 11)
    ]


def test_the_command_exits_with_one_and_names_the_row(
    sealed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="0"):
        kartini_verify.main([str(sealed)])
    assert "The log is whole: 12 messages" in capsys.readouterr().out
    tamper(sealed, "UPDATE message SET purpose = 'x' WHERE tree_index = 5")
    with pytest.raises(SystemExit, match="1"):
        kartini_verify.main([str(sealed)])
    assert f"message {nth(sealed, 5)} at position 5 was changed" in capsys.readouterr().out


def test_a_forked_process_opens_a_log_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    monkeypatch.setattr(logs, "_current", None)
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
    mine = logs.the_log()
    assert mine is logs.the_log()
    monkeypatch.setattr(os, "getpid", lambda: 1)
    assert mine is not logs.the_log()
