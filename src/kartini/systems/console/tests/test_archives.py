"""Old messages leave the database by a rule, are found in their files, and every proof holds."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner
from django.utils import timezone

from kartini.exchange import archiving, commands, log
from kartini.exchange.log import archive, shelf
from kartini.exchange.log.figures import first_id
from kartini.exchange.log.sqlite import SqliteStore
from kartini.people.models import TrailLine, User
from kartini.people.rules import DATA_OFFICER
from kartini.systems.console import handlers
from kartini.systems.console.models import Erasure, RetentionRule
from kartini.systems.console.services import archives, retention
from kartini.systems.console.tests.test_joining import NIK, as_user, at, house, officer, someone

__all__ = ["house", "officer"]
pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
MONTHS = (6, 7, 8, 9, 10, 11)


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[log.Log]:
    """A log of half a year: one message about Siti and two others on the 5th of each month."""
    own = log.Log(SqliteStore(tmp_path / "log.sqlite3"), folder=tmp_path, origin="kartini/test/log")
    monkeypatch.setattr(log, "the_log", lambda: own)
    for month in MONTHS:
        when = datetime(2026, month, 5, 3, tzinfo=UTC)
        own.append(*(said(own, when, about) for about in ([NIK], [], [])))
        own.sealer.seal(when)
    yield own
    own.close()


def said(own: log.Log, when: datetime, niks: list[str]) -> log.Entry:
    subjects = [own.keys.subject(nik) for nik in niks]
    id_ = f"{first_id(when)[:14]}7{str(uuid4())[15:]}"
    words = {"id": id_, "method": "ASK", "client": "JPR/GOV/a/b", "service": "JPR/GOV/c/d/d.e.v1"}
    return log.Entry(
        log.message(at=when, status=200, subjects=subjects, purpose="governance", **words), subjects
    )


def rule(days: int, by: User, kind: str = "messages", **more: str) -> RetentionRule:
    return RetentionRule.objects.create(
        kind=kind, keep_days=days, basis="JRA 12/2026", made_at=NOW, made_by=by,
        from_on=timezone.localdate(NOW), **more,
    )  # fmt: skip


def verified(own: log.Log, files: list[Path]) -> str:
    own.sealer.seal(NOW)
    named = [word for file in files for word in ("--archive", str(file))]
    done = CliRunner().invoke(commands.group, ["verify-log", *named])
    assert done.exit_code == 0, done.output
    return done.output


def test_without_a_rule_nothing_moves(ours: log.Log) -> None:
    assert archives.move_what_is_due(at=NOW) == 0
    assert handlers.archive() == 0


def test_whole_months_move_each_into_a_file_of_its_own(ours: log.Log, officer: User) -> None:
    seen = [message.id for message in ours.messages_about(NIK)]
    old = seen[-1]
    rule(60, officer, folder="lama")  # 25 September: June, July and August are over
    assert archives.move_what_is_due(at=NOW) == 9
    assert archives.move_what_is_due(at=NOW) == 0
    files = sorted((ours.shelf.folder / "lama").iterdir())
    assert [file.name for file in files] == [f"log-{n:010d}.sqlite3" for n in (0, 3, 6)]
    assert "21 messages sealed" in verified(ours, files)
    assert "3 earlier messages lie in archives" in verified(ours, files[1:])
    testimony = ours.message(archives.everything()[0].archive.message)
    assert testimony
    assert testimony[1].basis == "JRA 12/2026"
    assert [message.id for message in ours.messages_about(NIK)] == seen
    assert [m.id for m in ours.messages_about(NIK, before=seen[3], limit=1)] == [seen[4]]
    proof = ours.proof(old)
    assert proof
    assert proof.leads_to_root
    assert ours.store.message(old) is None
    files[0].rename(files[0].with_name("a-name-of-its-own.sqlite3"))
    assert ours.message(old)
    files[0].with_name("a-name-of-its-own.sqlite3").unlink()
    (files[0].parent / "noise.sqlite3").write_text("no database")
    assert [message.id for message in ours.messages_about(NIK)] == seen[:-1]


def test_a_killed_run_is_ended_by_the_next(
    ours: log.Log, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule(60, officer)

    def killed(*_what: object, **_how: object) -> str:
        raise KeyboardInterrupt

    whole = archive.prune
    monkeypatch.setattr(archive, "prune", killed)
    with pytest.raises(KeyboardInterrupt):
        archives.move_what_is_due(at=NOW)
    monkeypatch.setattr(archive, "prune", whole)
    assert archives.move_what_is_due(at=NOW) == 9
    assert ours.store.rows("SELECT min(tree_index) FROM message")[0][0] == 9


def test_half_deleted_months_are_deleted_to_the_end(
    ours: log.Log, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule(60, officer)
    write = ours.store.write

    def killed(*statements: object) -> None:
        if "DELETE" in str(statements):
            raise KeyboardInterrupt
        write(*statements)  # type: ignore[arg-type]

    monkeypatch.setattr(ours.store, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        archives.move_what_is_due(at=NOW)
    monkeypatch.setattr(ours.store, "write", write)
    assert len(ours.messages_about(NIK)) == len(MONTHS)
    assert archives.move_what_is_due(at=NOW) == 9
    assert len(ours.store.archived()) == 3


def test_a_file_that_was_touched_ends_the_run_and_nothing_is_deleted(
    ours: log.Log, officer: User, tmp_path: Path
) -> None:
    rule(60, officer)
    file = tmp_path / "archives" / f"log-{0:010d}.sqlite3"
    file.parent.mkdir()
    file.write_bytes(b"something else")
    with pytest.raises(archiving.NotOurArchive):
        archives.move_what_is_due(at=NOW)
    assert not ours.store.archived()


def test_the_console_shows_what_was_moved_and_how_to_check_it(ours: log.Log, officer: User) -> None:
    client = as_user(officer)
    assert "Tidak ada: semua pesan tetap" in client.get(at("archives")).content.decode()
    today = timezone.localdate()
    sent = {"keep_days": "60", "basis": "JRA 12/2026", "from_on": f"{today}", "folder": "lama"}
    for wrong in ({"folder": "../etc"}, {"keep_days": "0"}, {"from_on": f"{today - timedelta(1)}"}):
        page = client.post(at("archive_rule"), {**sent, **wrong}).content.decode()
        assert "error-summary" in page
    assert client.post(at("archive_rule"), sent).status_code == 302
    assert "error-summary" in client.post(at("archive_rule"), sent).content.decode()
    assert TrailLine.objects.filter(verb="console.retention-set", by=officer).count() == 1
    RetentionRule.objects.update(from_on=timezone.localdate(NOW))
    archives.move_what_is_due(at=NOW)
    shown = archives.everything()[0].archive
    page = client.get(at("archives")).content.decode()
    assert shown.digest in page
    assert f"verify-log --archive {shown.file}" in page
    assert "5 Agustus 2026" in page
    assert client.get(at("message", shown.message)).status_code == 200
    sheet = client.get(at("archives") + "?csv").content.decode()
    assert sheet.count("JRA 12/2026") == 3
    protector = as_user(someone("ratna", DATA_OFFICER, "diskominfo"))
    assert protector.get(at("archives")).status_code == 200
    assert shown.file
    shown.file.unlink()
    assert "tidak ada di folder arsip" in client.get(at("archives")).content.decode()


def test_without_a_rule_of_their_own_archives_stay(ours: log.Log, officer: User) -> None:
    rule(60, officer)
    handlers.archive()
    assert archives.erase_what_is_due(at=NOW) == 0
    assert all(one.archive.file for one in archives.everything())


def test_an_archive_is_erased_by_rule_and_what_was_erased_stays_provable(
    ours: log.Log, officer: User
) -> None:
    rule(60, officer)
    archives.move_what_is_due(at=NOW)
    june = archives.everything()[-1].archive
    assert june.file
    sent = {"keep_days": "150", "basis": "JRA 12/2026", "from_on": f"{timezone.localdate()}"}
    client = as_user(officer)
    assert "tidak pernah dihapus" in client.get(at("archives")).content.decode()
    assert client.post(at("archive_erasure"), sent).status_code == 302
    RetentionRule.objects.update(from_on=timezone.localdate(NOW))
    assert archives.erase_what_is_due(at=NOW) == 1  # 27 June: June's messages are of the 5th
    assert archives.erase_what_is_due(at=NOW) == 0
    assert not june.file.exists()
    assert len(ours.messages_about(NIK)) == len(MONTHS) - 1
    erasure = Erasure.objects.get()
    assert erasure.lines.startswith(f"0-3 sha-256:{june.digest} root:")
    assert retention.still_proves(erasure)
    ours.sealer.seal(NOW)
    proof = ours.proof(erasure.message)
    assert proof
    assert proof.leads_to_root
    page = client.get(at("archives")).content.decode()
    assert "dihapus menurut aturan" in page
    assert at("erasure", erasure.pk) in page
    whole = verified(ours, [])
    assert "3 earlier messages were erased by rule" in whole
    assert f"{3 * (len(MONTHS) - 4)} earlier messages lie in archives" in whole
    june.file.write_bytes(b"a copy that somebody put back")
    assert [one.erased for one in ours.shelf.archives()] == ["", "", erasure.message]


def test_an_archive_that_was_touched_is_evidence_and_stays(ours: log.Log, officer: User) -> None:
    rule(60, officer)
    archives.move_what_is_due(at=NOW)
    rule(100, officer, kind="archives")
    june = archives.everything()[-1].archive
    assert june.file
    with sqlite3.connect(june.file) as line:
        line.execute("UPDATE message SET status = 500")
    line.close()
    with pytest.raises(archiving.NotOurArchive):
        archives.erase_what_is_due(at=NOW)
    assert june.file.exists()
    assert not Erasure.objects.exists()


def test_an_erasure_that_was_killed_is_ended_by_the_next_run(
    ours: log.Log, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule(60, officer)
    archives.move_what_is_due(at=NOW)
    rule(150, officer, kind="archives")

    def killed(*_what: object, **_how: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", killed)
        with pytest.raises(KeyboardInterrupt):
            archives.erase_what_is_due(at=NOW)
    assert len(ours.messages_about(NIK)) == len(MONTHS) - 1  # noted, so not shown any more
    assert archives.erase_what_is_due(at=NOW) == 1
    assert Erasure.objects.count() == 1
    assert not list(ours.shelf.folder.glob("log-0000000000*"))


def test_one_archive_is_searched_by_the_same_filters(
    ours: log.Log, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = as_user(officer)
    assert "arsip" not in client.get(at("log")).content.decode()
    rule(60, officer)
    archives.move_what_is_due(at=NOW)
    page = client.get(at("log")).content.decode()
    assert "Pesan sebelum 5 September 2026 ada di arsip" in page
    assert "?arsip=6" in page
    july = {"day": "2026-07-05"}
    assert 'href="?day=2026-07-05&amp;arsip=3"' in client.get(at("log"), july).content.decode()

    def rows(**query: str) -> int:
        found: int = (
            client.get(at("log"), {"arsip": "3", **query}).content.decode().count("d.e.v1</a>")
        )
        return found

    assert (rows(), rows(**july), rows(day="2026-07-06"), rows(outcome="failed")) == (3, 3, 0, 0)
    assert (rows(method="ASK"), rows(method="DO"), rows(arsip="x")) == (3, 0, 9)
    sheet = client.get(at("log"), {"arsip": "3", "csv": "1"}).content.decode()
    assert sheet.count("2026-07-05") == 3
    monkeypatch.setattr(shelf, "A_LOOK", 2)
    first = client.get(at("log"), {"arsip": "3", "method": "DO"})
    older = first.context["older"]
    assert "Sudah dicari sampai" in first.content.decode()
    assert rows(sebelum=older) == 1
    assert rows() == 2
    number = ours.shelf.search(archives.at_hand()[0], {}, since="", until="g", limit=1)[0][0][1].id
    assert number[:8] in client.get(at("log"), {"request": number}).content.decode()
