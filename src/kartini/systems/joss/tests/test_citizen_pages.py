"""The pages of applicants and of everyone, as a browser without JavaScript uses them."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from kartini.contracts.dukcapil import Resident, ResidentByNik
from kartini.exchange import bus
from kartini.exchange.testing import Post
from kartini.office.models import Paper
from kartini.systems.joss.models import Application, State
from kartini.systems.joss.services import advice, money, verification
from kartini.systems.joss.services.verification import Finding
from kartini.systems.joss.tests.conftest import (
    ANSWERS,
    Cast,
    accepted,
    at,
    draft,
    fresh,
    paper,
    picture,
    submitted,
)

CODE = "sip-perawat-mandiri"
RESIDENT = Resident.model_validate(dict(Resident.example))


@pytest.fixture(autouse=True)
def _nobody_tried_before() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def siti(cast: Cast, client: Client) -> Client:
    client.force_login(cast.siti)
    return client


def start(client: Client, code: str = CODE) -> Application:
    client.post(reverse("joss:start", args=[code]))
    return Application.objects.get(state=State.DRAFT)


def answers_of(step: int) -> dict[str, Any]:
    """What a person types on the first or second page of the nurse's questions."""
    if step == 0:
        return {
            "str_number": "1803 1225 2024 0817",
            "str_issued_on_day": "12",
            "str_issued_on_month": "maret",
            "str_issued_on_year": "2024",
            "other_licences": "none",
        }
    return {k: v for k, v in ANSWERS[CODE].items() if k not in answers_of(0)} | {
        "practice_point": "-6.6188, 110.6840",
        "opens_at": "16.00",
        "str_issued_on": "",
    }


def test_a_nurse_applies_from_the_service_page_to_the_receipt(
    siti: Client, cast: Cast, post: Post, villages: None
) -> None:
    post.answer(ResidentByNik, RESIDENT)
    page = siti.get(reverse("joss:service", args=[CODE]))
    assert "Izin praktik perawat mandiri" in page.content.decode()
    begun = start(siti)
    known = siti.get(reverse("joss:identity", args=[begun.pk])).content.decode()
    assert "3320 •••• •••• 9002" in known
    assert "22 April 1995" in known
    assert "3320116204959002" not in known
    step = siti.post(reverse("joss:identity", args=[begun.pk]), {"phone": "0812 3456 7890"})
    assert step["Location"].endswith("/isi/registration/")
    step = siti.post(step["Location"], answers_of(0))
    assert step["Location"].endswith("/isi/practice/")
    step = siti.post(step["Location"], answers_of(1))
    assert step["Location"].endswith("/berkas/")
    codes = ("photo", "registration", "health", "statement", "diploma")
    siti.post(step["Location"], {"photo-file": picture(), "stay": "1"})
    pdf = {f"{code}-file": sheet(code) for code in codes[1:]}
    step = siti.post(step["Location"], pdf)
    assert step["Location"].endswith("/periksa/")
    check = siti.get(step["Location"]).content.decode()
    for said in ("1803122520240817", "12 Maret 2024", "16.00", "+62 812-3456-7890"):
        assert said in check
    assert "kurang" not in check
    undeclared = siti.post(step["Location"], {})
    assert fresh(begun).state == "draft"
    assert "error-summary" in undeclared.content.decode()
    receipt = siti.post(step["Location"], {"true": "on"}, follow=True).content.decode()
    now = fresh(begun)
    assert now.number == "JOSS-2026-000001" or now.number.endswith("-000001")  # type: ignore[union-attr]
    assert str(now.number) in receipt
    assert re.search(r"<b>\d{3} \d{3}</b>", receipt)
    assert 'class="qr"' in receipt


def sheet(name: str) -> Any:
    import io

    import pikepdf
    from django.core.files.uploadedfile import SimpleUploadedFile

    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(200, 200 + len(name)))
        document.save(out)
    return SimpleUploadedFile(f"{name}.pdf", out.getvalue(), "application/pdf")


