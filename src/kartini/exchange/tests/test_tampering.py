"""Whoever changes the log is found: each changed, missing, added or exchanged row is named."""

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import kartini_verify
from kartini.exchange import log as logs
from kartini.exchange.log.leaf import COLUMNS
from kartini.exchange.log.sqlite import SqliteStore
from kartini.exchange.tests.test_log import MORNING, entry


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


def test_many_missing_rows_are_named_by_their_ends(sealed: Path) -> None:
    tamper(sealed, "DELETE FROM subject")
    tamper(sealed, "DELETE FROM message WHERE tree_index IN (2, 3, 4, 8)")
    assert [fault for fault in judged(sealed).faults if "missing" in fault] == [
        "the messages at positions 2 to 4 are missing",
        "the message at position 8 is missing",
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
    assert judged(sealed).faults == ["the messages at positions 8 to 11 are missing"]


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


def test_a_log_whose_roots_were_all_taken_away_is_not_whole(
    sealed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in (sealed.parent / "checkpoints").iterdir():
        file.unlink()
    tamper(sealed, "DELETE FROM checkpoint")
    assert judged(sealed).faults[0] == "12 messages lie here, and no signed root bears them out"
    tamper(sealed, "DELETE FROM tile")
    tamper(sealed, "UPDATE message SET tree_index = NULL")
    with pytest.raises(SystemExit, match="1"):
        kartini_verify.main([str(sealed)])
    assert "12 messages lie here, and no signed root" in capsys.readouterr().out


def test_messages_of_this_moment_wait_for_their_first_seal(tmp_path: Path) -> None:
    log = logs.Log(SqliteStore(tmp_path / "log.sqlite3"), folder=tmp_path, origin="o")
    log.append(entry(log), entry(log))
    log.close()
    report = kartini_verify.judge(tmp_path / "log.sqlite3", [], tmp_path / "checkpoints")
    assert report.whole, report
    assert "0 messages sealed until now, 2 waiting" in str(report)


def test_a_log_that_was_set_back_to_an_earlier_root_says_since_when_messages_wait(
    sealed: Path,
) -> None:
    for file in (sealed.parent / "checkpoints").glob("*[!s]"):
        if "T02" not in file.name and file.name != "log.vkeys":
            file.unlink()
    tamper(sealed, "DELETE FROM checkpoint WHERE size > 4")
    tamper(sealed, "UPDATE tile SET hashes = substr(hashes, 1, 4 * 32)")
    tamper(sealed, "UPDATE message SET tree_index = NULL WHERE tree_index > 3")
    with kartini_verify.opened(sealed) as stored:
        keys = kartini_verify.public_keys(sealed.parent / "checkpoints")
        report = kartini_verify.verify(stored, keys, {}, at="2030-01-01T00:00:00+00:00")
    assert (report.sealed, report.messages) == (4, 12)
    assert "the sealer stands still, or signed roots were taken away from here" in str(report)


def test_a_root_that_somebody_attested_cannot_go_unnoticed(sealed: Path) -> None:
    tamper(
        sealed, "INSERT INTO attestation VALUES ('witness', 8, 'prov/witness', '2026', CAST('x' AS BLOB))"
    )  # fmt: skip
    assert judged(sealed).whole
    for file in (sealed.parent / "checkpoints").glob("*T03.note"):
        file.unlink()
    tamper(sealed, "DELETE FROM checkpoint WHERE size = 8")
    assert judged(sealed).faults == [
        "the signed root of 8 messages is missing, and prov/witness attested it"
    ]


def test_a_clock_that_ran_ahead_and_was_set_back_makes_no_message_suspect(tmp_path: Path) -> None:
    log = logs.Log(SqliteStore(tmp_path / "log.sqlite3"), folder=tmp_path, origin="o")
    for hours in (0, 9, 0):
        log.append(stamped(log, MORNING + timedelta(hours=hours)))
        log.sealer.seal(MORNING + timedelta(hours=hours))
    log.append(stamped(log, MORNING + timedelta(seconds=5)))
    log.close()
    report = judged(tmp_path / "log.sqlite3")
    assert report.whole, report
    assert (report.sealed, report.messages) == (3, 4)


def stamped(log: logs.Log, at: datetime) -> logs.Entry:
    made = entry(log)
    return made._replace(message=made.message._replace(at=at.isoformat(timespec="microseconds")))
