"""Returned files: the list says what each fault is about, the applicant is reminded, a file lapses by rule."""

import pytest

from kartini.contracts.joss import ApplicationMoved
from kartini.exchange.testing import Post
from kartini.kit.flow import MoveRefused
from kartini.office.models import Notice
from kartini.people import words
from kartini.people.models import User
from kartini.systems.joss import handlers
from kartini.systems.joss.models import Application
from kartini.systems.joss.services import desk, drafts, verification, waiting
from kartini.systems.joss.services.verification import Finding
from kartini.systems.joss.tests.conftest import Cast, at, fresh, paper, submitted

TITLE = "Foto lokasi"


def returned(cast: Cast, application: Application, *findings: Finding) -> Application:
    verification.return_with_faults(
        application=application, findings=findings, by=cast.bambang, at=at()
    )
    return fresh(application)


@pytest.fixture
def banner(cast: Cast) -> Application:
    """A banner's application, returned on Tuesday; its type lets it lapse after fifteen working days."""
    wrong = Finding("paper", "site-photo", "terlalu dekat")
    return returned(cast, submitted(cast.siti, "izin-reklame-insidentil"), wrong)


def letters(user: User) -> list[str]:
    return [str(notice.body) for notice in Notice.objects.filter(to=user).order_by("pk")]


def test_a_list_of_faults_names_the_paper_and_the_answer(cast: Cast, nurse: Application) -> None:
    returned(
        cast,
        nurse,
        Finding("paper", "health", "terpotong"),
        Finding("field", "str_number", "tidak terbaca"),
        Finding("other", "", "datang ke loket"),
    )
    told = letters(cast.siti)[-1]
    assert "- Surat keterangan sehat: terpotong" in told
    assert "- Nomor STR: tidak terbaca" in told
    assert "- datang ke loket" in told
    assert "gugur" not in told


def test_who_does_not_mend_is_reminded_every_few_working_days(
    cast: Cast, nurse: Application
) -> None:
    returned(cast, nurse, Finding("paper", "health", "terpotong"))
    before = len(letters(cast.siti))
    said = [waiting.look_after(at=at(day)) for day in (0, 3, 6, 7, 7, 13, 14, 300)]
    assert said == [(0, 0), (0, 0), (0, 0), (1, 0), (0, 0), (0, 0), (1, 0), (1, 0)]
    assert len(letters(cast.siti)) == before + 3
    assert fresh(nurse).state == "returned"


def test_a_file_lapses_when_its_type_says_so_and_the_applicant_was_told_the_day(
    cast: Cast, banner: Application, post: Post
) -> None:
    assert "15 Desember 2026" in letters(cast.siti)[-1]
    assert not waiting.lapse(application=banner, at=at(21))
    assert waiting.look_after(at=at(22)) == (0, 1)
    assert waiting.look_after(at=at(22)) == (0, 0)
    now = fresh(banner)
    assert (now.state, now.holder, now.closed_at) == ("lapsed", "", at(22))
    assert "gugur" in letters(cast.siti)[-1]
    moved = [event for event in post.published if isinstance(event, ApplicationMoved)]
    assert (moved[-1].state, moved[-1].holder) == ("lapsed", "")
    with pytest.raises(MoveRefused):
        desk.withdraw(application=banner, by=cast.siti, at=at(23))


def test_what_was_mended_in_time_is_left_alone(cast: Cast, banner: Application) -> None:
    mended = paper(cast.siti, TITLE, "blue", at(2))
    drafts.attach_paper(application=banner, code="site-photo", paper=mended, by=cast.siti, at=at(2))
    verification.mend(application=banner, by=cast.siti, at=at(2))
    assert waiting.look_after(at=at(60)) == (0, 0)
    assert not waiting.lapse(application=banner, at=at(60))


def test_the_trail_says_in_words_what_an_officer_looked_at() -> None:
    assert {str(words.of_verb(verb)) for verb in handlers.LOOKS} == {
        "Membuka permohonan izin Anda",
        "Membaca NIK lengkap di permohonan izin Anda",
        "Membuka berkas permohonan izin Anda",
    }
