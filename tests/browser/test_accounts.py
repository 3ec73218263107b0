"""Making an account, getting in, the second factor, the counter: as people do it."""

import contextlib
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Person

pytestmark = pytest.mark.browser
Enter = Callable[..., Person]


def newest_code(visitor: Person, phone: str) -> str:
    """The code that WhatsApp brought to this number (the worker carries it within a second or two)."""
    address = f"{visitor.house.outside}/whatsapp/{urllib.parse.quote(phone)}"
    for _attempt in range(60):
        with contextlib.suppress(urllib.error.HTTPError):  # no letter yet
            with urllib.request.urlopen(address, timeout=5) as page:
                found = re.findall(r"Kode Anda: ([0-9]{6})", page.read().decode())
            if found:
                return str(found[-1])
        time.sleep(0.25)
    raise AssertionError(f"no code came to {phone}")


def fill_in(visitor: Person, nik: str, birth: tuple[str, str, str], phone: str) -> None:
    page = visitor.page
    visitor.go("/daftar/")
    page.get_by_label("NIK").fill(nik)
    for name, part in zip(("day", "month", "year"), birth, strict=True):
        page.locator(f"input[name=birth_on_{name}]").fill(part)
    page.get_by_label("Nomor WhatsApp").fill(phone)
    page.get_by_label("Kata sandi").fill("tiga kata saja")
    page.get_by_role("button", name="Buat akun").click()


@pytest.mark.parametrize(
    ("javascript", "nik", "birth", "phone"),
    [
        (True, "3320 1055 0387 9016", ("15", "maret", "1987"), "081277770001"),
        (False, "3320165205579013", ("12", "5", "1957"), "081277770002"),
    ],
)
def test_a_citizen_makes_an_account_and_reads_who_asked(
    person: Enter, javascript: bool, nik: str, birth: tuple[str, str, str], phone: str
) -> None:
    visitor = person(javascript=javascript)
    page, name = visitor.page, "akun" if javascript else "akun-tanpa-javascript"
    fill_in(visitor, nik, (birth[0], birth[1], "1901"), phone)
    expect(page).to_have_title(re.compile("^Kesalahan: "))
    visitor.look(f"{name}-tidak-cocok")
    fill_in(visitor, nik, birth, phone)
    visitor.look(f"{name}-kode")
    page.get_by_label("Kode").fill(newest_code(visitor, f"+62{phone[1:]}"))
    page.get_by_role("button", name="Pastikan").click()
    page.get_by_text("Cocok dengan Dukcapil").wait_for()
    visitor.look(f"{name}-data-saya")
    visitor.go("/data-saya/jejak/")
    page.get_by_text("Bertanya ke Dukcapil").first.wait_for()
    visitor.look(f"{name}-jejak")
    page.get_by_role("link", name=re.compile("Tanyakan alasannya")).first.click()
    page.get_by_label("Pertanyaan Anda").fill("Mengapa ditanyakan?")
    page.get_by_role("button", name="Tanyakan").click()
    page.get_by_text("Menunggu jawaban").wait_for()
    visitor.look(f"{name}-pertanyaan")


def test_the_demos_accounts_are_one_tap_away_without_javascript(person: Enter) -> None:
    visitor = person(javascript=False)
    visitor.go("/masuk/")
    visitor.look("masuk-peragaan")
    visitor.page.get_by_role("button", name="Masuk sebagai Siti Nur Aisyah").click()
    visitor.page.get_by_role("heading", name="Data saya", exact=True).wait_for()


def test_an_officer_adds_a_passkey_and_signs_in_with_it(person: Enter) -> None:
    visitor = person()
    page = visitor.page
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    key = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    # somebody whom no other story needs: from now on a password alone does not let in
    visitor.sign_in("sekda")
    visitor.go("/akun/2fa/")
    visitor.look("faktor-kedua")
    page.get_by_role("link", name="Tambah passkey").click()
    visitor.look("passkey-baru")
    page.get_by_role("button", name="Tambah passkey").click()
    page.wait_for_url(lambda url: "/webauthn/add/" not in url)
    visitor.look("passkey-baru-ditambahkan")
    visitor.go("/akun/2fa/")
    page.get_by_text("1 passkey").wait_for()
    visitor.look("faktor-kedua-dipakai")
    page.context.clear_cookies()
    visitor.go("/masuk/")
    page.get_by_role("button", name="Masuk dengan passkey").click()
    page.wait_for_url(lambda url: "/masuk/" not in url)
    visitor.go("/data-saya/akun/")
    page.get_by_text("sekda@jepara.invalid").wait_for()
    visitor.look("akun-saya")


DESKS = {
    "yusuf": {
        "petugas-akun": "/petugas/akun/",
        "petugas-akun-baru": "/petugas/akun/baru/",
        "petugas-instansi": "/petugas/instansi/",
    },
    "bambang": {"loket-identitas": "/loket/identitas/", "loket-bantu": "/loket/bantu-masuk/"},
    "laila": {"pertanyaan-data": "/petugas/pertanyaan-data/"},
    "siti": {
        "siti-data-saya": "/data-saya/",
        "siti-jejak": "/data-saya/jejak/",
        "siti-akun": "/data-saya/akun/",
        "siti-perangkat": "/akun/sessions/",
        "siti-telepon": "/akun/phone/change/",
        "siti-surel": "/akun/email/",
        "siti-sandi": "/akun/password/change/",
        "siti-aplikasi": "/akun/2fa/totp/activate/",
        "siti-keluar": "/keluar/",
        "siti-bukan-peran": "/petugas/akun/",
    },
}


@pytest.mark.parametrize("who", DESKS)
def test_every_page_looks_right_at_both_widths(person: Enter, who: str) -> None:
    visitor = person()
    visitor.sign_in(who)
    for name, path in DESKS[who].items():
        visitor.go(path)
        visitor.look(name)


def test_cases_and_questions_open_from_their_lists(person: Enter) -> None:
    visitor = person()
    visitor.sign_in("bambang")
    visitor.go("/loket/identitas/")
    visitor.page.get_by_role("link", name="Ani Rahmawati").click()
    visitor.look("perkara-identitas")
    visitor.page.context.clear_cookies()
    visitor.sign_in("laila")
    visitor.go("/petugas/pertanyaan-data/")
    visitor.page.locator("tbody a").first.click()
    visitor.look("pertanyaan-data-satu")
    visitor.page.context.clear_cookies()
    visitor.sign_in("yusuf")
    visitor.go("/petugas/akun/")
    visitor.page.get_by_role("link", name="Bambang Wicaksono").click()
    visitor.look("akun-bambang")
    visitor.page.get_by_role("link", name="Beri peran").click()
    visitor.look("beri-peran")


def test_the_pages_speak_english_too(person: Enter) -> None:
    visitor = person()
    visitor.go("/daftar/?bahasa=en")
    visitor.page.get_by_role("heading", name="Make an account").wait_for()
    visitor.look("akun-inggris")