@pytest.mark.parametrize(
    ("answer", "doubt"),
    [
        (bus.Unanswered("away"), "away"),
        (Resident(found=False), "unknown"),
        (RESIDENT.model_copy(update={"birth_on": date(1990, 1, 1)}), "different"),
        (RESIDENT.model_copy(update={"status": "dead"}), "dead"),
    ],
)
def test_without_a_clean_answer_it_goes_on_by_hand_marked_unverified(
    siti: Client, cast: Cast, post: Post, villages: None, answer: Any, doubt: str
) -> None:
    post.answer(ResidentByNik, answer)
    begun = start(siti)
    assert (begun.identity["doubt"], begun.identity_verified_at) == (doubt, None)
    url = reverse("joss:identity", args=[begun.pk])
    assert siti.get(url).status_code == 200
    by_hand = {
        "name": "Siti Nur Aisyah",
        "birth_on_day": "22",
        "birth_on_month": "4",
        "birth_on_year": "1995",
        "address": "RT 03 RW 02",
        "village_code": "33.20.11.2012",
        "phone": "81234567890",
    }
    assert siti.post(url, by_hand).status_code == 302
    assert fresh(begun).identity["address"] == "RT 03 RW 02"
    assert fresh(begun).identity_source == "hand"


def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_is_kept(
    siti: Client, cast: Cast, post: Post
) -> None:
    begun = start(siti)
    url = reverse("joss:step", args=[begun.pk, "registration"])
    typed = answers_of(0) | {"str_number": "1803", "str_issued_on_year": "2099"}
    page = siti.post(url, typed).content.decode()
    assert 'href="#str_number"' in page
    assert "Nomor STR terdiri dari 16 angka" in page
    assert "Tanggal tidak boleh di masa depan" in page
    assert 'value="1803"' in page
    again = siti.get(url).content.decode()
    assert 'value="1803"' in again


def test_a_draft_goes_on_where_something_is_missing(siti: Client, cast: Cast) -> None:
    begun = draft(cast.siti)
    kept = {k: v for k, v in fresh(begun).answers.items() if k != "practice_name"}
    Application.objects.filter(pk=begun.pk).update(answers=kept)
    onward = siti.get(reverse("joss:draft", args=[begun.pk]))
    assert onward["Location"].endswith("/isi/practice/")
    later = siti.post(reverse("joss:step", args=[begun.pk, "practice"]), {"later": "1"})
    assert later["Location"] == reverse("joss:applications")
    assert "SIP Perawat" in siti.get(later["Location"]).content.decode()


def test_a_form_sent_after_the_session_ended_is_kept_to_be_sent_again(
    client: Client, cast: Cast
) -> None:
    begun = draft(cast.siti)
    url = reverse("joss:step", args=[begun.pk, "registration"])
    kept = client.post(url, answers_of(0), headers={"origin": "http://testserver"})
    assert kept.status_code == 403
    assert "1803 1225 2024 0817" in kept.content.decode()


def test_sent_twice_it_is_handed_in_once_and_the_back_button_does_no_harm(
    siti: Client, cast: Cast
) -> None:
    begun = draft(cast.siti)
    url = reverse("joss:check", args=[begun.pk])
    first = siti.post(url, {"true": "on"})
    assert "tanda-terima" in first["Location"]
    for late in (
        siti.post(url, {"true": "on"}),
        siti.post(reverse("joss:step", args=[begun.pk, "registration"]), answers_of(0)),
        siti.get(reverse("joss:papers", args=[begun.pk])),
    ):
        assert late.status_code == 302
        assert f"/joss/permohonan/{fresh(begun).number}/" in late["Location"]
    assert Application.objects.count() == 1


def test_the_pages_of_another_do_not_exist(client: Client, cast: Cast, nurse: Application) -> None:
    begun = draft(cast.siti, "surat-keterangan-penelitian")
    client.force_login(cast.budi)
    for url in (
        reverse("joss:identity", args=[begun.pk]),
        reverse("joss:check", args=[begun.pk]),
        reverse("joss:status", args=[nurse.number]),
        reverse("joss:receipt", args=[nurse.number]),
        reverse("joss:withdraw", args=[nurse.number]),
        reverse("joss:paper", args=[nurse.number, nurse.papers.first().pk]),  # type: ignore[union-attr]
    ):
        assert client.get(url).status_code == 404, url


