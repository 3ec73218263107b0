"""Kept files together: what is missing, changed or nobody's is named; an old key can go."""

from pathlib import Path

import pytest
from django.conf import settings as house

from kartini.office import files, papers, sealing
from kartini.office.tests.conftest import AT, pdf, upload
from kartini.people import rotation
from kartini.people import sealing as keys
from kartini.people.models import User


@pytest.fixture
def kept(siti: User) -> Path:
    paper = papers.receive(upload=upload(pdf()), owner=siti, label="KTP", at=AT)
    return Path(house.MEDIA_ROOT) / paper.file


def test_sound_files_are_sound(kept: Path) -> None:
    report = files.check()
    assert (report.sound, report.faults) == (1, [])


def test_missing_changed_and_stray_files_are_named(kept: Path) -> None:
    sealing.keep(b"stray", "papers")
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert [fault.split(":")[0] for fault in files.check().faults] == [
        f"paper {kept_paper()}",
        "nobody's",
    ]
    kept.unlink()
    assert "missing" in files.check().faults[0]


def kept_paper() -> object:
    from kartini.office.models import Paper

    return Paper.objects.get().pk


def test_an_old_key_can_go_after_resealing(kept: Path) -> None:
    former = keys.ring()
    keys.keep(former.rotated())
    try:
        assert files.reseal() == 1
        assert files.reseal() == 0
        keys.keep(keys.ring().only_current())
        assert files.check().sound == 1
    finally:
        keys.keep(former)


@pytest.mark.usefixtures("kept")
def test_new_keys_for_numbers_leave_every_file_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """``kartini people rotate-keys`` throws the old keys away: papers and documents are sealed by them too."""
    former = keys.ring()
    monkeypatch.setattr(rotation, "SETTLE_SECONDS", 0)
    passing = sealing.keep(b"came back signed", "signed")
    try:
        assert rotation.rotate() >= 2
        assert not {*keys.ring().seal} & {*former.seal}
        assert files.check().sound == 1
        assert files.check().faults == []
        assert sealing.fetch(passing) == b"came back signed"
    finally:
        keys.keep(former)


@pytest.mark.usefixtures("kept")
def test_what_another_process_seals_by_the_old_key_meanwhile_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    former, late = keys.ring(), [b"late"]

    def somebody_seals_by_the_old_key(_seconds: float) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(sealing, "ring", lambda: former)
            late[0] = sealing.keep(b"late", "papers").encode()

    monkeypatch.setattr("time.sleep", somebody_seals_by_the_old_key)
    try:
        rotation.rotate()
        assert sealing.fetch(late[0].decode()) == b"late"
    finally:
        keys.keep(former)
