"""The log: durable, provable, and mute about persons."""

import json
import os
import re
import stat
from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import hypothesis
import psycopg
import pytest
from django.conf import settings
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

import kartini_verify
from kartini.exchange import log as logs
from kartini.exchange.log import archive, note
from kartini.exchange.log.keys import Keys
from kartini.exchange.log.leaf import leaf
from kartini.exchange.log.merkle import hash_leaf
from kartini.exchange.log.postgres import PostgresStore
from kartini.exchange.log.sqlite import SqliteStore
from kartini.exchange.log.store import SealedElsewhere

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
        pytest.skip("PostgreSQL only: make test runs this once more on it")
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
    slow = log.slowness(LONG_AGO)
    assert slow.keys() == {"", counted[0].service}
    assert all(95 <= found <= 95 * 1.2 for found in slow.values())


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


def test_two_sealers_who_both_believe_to_be_elected_spoil_nothing(
    log: logs.Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that broke loses its advisory lock, and its owner does not learn of it."""
    log.append(*(entry(log) for _ in range(3)))
    late = log.store.unsealed(2)
    log.sealer.seal(MORNING)
    before = log.store.checkpoint()
    monkeypatch.setattr(log.store, "unsealed", lambda _limit: late)
    monkeypatch.setattr(log.store, "checkpoint", lambda: "")
    with pytest.raises(SealedElsewhere):
        log.sealer.seal(MORNING)
    monkeypatch.undo()
    assert log.store.checkpoint() == before
    log.append(entry(log))
    log.sealer.seal(MORNING)
    with archive.stored(log.store) as stored:
        report = kartini_verify.verify(stored, log.sealer.public_keys(), {})
    assert (report.sealed, report.faults) == (4, [])


def test_a_log_that_cannot_be_written_says_so_and_recovers(tmp_path: Path) -> None:
    log = logs.Log(SqliteStore(tmp_path / "log.sqlite3"), folder=tmp_path, origin="o")
    twice = entry(log)
    log.append(twice)
    with pytest.raises(logs.NotDurable):
        log.append(twice)
    log.append(entry(log))
    assert len(log.search()) == 2


@pytest.mark.django_db
def test_the_rollback_of_a_caller_erases_no_message(log: logs.Log) -> None:
    with transaction.atomic():
        log.append(entry(log))
        transaction.set_rollback(True)
    assert len(log.search()) == 1


def test_one_who_is_gone_takes_nothing_from_those_who_wait(log: logs.Log) -> None:
    def gone(_fault: BaseException | None) -> None:
        raise RuntimeError("Event loop is closed")

    log.submit([], gone)
    log.append(entry(log))
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


@hypothesis.settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
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