def test_a_refused_upload_says_why_and_keeps_the_draft(siti: Client, cast: Cast) -> None:
    begun = draft(cast.siti)
    from django.core.files.uploadedfile import SimpleUploadedFile

    evil = SimpleUploadedFile("../../etc/passwd.pdf", b"<script>alert(1)</script>")
    pdf_as_photo = sheet("photo")
    page = siti.post(
        reverse("joss:papers", args=[begun.pk]),
        {"health-file": evil, "photo-file": pdf_as_photo, "diploma-file": sheet("new")},
    ).content.decode()
    assert page.count("field__error") == 2
    assert begun.papers.get(code="diploma", replaced_at=None).version == 2
    assert begun.papers.get(code="photo", replaced_at=None).version == 1


def test_a_paper_from_the_vault_is_used_again_but_only_ones_own(
    siti: Client, cast: Cast, client: Client
) -> None:
    begun = start(siti)
    own, foreign = paper(cast.siti, "Pasfoto"), paper(cast.budi, "Pasfoto")
    url = reverse("joss:papers", args=[begun.pk])
    siti.post(url, {"photo-reuse": str(foreign.pk), "stay": "1"})
    assert not begun.papers.exists()
    siti.post(url, {"photo-reuse": str(own.pk), "stay": "1"})
    assert begun.papers.get().paper == own
    siti.post(url, {"remove": "photo"})
    assert not begun.papers.exists()
    assert Paper.objects.filter(pk=own.pk).exists()


def test_faults_are_mended_on_one_page(siti: Client, cast: Cast, nurse: Application) -> None:
    findings = [
        Finding("paper", "photo", "Pasfoto berlatar biru"),
        Finding("field", "practice_name", "Nama tempat praktik terlalu umum"),
        Finding("other", "", "Bawa STR asli saat survei"),
    ]
    verification.return_with_faults(
        application=nurse, findings=findings, by=cast.bambang, at=at(0, 10)
    )
    url = reverse("joss:mend", args=[nurse.number])
    page = siti.get(url).content.decode()
    for finding in findings:
        assert finding.words in page
    siti.post(url, {"practice_name": "Praktik Perawat Siti Tahunan"})
    assert fresh(nurse).state == "returned"
    done = siti.post(
        url, {"practice_name": "Praktik Perawat Siti", "photo-file": picture(colour="blue")}
    )
    assert done["Location"] == reverse("joss:status", args=[nurse.number])
    assert fresh(nurse).state == "submitted"
    assert siti.post(url, {}).status_code == 409


def test_the_applicant_agrees_writes_and_withdraws(
    siti: Client, cast: Cast, nurse: Application
) -> None:
    accepted(cast, nurse)
    advice.plan_survey(
        application=nurse, surveyor=cast.agus, planned_for=at(3), by=cast.ratna, at=at(0, 11)
    )
    status = siti.get(reverse("joss:status", args=[nurse.number])).content.decode()
    assert "Agus Prabowo" in status
    siti.post(reverse("joss:agree", args=[nurse.number]))
    assert nurse.surveys.get().agreed_at
    siti.post(reverse("joss:write", args=[nurse.number]), {"words": "<b>Jam berapa?</b>"})
    status = siti.get(reverse("joss:status", args=[nurse.number])).content.decode()
    assert "&lt;b&gt;Jam berapa?" in status
    assert siti.get(reverse("joss:withdraw", args=[nurse.number])).status_code == 200
    siti.post(reverse("joss:withdraw", args=[nurse.number]), {"words": ""})
    assert fresh(nurse).state == "withdrawn"
    assert siti.post(reverse("joss:agree", args=[nurse.number])).status_code == 409


