"""The data exchange as people run it: an outside system joins, a citizen asks why, an officer keeps the registers."""

import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.browser.conftest import House, Person
from tests.browser.steps import enter, walk_to

pytestmark = pytest.mark.browser
Enter = Callable[..., Person]
SERVICE = "dukcapil.resident-by-nik.v1"


def press(person: Person, name: str) -> None:
    person.page.get_by_role("button", name=name, exact=True).first.click()


def shell(*commands: str) -> str:
    """What a developer's terminal says to these commands, one after the other."""
    done = subprocess.run(
        ["bash", "-c", "\n".join(commands)], capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout


def test_an_outside_system_joins_in_ten_minutes(person: Enter) -> None:
    """Story 1, without JavaScript: entered, secret, the ready commands as they stand, asked, narrowed, answered."""
    officer = person(javascript=False)
    officer.sign_in("laila")
    officer.go("/console/anggota/daftarkan/")
    officer.page.select_option("[name=organisation]", "sehat-nusantara")
    for name, words in (
        ("code", "antrean-sehat"),
        ("title", "Antrean Sehat"),
        ("contact", "Dimas"),
    ):
        officer.page.fill(f"[name={name}]", words)
    press(officer, "Daftarkan")
    assert "/console/sistem/antrean-sehat/" in officer.page.url

    developer = person(javascript=False)
    developer.sign_in("dimas")
    developer.go("/console/sistem/antrean-sehat/rahasia/")
    press(developer, "Buat rahasia")
    commands = [one.inner_text() for one in developer.page.locator("main pre").all()]
    assert len(commands) == 2
    token, methods = commands
    assert '"service"' in shell("sleep 1.5", token, methods)

    developer.go(f"/console/izin/minta/antrean-sehat/{SERVICE}/")
    developer.page.fill("[name=need]", "Menyapa pasien dengan namanya")
    developer.page.fill("[name=basis]", "Perjanjian kerja sama 7/2026")
    developer.page.select_option("[name=purpose]", "account-identity")
    developer.page.check("[name=basis_letter][value=b]")
    for field in ("name", "address"):
        developer.page.check(f"[name=fields_wanted][value={field}]")
    developer.page.fill("[name=until]", (date.today() + timedelta(days=60)).isoformat())  # noqa: DTZ011
    press(developer, "Minta kepada pemilik")
    grant = re.search(r"/izin/(\d+)/", developer.page.url)
    assert grant

    owner = person(javascript=False)
    owner.sign_in("endang")
    owner.go(f"/console/izin/{grant[1]}/")
    owner.page.locator("a[href$='/persempit/']").click()
    owner.page.uncheck("[name=fields_kept][value=address]")
    owner.page.fill("[name=reason]", "Nama saja cukup")
    owner.page.locator("main form button").last.click()
    assert "Nama saja cukup" in owner.page.content()

    developer.go("/console/sistem/antrean-sehat/pengembang/")
    call = developer.page.locator("main pre").nth(2).inner_text()
    assert SERVICE in call
    said = shell("sleep 1.5", token, call)
    assert '"name"' in said
    assert '"address"' not in said


@pytest.mark.parametrize("javascript", [True, False])
def test_a_citizen_asks_why_and_the_clock_of_the_law_runs(person: Enter, javascript: bool) -> None:
    """Story 4: read, filter, ask about one line, download; Diskominfo sees it with its 3×24 hours and answers."""
    suffix = "" if javascript else "-tanpa-javascript"
    why = f"Atas dasar apa data saya dibuka{suffix}?"
    citizen = person(javascript=javascript)
    citizen.sign_in("siti")
    citizen.go("/data-saya/jejak/")
    citizen.look(f"jejak-data-saya{suffix}")
    everything = citizen.page.locator("main tbody tr").count()
    citizen.page.select_option("[name=instansi]", "dpmptsp")
    press(citizen, "Saring")
    assert 0 < citizen.page.locator("main tbody tr").count() < everything
    for kind in ("CSV", "JSON"):
        with citizen.page.expect_download() as taken:
            citizen.page.get_by_role("link", name=f"Unduh sebagai {kind}").click()
        words = Path(taken.value.path()).read_text()
        assert "Mengurus akun Anda" in words
        assert "3320116204959002" not in words
    marked = citizen.page.locator("main tr[data-tone=warn]").first
    assert "Perlu penjelasan" in marked.inner_text()
    marked.get_by_role("link", name="Tanyakan alasannya").click()
    assert "Membuka data Anda" in citizen.page.locator("main").inner_text()
    citizen.page.locator("textarea").fill(why)
    press(citizen, "Tanyakan")
    assert "/data-saya/pertanyaan/" in citizen.page.url

    officer = person(javascript=javascript)
    officer.sign_in("laila")
    officer.go("/petugas/pertanyaan-data/")
    assert "3×24" in officer.page.content()
    officer.look(f"pertanyaan-data{suffix}")
    officer.page.get_by_role("link", name=why, exact=True).click()
    assert "Tenggat" in officer.page.locator("main").inner_text()
    officer.page.locator("textarea").fill("Petugas loket mencatat nomor HP baru Anda.")
    press(officer, "Kirim jawaban")
    citizen.page.reload()
    assert "Petugas loket mencatat nomor HP baru Anda." in citizen.page.content()


@pytest.mark.parametrize("javascript", [True, False])
def test_an_auditor_takes_a_message_with_its_proof_and_finds_what_was_altered(
    person: Enter, tmp_path: Path, javascript: bool
) -> None:
    """Story 3, as far as the screen goes: search, two files, one command. The second node's part is a journey."""
    officer = person(javascript=javascript)
    officer.sign_in("laila")
    officer.go("/console/log/")
    today = date.today().isoformat()  # noqa: DTZ011
    officer.page.fill("[name=day]", today)
    officer.page.fill("[name=until]", today)
    officer.page.select_option("[name=method]", "EVENT")
    press(officer, "Saring")
    officer.page.locator("main tbody th a").last.click()
    for link in ("Unduh bukti", "Unduh pemeriksa"):
        with officer.page.expect_download() as taken:
            officer.page.get_by_role("link", name=link, exact=True).click()
        taken.value.save_as(tmp_path / taken.value.suggested_filename)
    command = officer.page.locator("aside pre").inner_text()
    python, *words = shlex.split(command)
    assert (python, words[0]) == ("python3", "kartini_verify.py")

    def judged() -> int:
        alone = [sys.executable, "-I", *words]
        return subprocess.run(alone, cwd=tmp_path, env={}, capture_output=True).returncode

    assert judged() == 0
    proof = tmp_path / words[2]
    proof.write_text(proof.read_text().replace('"EVENT"', '"ASK"'))
    assert judged() == 1


def test_an_owner_decides_with_the_keyboard_alone(person: Enter) -> None:
    """From the list to the decision: no mouse, and whoever tabs sees where they are."""
    owner = person()
    owner.sign_in("endang")
    owner.go("/console/izin/?state=asked")
    walk_to(owner, "main table th a")
    enter(owner)
    walk_to(owner, "main a[href$='/tolak/']")
    enter(owner)
    walk_to(owner, "main form button")
    enter(owner)
    assert "Belum diisi" in owner.page.locator(".error-summary").inner_text()
    walk_to(owner, ".error-summary a")
    owner.page.keyboard.press("Enter")
    owner.page.keyboard.type("Belum ada perjanjian dengan puskesmas ini.")
    walk_to(owner, "main form button")
    enter(owner)
    owner.page.get_by_text("Belum ada perjanjian dengan puskesmas ini.").first.wait_for()


PAGES = [
    "ringkasan",
    "lalu-lintas",
    "lalu-lintas/joss",
    "lalu-lintas/layanan/joss.permit-figures.v1",
    "anggota",
    "anggota/daftarkan",
    "anggota/sehat-nusantara",
    "sistem/simpus-sehat",
    "sistem/simpus-sehat/pengembang",
    "layanan",
    f"layanan/{SERVICE}",
    "izin",
    "izin/minta",
    "pengiriman",
    "log",
    "bukti",
    "pelindungan",
    "pelindungan/arsip",
    "pelindungan/masa-simpan",
    "pelindungan/kegagalan",
    "siapa-boleh-bertanya",
]


@pytest.mark.parametrize("path", PAGES)
def test_pages_of_the_console_are_whole_on_a_phone_and_a_desk(person: Enter, path: str) -> None:
    officer = person()
    officer.sign_in("laila")
    officer.go(f"/console/{path}/")
    officer.look("konsol-" + path.replace("/", "-"))


def test_a_dead_letter_says_what_to_do_and_is_sent_again(person: Enter, house: House) -> None:
    officer = person(javascript=False)
    officer.sign_in("laila")
    officer.go("/console/pengiriman/?mati=1")
    with officer.page.expect_navigation():
        officer.page.locator("th a").first.click()
    assert "kirim ulang" in officer.page.content().lower()
    assert "TimeoutError" not in officer.page.locator("main").inner_text(), (
        "folded, for technicians"
    )
    press(officer, "Kirim lagi")
    assert house.process.poll() is None
