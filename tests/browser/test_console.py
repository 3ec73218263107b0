"""The data exchange as people run it: an outside system joins, a citizen asks why, an officer keeps the registers."""

import re
import subprocess
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.browser.conftest import House, Person

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


def test_a_citizen_asks_why_and_the_clock_of_the_law_runs(person: Enter) -> None:
    """Story 4: read, filter, ask, download; the officer for personal data sees it with its 3×24 hours."""
    citizen = person()
    citizen.sign_in("siti")
    citizen.go("/data-saya/jejak/")
    citizen.look("jejak-data-saya")
    citizen.page.select_option("[name=jenis]", "asked")
    press(citizen, "Saring")
    for kind in ("csv", "json"):
        answer = citizen.page.request.get(f"{citizen.house.web}/data-saya/jejak.{kind}?jenis=asked")
        assert answer.ok
        assert "3320116204959002" not in answer.text()
    citizen.go("/data-saya/jejak/tanya/")
    citizen.page.locator("textarea").fill("Mengapa data saya dibuka?")
    citizen.page.locator("main form button").last.click()
    assert "/data-saya/pertanyaan/" in citizen.page.url
    officer = person()
    officer.sign_in("laila")
    officer.go("/petugas/pertanyaan-data/")
    assert "Mengapa data saya dibuka?" in officer.page.content()
    assert "3×24" in officer.page.content()
    officer.look("pertanyaan-data")


PAGES = [
    "ringkasan",
    "lalu-lintas",
    "anggota",
    "anggota/sehat-nusantara",
    "sistem/simpus-sehat",
    "sistem/simpus-sehat/pengembang",
    "layanan",
    f"layanan/{SERVICE}",
    "izin",
    "pengiriman",
    "log",
    "bukti",
    "pelindungan",
    "pelindungan/kegagalan",
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
    officer.page.locator("th a").first.click()
    assert "kirim ulang" in officer.page.content().lower()
    press(officer, "Kirim lagi")
    assert house.process.poll() is None
