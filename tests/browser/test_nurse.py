"""The story that everything stands on: a nurse's practice licence, from the portal to a document anyone can verify."""

import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import Person
from tests.browser.steps import apply, download, pdf, take_turn, track

pytestmark = pytest.mark.browser
Enter = Callable[..., Person]
TURNS: list[tuple[str, str, dict[str, str]]] = [
    ("bambang", "accept", {}),
    ("ratna", "plan-survey", {"surveyor": "first"}),
    ("agus", "record-survey", {}),
    ("ratna", "recommend", {"words": "Tempat praktik memenuhi syarat."}),
]


def test_a_nurse_gets_her_licence_and_anyone_can_verify_it(person: Enter, tmp_path: Path) -> None:
    nurse = person()
    nurse.sign_in("siti")
    number, pin = apply(nurse, "sip-perawat-mandiri", look=True)

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
    stranger = person()
    track(stranger, number, pin)
    expect(stranger.page.locator("main")).not_to_contain_text("Siti Nur Aisyah")
    stranger.look("lacak")
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
    address = nurse.page.locator("main a[href*='/periksa/']").first.get_attribute("href") or ""
    code = address.rstrip("/").split("/")[-1]
    download(nurse.page, "main a[href*='unduh'], main a[download]", target)
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
