"""The story that everything stands on: a nurse's practice licence, from the portal to a document anyone can verify."""

import io
import re
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Person

pytestmark = pytest.mark.browser
Enter = Callable[..., Person]
ANSWERS = {
    "str_number": "1803122520240817",
    "str_issued_on_day": "12",
    "str_issued_on_month": "3",
    "str_issued_on_year": "2024",
    "practice_name": "Praktik Perawat Siti",
    "practice_address": "RT 03 RW 02 Tahunan",
    "opens_at": "16:00",
    "closes_at": "20:00",
}
TAHUNAN = "33.20.11.2012"


def pdf() -> FilePayload:
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    document.save(out)
    return {"name": "surat.pdf", "mimeType": "application/pdf", "buffer": out.getvalue()}


def photo() -> FilePayload:
    out = io.BytesIO()
    Image.new("RGB", (400, 600), (180, 20, 20)).save(out, "JPEG")
    return {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def fill(page: Page) -> None:
    """Answer whatever this page asks."""
    for name, value in ANSWERS.items():
        if page.locator(f"main [name={name}]").count():
            page.locator(f"main [name={name}]").fill(value)
    for select in page.locator("main select").all():
        values = select.evaluate("e => [...e.options].map(o => o.value).filter(Boolean)")
        select.select_option(TAHUNAN if TAHUNAN in values else values[0])
    first_of_each_choice(page)


def first_of_each_choice(page: Page) -> None:
    seen = set()
    for radio in page.locator("main input[type=radio]").all():
        name = radio.get_attribute("name")
        if name not in seen:
            seen.add(name)
            radio.check()
    for box in page.locator("main input[type=checkbox]").all():
        box.check()


def go_on(page: Page) -> None:
    page.locator("main form button:not([name]):not([popovertarget])").first.click()


def apply(nurse: Person) -> tuple[str, str]:
    """Through the wizard; returns the number and the PIN."""
    page = nurse.page
    nurse.go("/joss/layanan/sip-perawat-mandiri/")
    nurse.look("layanan")
    page.locator("main .button--start, main form button").first.click()
    expect(page.locator("main")).to_contain_text("Cocok dengan Dukcapil")
    assert page.locator("main input[name=name], main input[name=nik]").count() == 0, "asked once"
    nurse.look("permohonan-diri")
    for _page in range(6):
        if "/berkas/" in page.url:
            break
        fill(page)
        go_on(page)
    for upload in page.locator("main input[type=file]").all():
        only_pictures = "pdf" not in (upload.get_attribute("accept") or "")
        upload.set_input_files(photo() if only_pictures else pdf())
    go_on(page)
    first_of_each_choice(page)
    nurse.look("periksa-jawaban")
    page.get_by_role("button", name="Kirim permohonan").click()
    expect(page.locator("h1")).to_contain_text("diterima")
    said = page.locator("main").inner_text()
    number, pin = re.search(r"JOSS-\d{4}-\d{6}", said), re.search(r"PIN\s+(\d{3} \d{3})", said)
    assert number
    assert pin
    nurse.look("tanda-terima")
    return number[0], pin[1]


def take_turn(
    officer: Person, number: str, verb: str, answers: dict[str, str], screen: str
) -> None:
    """An officer opens the file and does what is their turn."""
    page = officer.page
    officer.go(f"/joss/berkas/{number}/")
    page.locator(f"main a[href$='/giliran/{verb}/']").first.click()
    for name, value in answers.items():
        field = page.locator(f"main [name='{name}']")
        if value == "first":
            field.select_option(index=1)
        else:
            field.fill(value)
    unanswered = page.locator("main input[type=radio]")
    if unanswered.count() and not page.locator("main input[type=radio]:checked").count():
        first_of_each_choice(page)
    officer.look(screen)
    go_on(page)
    expect(page).not_to_have_url(re.compile(f"/giliran/{verb}/"))


TURNS: list[tuple[str, str, dict[str, str]]] = [
    ("bambang", "accept", {}),
    ("ratna", "plan-survey", {"surveyor": "first"}),
    ("agus", "record-survey", {}),
    ("ratna", "recommend", {"words": "Tempat praktik memenuhi syarat."}),
]


def test_a_nurse_gets_her_licence_and_anyone_can_verify_it(person: Enter, tmp_path: Path) -> None:
    nurse = person()
    nurse.sign_in("siti")
    number, pin = apply(nurse)

    officers = {"bambang": person(), "ratna": person(), "agus": person(), "hendro": person()}
    for username, officer in officers.items():
        officer.sign_in(username)
    officers["bambang"].go("/joss/meja/")
    officers["bambang"].look("antrean")
    fault = {"paper-health": "Surat sehat terpotong, mohon unggah ulang seluruh halaman."}
    take_turn(officers["bambang"], number, "return", fault, "kembalikan")
    mend(nurse, number)
    for username, verb, answers in TURNS:
        take_turn(officers[username], number, verb, answers, f"giliran-{verb}")
    take_turn(officers["hendro"], number, "issue", {}, "tanda-tangan")

    code = read_document(nurse, number, tmp_path / "izin.pdf")
    verify(person(javascript=False), code, tmp_path / "izin.pdf")
    track(person(), number, pin)
    see_who_looked(nurse)
    told_outside(nurse, number)
    the_log_is_whole(nurse)


def mend(nurse: Person, number: str) -> None:
    nurse.go(f"/joss/permohonan/{number}/perbaiki/")
    expect(nurse.page.locator("main")).to_contain_text("Surat sehat terpotong")
    nurse.look("perbaiki")
    nurse.page.locator("main input[type=file]").set_input_files(pdf())
    nurse.page.get_by_role("button", name="Kirim kembali").click()
    expect(nurse.page.locator("main")).to_contain_text("Waktu berjalan lagi")


def read_document(nurse: Person, number: str, target: Path) -> str:
    """Download the signed document; a foreign judge says whether the signature is valid."""
    nurse.go(f"/joss/permohonan/{number}/")
    nurse.look("status-terbit")
    page = nurse.page
    address = page.locator("main a[href*='/periksa/']").first.get_attribute("href") or ""
    code = address.rstrip("/").split("/")[-1]
    with page.expect_download() as download:
        page.locator("main a[href*='unduh'], main a[download]").first.click()
    download.value.save_as(target)
    said = subprocess.run(["pdfsig", str(target)], capture_output=True, text=True).stdout
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    return code


def verify(stranger: Person, code: str, document: Path) -> None:
    """The public page masks the holder and knows these very bytes."""
    page = stranger.page
    stranger.go(f"/periksa/{code}/")
    expect(page.locator("main")).not_to_contain_text("Siti Nur Aisyah")
    stranger.look("verifikasi")
    for content, valid in ((document.read_bytes(), True), (document.read_bytes() + b"\n%", False)):
        stranger.go("/periksa/")
        file: FilePayload = {"name": "izin.pdf", "mimeType": "application/pdf", "buffer": content}
        page.locator("main input[type=file]").set_input_files(file)
        page.locator("main form:has(input[type=file]) button").first.click()
        tone = page.locator("main .verdict").first.get_attribute("data-tone")
        assert (tone == "ok") is valid
        stranger.look(f"periksa-berkas-{'asli' if valid else 'berubah'}")


def track(stranger: Person, number: str, pin: str) -> None:
    stranger.go("/joss/lacak/")
    form = stranger.page.locator("main form")
    form.locator("input:not([type=hidden])").nth(0).fill(number)
    form.locator("input:not([type=hidden])").nth(1).fill(pin)
    go_on(stranger.page)
    expect(stranger.page.locator("main")).not_to_contain_text("Siti Nur Aisyah")
    expect(stranger.page.locator("main")).to_contain_text(number)
    stranger.look("lacak")


def see_who_looked(nurse: Person) -> None:
    nurse.go("/data-saya/jejak/")
    expect(nurse.page.locator("main")).to_contain_text("Dukcapil")
    nurse.look("jejak-data")


def told_outside(nurse: Person, number: str) -> None:
    """The demo's messages lie with the stand-ins."""
    for place in ("whatsapp", "mailbox"):
        with urllib.request.urlopen(f"{nurse.house.outside}/{place}/", timeout=10) as page:
            assert page.status == 200
    nurse.go("/pesan/")
    expect(nurse.page.locator("main")).to_contain_text(number)
    nurse.look("pesan")


def the_log_is_whole(nurse: Person) -> None:
    command = [".venv/bin/kartini", "verify-log"]
    environment = {"KARTINI_DATA_DIR": str(nurse.house.data), "PATH": "/usr/bin:/bin"}
    said = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr
    assert "whole" in said.stdout