def test_a_page_that_waits_for_a_payment_asks_again_and_then_shows_the_next_stage(
    siti: Client, cast: Cast
) -> None:
    banner = accepted(cast, submitted(cast.siti, "izin-reklame-insidentil"))
    bill = money.assess(application=banner, amount_rupiah=5000, words="x", by=cast.tri, at=at(1))
    url = reverse("joss:status", args=[banner.number])
    seen = re.search(r'hx-get="([^"]+)"', siti.get(url).content.decode())
    assert seen
    assert siti.get(seen[1], headers={"HX-Request": "true"}).status_code == 204
    money.paid(reference=bill.reference, amount_rupiah=5000, at=at(1))
    part = siti.get(seen[1], headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" not in part
    assert "<html" not in part
    assert "memverifikasi" in part


@pytest.mark.parametrize("path", ["", "?q=perawat", "?q=zzz", "?q=%00%27", "layanan/tidak-ada/"])
def test_public_pages_bear_any_address(client: Client, cast: Cast, path: str) -> None:
    page = client.get(f"/joss/{path}")
    assert page.status_code == (404 if "tidak-ada" in path else 200)


def test_pages_ask_the_database_a_bounded_number_of_times(
    siti: Client,
    cast: Cast,
    nurse: Application,
    django_assert_max_num_queries: Callable[..., DjangoAssertNumQueries],
) -> None:
    for code in ("surat-keterangan-penelitian", "izin-reklame-insidentil"):
        submitted(cast.siti, code)
    begun = draft(cast.siti)
    counts = {
        reverse("joss:services"): 6,
        reverse("joss:service", args=[CODE]): 10,
        reverse("joss:applications"): 8,
        reverse("joss:status", args=[nurse.number]): 26,
        reverse("joss:check", args=[begun.pk]): 12,
        reverse("joss:papers", args=[begun.pk]): 16,
    }
    for url, most in counts.items():
        with django_assert_max_num_queries(most):  # type: ignore[attr-defined]
            assert siti.get(url).status_code == 200


def test_pages_speak_english_and_say_what_is_not_verified(client: Client, cast: Cast) -> None:
    client.cookies["bahasa"] = "en"
    page = client.get(reverse("joss:service", args=[CODE])).content.decode()
    for said in ("Licence to practise as an independent nurse", "7 working days", "not verified"):
        assert said in page
    client.cookies["bahasa"] = "id"
    page = client.get(reverse("joss:service", args=[CODE])).content.decode()
    assert page.count("belum diverifikasi") >= 5


HOSTILE = ("%00", "..%2f..%2fetc", "JOSS-2026-%00", "JOSS-2026-000001%0d%0aX:1", "9" * 3000)


@pytest.mark.parametrize("odd", HOSTILE)
def test_odd_addresses_do_not_exist(siti: Client, nurse: Application, odd: str) -> None:
    for path in (f"permohonan/{odd}/", f"berkas/{odd}/", f"layanan/{odd}/", f"draf/{odd}/"):
        assert siti.get(f"/joss/{path}").status_code == 404


def test_odd_answers_are_refused_in_words(siti: Client, cast: Cast, villages: None) -> None:
    begun = start(siti, "izin-reklame-insidentil")
    odd = {
        "width_centimetres": "9" * 6000,
        "height_centimetres": "-3",
        "pieces": "2,5",
        "advertisement_kind": "zeppelin",
        "advertisement_text": "a\x00b",
    }
    page = siti.post(reverse("joss:step", args=[begun.pk, "advertisement"]), odd).content.decode()
    assert page.count('<p class="field__error"') == 6
    dates = {"hangs_from_on": "9999-12-31", "hangs_until_on": "0001-01-01", "site_village": "x"}
    assert siti.post(reverse("joss:step", args=[begun.pk, "site"]), dates).status_code == 200
    born = {"birth_on_day": "1", "birth_on_month": "1", "birth_on_year": "1", "phone": "1" * 500}
    assert siti.post(reverse("joss:identity", args=[begun.pk]), born).status_code == 200
    assert siti.post(reverse("joss:papers", args=[begun.pk]), {"remove": "\x00"}).status_code == 302
    track = siti.post(reverse("joss:track"), {"number": "\x00'--", "pin": "\u0661" * 6})
    assert track.status_code == 200


@time_machine.travel(at(), tick=False)
def test_whole_numbers_are_taken_as_people_write_them(
    siti: Client, cast: Cast, villages: None
) -> None:
    begun = start(siti, "izin-reklame-insidentil")
    answers = ANSWERS["izin-reklame-insidentil"]
    typed = {k: str(answers[k]) for k in list(answers)[:6]} | {"width_centimetres": "1.200"}
    sent = siti.post(reverse("joss:step", args=[begun.pk, "advertisement"]), typed)
    assert sent["Location"].endswith("/isi/site/")
    assert fresh(begun).answers["width_centimetres"] == 1200
    shown = siti.get(reverse("joss:step", args=[begun.pk, "advertisement"])).content.decode()
    assert 'value="1200"' in shown
    site = {k: str(answers[k]) for k in list(answers)[6:]}
    assert siti.post(sent["Location"], site)["Location"].endswith("/berkas/")
