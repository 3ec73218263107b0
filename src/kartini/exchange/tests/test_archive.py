"""The beginning of the log moves into a file, then out of the database, and every proof still holds."""

import json
import os
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import kartini_verify
from kartini.exchange import archiving, commands, proving
from kartini.exchange import log as logs
from kartini.exchange.log import archive
from kartini.exchange.tests.test_edge import call
from kartini.exchange.tests.test_log import MORNING, NIK, entry
from kartini.exchange.tests.test_log import log as log

WHO = "JPR/GOV/diskominfo/exchange"
DAY = timedelta(days=1)


def fill(log: logs.Log, days: int = 4, each: int = 90) -> None:
    """One checkpoint an hour, several days; the messages bear their day."""
    for day in range(days):
        for part in range(3):
            at = MORNING + day * DAY + timedelta(hours=part)
            made = [entry(log) for _ in range(each // 3)]
            log.append(*(e._replace(message=e.message._replace(at=at.isoformat(timespec="microseconds"))) for e in made))  # fmt: skip
            log.sealer.seal(at)


def judged(log: logs.Log, *archives: Path, outside: Path | None = None) -> kartini_verify.Report:
    kept = kartini_verify.kept_outside(outside or log.outside)
    keys = log.sealer.public_keys()
    with archive.stored(log.store) as ours:
        if not archives:
            return kartini_verify.verify(ours, keys, kept)
        with kartini_verify.joined(ours, archives) as whole:
            return kartini_verify.verify(whole, keys, kept)


def prune(log: logs.Log, file: Path) -> archive.Span:
    outside = kartini_verify.kept_outside(log.outside)
    span = archive.judge(log.store, file, log.sealer.public_keys(), outside)
    archive.prune(log.store, log.writer, span, who=WHO, at=MORNING + 9 * DAY)
    log.sealer.seal(MORNING + 9 * DAY)
    return span


def test_an_archive_is_on_disk_with_its_name_before_anything_is_deleted(
    log: logs.Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(log)
    held: list[Path] = []
    monkeypatch.setattr(os, "fsync", lambda n: held.append(Path(f"/proc/self/fd/{n}").readlink()))
    archive.write(log.store, tmp_path / "1.sqlite3", MORNING + DAY)
    assert tmp_path in held[1:]


def test_old_messages_leave_and_every_proof_holds(log: logs.Log, tmp_path: Path) -> None:
    fill(log)
    old, young = log.search(limit=400)[-1][1], log.search(limit=1)[0][1]
    assert old.at < young.at
    first, second = tmp_path / "1.sqlite3", tmp_path / "2.sqlite3"

    span = archive.write(log.store, first, MORNING + DAY)
    assert (span.first, span.until) == (0, 90)
    assert judged(log).whole
    prune(log, first)
    assert not log.proof(old.id)
    report = judged(log)
    assert report.whole, report
    assert (report.archived, report.sealed) == (90, 271)
    assert "90 earlier messages lie in archives" in str(report)

    archive.write(log.store, second, MORNING + 3 * DAY)
    prune(log, second)
    assert judged(log).archived == 270
    both = judged(log, first, second)
    assert both.whole, both
    assert (both.archived, both.sealed) == (0, 362)
    assert judged(log, second).archived == 90

    keys, outside = log.sealer.public_keys(), log.outside
    for file in (first, second):
        alone = kartini_verify.judge(file, keys, outside)
        assert alone.whole, alone
        assert alone.beyond
    proof = log.proof(young.id)
    assert proof
    assert proof.leads_to_root
    held = archive.message_of(first, old.id)
    assert held
    again = log.prove(held[0], logs.Message(*held[1]))
    assert again.leads_to_root
    (tmp_path / "proof.json").write_text(json.dumps(again.as_file()))
    assert kartini_verify.prove(tmp_path / "proof.json", keys, outside).whole


def test_what_is_archived_but_not_pruned_yet_is_verified_once(
    log: logs.Log, tmp_path: Path
) -> None:
    fill(log, days=2)
    file = tmp_path / "1.sqlite3"
    archive.write(log.store, file, MORNING + DAY)
    with pytest.raises(ValueError, match="not the file that the log speaks of"):
        judged(log, file)
    span = prune(log, file)
    with sqlite3.connect(file) as out:
        rows = out.execute("SELECT * FROM message").fetchall()
        places = [c[1] for c in out.execute("PRAGMA table_info(message)")]
    put = f"INSERT INTO message ({', '.join(places)}) VALUES ({', '.join('?' * len(places))})"
    log.store.write((put, rows[:10]))  # as a killed pruning would leave it
    assert judged(log, file).sealed == 181
    archive.prune(log.store, log.writer, span, who=WHO, at=MORNING)
    assert not log.store.rows("SELECT 1 FROM message WHERE tree_index < ?", span.until)
    assert len(log.store.archived()) == 1


def test_an_archive_that_was_touched_is_not_pruned_by(log: logs.Log, tmp_path: Path) -> None:
    fill(log, days=2)
    file = tmp_path / "1.sqlite3"
    archive.write(log.store, file, MORNING + DAY)
    with sqlite3.connect(file) as out:
        out.execute("UPDATE message SET purpose = 'curiosity' WHERE tree_index = 7")
    with pytest.raises(archive.NotOurArchive, match="at position 7 was changed"):
        prune(log, file)
    with pytest.raises(archive.FileExists):
        archive.write(log.store, file, MORNING + DAY)
    with pytest.raises(archive.NothingToArchive):
        archive.write(log.store, tmp_path / "2.sqlite3", MORNING)
    (tmp_path / "text").write_text("no database")
    with pytest.raises(archive.NotOurArchive, match="cannot be read"):
        prune(log, tmp_path / "text")
    assert judged(log).messages == 180


def test_an_older_archive_cannot_be_pruned_by_twice(log: logs.Log, tmp_path: Path) -> None:
    fill(log, days=3)
    for day in (1, 2):
        archive.write(log.store, tmp_path / f"{day}.sqlite3", MORNING + day * DAY)
    prune(log, tmp_path / "1.sqlite3")
    with pytest.raises(archive.NotOurArchive, match="begins at 0, and the log at 90"):
        prune(log, tmp_path / "2.sqlite3")


def test_rows_that_are_only_said_to_be_archived_are_missed(log: logs.Log, tmp_path: Path) -> None:
    """Whoever deletes rows and writes a mark into the table has no message that testifies."""
    fill(log, days=2)
    log.store.write(("DELETE FROM message WHERE tree_index < ?", [(20,)]))
    log.store.write(("DELETE FROM subject WHERE message NOT IN (SELECT id FROM message)", [()]))
    other = log.search(limit=1)[0][1].id
    for id_ in ("0193f0aa-0000-7000-8000-000000000000", other):
        log.store.write(("DELETE FROM archived", [()]))
        log.store.write(("INSERT INTO archived VALUES (?, ?, ?, ?)", [(0, 20, "ab" * 32, id_)]))
        faults = judged(log).faults
        assert any("testif" in fault for fault in faults), faults


def test_a_message_that_waits_for_its_seal_hides_no_deleted_ones(log: logs.Log) -> None:
    """As there is one at nearly every moment of a working day."""
    fill(log, days=2)
    log.store.write(("DELETE FROM message WHERE tree_index < ?", [(20,)]))
    log.store.write(("DELETE FROM subject WHERE message NOT IN (SELECT id FROM message)", [()]))
    log.store.write(("INSERT INTO archived VALUES (0, 20, 'ab', ?)", [("no-such-message",)]))
    waiting = entry(log)
    later = (MORNING + 5 * DAY).isoformat(timespec="microseconds")
    log.append(waiting._replace(message=waiting.message._replace(at=later)))
    assert judged(log).faults == ["nothing testifies that the messages 0-20 were archived"]


def test_an_archiving_whose_message_waits_for_its_seal_is_no_fault(
    log: logs.Log, tmp_path: Path
) -> None:
    fill(log, days=2)
    archive.write(log.store, tmp_path / "1.sqlite3", MORNING + DAY)
    outside = kartini_verify.kept_outside(log.outside)
    span = archive.judge(log.store, tmp_path / "1.sqlite3", log.sealer.public_keys(), outside)
    archive.prune(log.store, log.writer, span, who=WHO, at=MORNING + 9 * DAY)
    assert judged(log).faults == []


def test_an_archive_that_lacks_what_it_says_to_hold_is_not_pruned_by(
    log: logs.Log, tmp_path: Path
) -> None:
    """Whoever can write to the shelf must not bring the house to delete what lies nowhere else."""
    fill(log, days=2)
    file = tmp_path / "1.sqlite3"
    archive.write(log.store, file, MORNING + DAY)
    with sqlite3.connect(file) as out:
        out.execute("DELETE FROM message")
        out.execute("DELETE FROM subject")
        out.execute("INSERT INTO archived VALUES (0, 90, 'ab', 'cd')")
    with pytest.raises(archive.NotOurArchive, match="positions 0 to 89 are missing"):
        prune(log, file)
    assert judged(log).messages == 180


def test_an_erasure_that_nothing_testifies_is_named(log: logs.Log, tmp_path: Path) -> None:
    fill(log, days=2)
    archive.write(log.store, tmp_path / "1.sqlite3", MORNING + DAY)
    prune(log, tmp_path / "1.sqlite3")
    other = log.search(limit=1)[0][1].id
    for id_, said in (("no-such-message", "nothing testifies"), (other, "does not testify")):
        log.store.write(("DELETE FROM erased", [()]))
        log.store.write(("INSERT INTO erased VALUES (0, ?)", [(id_,)]))
        report = judged(log)
        assert any(said in fault and "erased" in fault for fault in report.faults), report


def test_the_cut_lies_where_a_signature_stands(log: logs.Log, tmp_path: Path) -> None:
    fill(log, days=2)
    middle: datetime = MORNING + timedelta(minutes=30)
    span = archive.write(log.store, tmp_path / "1.sqlite3", middle)
    assert span.until == 30
    everything = archive.write(log.store, tmp_path / "2.sqlite3", MORNING + 100 * DAY)
    assert everything.until == 180


def test_the_command_line_archives_prunes_proves_and_verifies(
    log: logs.Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "the_log", lambda: log)
    fill(log, days=2)
    old, file = log.search(limit=400)[-1][1], str(tmp_path / "1.sqlite3")

    def said(group: click.Group, *words: str, code: int = 0) -> str:
        done = CliRunner().invoke(group, words)
        assert done.exit_code == code, done.output
        return done.output

    tomorrow = f"{MORNING + DAY:%Y-%m-%d}"
    nowhere = str(tmp_path / "missing" / "1.sqlite3")
    assert "folder" in said(proving.group, "log", "archive", "--until", tomorrow, nowhere, code=1)
    made = said(proving.group, "log", "archive", "--until", tomorrow, file)
    assert "90 messages (0-90)" in made
    said(proving.group, "log", "archive", "--until", tomorrow, file, code=1)
    said(proving.group, "log", "prune", file, code=1)  # nobody said yes
    assert "90 messages are in the archive only" in said(
        proving.group, "log", "prune", "--yes", file
    )
    log.sealer.seal(MORNING + 9 * DAY)
    refused = call(f"/log/proof?id={old.id}")
    assert refused.status == 404
    assert "archives elsewhere" in refused.json["detail"]
    said(proving.group, "log", "proof", old.id, code=1)
    proof = json.loads(said(proving.group, "log", "proof", old.id, "--archive", file))
    assert proof["columns"][1] == old.id
    told = said(commands.group, "verify-log")
    assert "90 earlier messages lie in archives" in told
    assert "lie in archives" not in said(commands.group, "verify-log", "--archive", file)
    (tmp_path / "other").write_bytes(b"x")
    said(commands.group, "verify-log", "--archive", str(tmp_path / "other"), code=1)
    assert log.witness.vkey in said(proving.group, "witness")


def test_a_month_that_is_over_moves_by_itself_and_is_found_on_the_shelf(log: logs.Log) -> None:
    fill(log, days=2)
    seen = [message.id for message in log.messages_about(NIK, limit=500)]
    late = MORNING + 40 * DAY
    assert archiving.move(log, until=MORNING, at=late) == 0
    assert archiving.move(log, until=late, folder="old", at=late) == 180
    assert archiving.move(log, until=late, folder="old", at=late) == 0
    assert [message.id for message in log.messages_about(NIK, limit=500)] == seen
    (moved,) = log.shelf.archives()
    assert moved.file
    log.sealer.seal(late)
    assert judged(log, moved.file).whole
    moved.file.write_bytes(b"damaged")
    assert log.messages_about(NIK, limit=500) == []
