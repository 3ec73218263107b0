"""The console's forms by the keyboard alone, and what of its lists a phone shows."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Person
from tests.browser.steps import enter, walk_to

pytestmark = pytest.mark.browser
Enter = Callable[..., Person]
BUTTON = "main form.form button[type=submit]"


def type_into(person: Person, field: str, words: str) -> None:
    walk_to(person, f"main [name={field}]")
    person.page.keyboard.type(words)


def officer_at(person: Enter, path: str) -> Person:
    officer = person()
    officer.sign_in("laila")
    officer.go(f"/console/{path}/")
    return officer


def test_a_member_is_registered_by_the_keyboard_and_led_through_its_errors(person: Enter) -> None:
    officer = officer_at(person, "anggota/daftarkan")
    walk_to(officer, BUTTON)
    enter(officer)
    expect(officer.page.locator(".error-summary")).to_be_focused()
    officer.look("daftarkan-galat")
    officer.page.keyboard.press("Tab")
    officer.page.keyboard.press("Enter")
    expect(officer.page.locator("[name=new_code]")).to_be_focused()
    officer.page.keyboard.type("rsud-papan")
    type_into(officer, "new_name", "RSUD Papan Ketik (rekaan)")
    type_into(officer, "new_short_name", "RSUD Papan")
    type_into(officer, "code", "rekam-papan")
    type_into(officer, "title", "Rekam Papan")
    type_into(officer, "contact", "Dimas, 0812 0000 8021")
    walk_to(officer, BUTTON)
    enter(officer)
    assert "/console/sistem/rekam-papan/" in officer.page.url


def test_a_secret_is_replaced_by_the_keyboard(person: Enter) -> None:
    developer = person()
    developer.sign_in("dimas")
    developer.go("/console/sistem/simpus-sehat/")
    walk_to(developer, "main a[href$='/rahasia/']")
    enter(developer)
    walk_to(developer, "[name=replaces]")
    developer.page.keyboard.press("ArrowDown")
    walk_to(developer, BUTTON)
    enter(developer)
    expect(developer.page.locator("#rahasia")).to_be_visible()
    developer.look("rahasia-sekali")


def test_an_answerer_is_prepared_by_the_keyboard(person: Enter) -> None:
    officer = officer_at(person, "layanan/pengumuman.latest.v1")
    walk_to(officer, "main a[href$='/alamat/']")
    enter(officer)
    type_into(officer, "url", "https://papan.jepara.invalid/tanya")
    walk_to(officer, BUTTON)
    enter(officer)
    expect(officer.page.locator("main")).to_contain_text("https://papan.jepara.invalid/tanya")
    officer.look("penjawab-disiapkan")


def test_a_rule_of_keeping_is_set_by_the_keyboard(person: Enter) -> None:
    officer = officer_at(person, "pelindungan/masa-simpan")
    type_into(officer, "keep_days", "400")
    type_into(officer, "basis", "Jadwal retensi arsip (rekaan)")
    type_into(officer, "from_on", f"{date.today() + timedelta(days=1):%m%d%Y}")  # noqa: DTZ011
    walk_to(officer, BUTTON)
    enter(officer)
    expect(officer.page.locator("main")).to_contain_text("Jadwal retensi arsip (rekaan)")


def test_a_breach_is_entered_by_the_keyboard(person: Enter) -> None:
    officer = officer_at(person, "pelindungan/kegagalan/catat")
    yesterday = date.today() - timedelta(days=1)  # noqa: DTZ011
    type_into(officer, "title", "Papan pengumuman memuat nama (rekaan)")
    walk_to(officer, "main [name=known_at]")
    for part in (f"{yesterday:%m%d%Y}", "Tab", "0730AM"):
        press = officer.page.keyboard.press if part == "Tab" else officer.page.keyboard.type
        press(part)
    for name in ("personal_data", "cause", "measures"):
        type_into(officer, name, "Nama lima orang")
    walk_to(officer, BUTTON)
    enter(officer)
    expect(officer.page.locator("h1")).to_have_text("Papan pengumuman memuat nama (rekaan)")
    officer.look("kegagalan-tercatat")


@pytest.mark.parametrize(
    ("username", "path", "most"),
    [
        ("laila", "/console/log/", 150),
        ("laila", "/console/ringkasan/", 110),
        ("laila", "/console/izin/", 160),
        ("laila", "/console/anggota/", 150),
        ("siti", "/data-saya/jejak/", 230),
    ],
)
def test_a_line_of_a_long_list_stays_short_on_a_phone(
    person: Enter, username: str, path: str, most: int
) -> None:
    """In CSS pixels at 320, the usual line; what a line must say is not hidden by it."""
    reader = person()
    reader.sign_in(username)
    reader.page.set_viewport_size({"width": 320, "height": 900})
    reader.go(path)
    heights = reader.page.locator("main tbody tr").evaluate_all(
        "rows => rows.map(r => r.offsetHeight)"
    )
    assert sorted(heights)[len(heights) // 2] <= most


@pytest.mark.parametrize("width", [896, 1024, 1280])
@pytest.mark.parametrize("language", ["id", "en"])
def test_a_long_name_is_whole_in_the_header(person: Enter, width: int, language: str) -> None:
    officer = person()
    officer.sign_in("ratna")
    officer.page.set_viewport_size({"width": width, "height": 900})
    officer.go(f"/?bahasa={language}")
    named = officer.page.locator(".site-header .nav a:has(.avatar)")
    expect(named).to_contain_text("dr. Ratna Kusumaningrum")
    assert named.evaluate("a => a.scrollWidth <= a.clientWidth && a.scrollHeight <= a.clientHeight")
    menu = officer.page.locator(".site-header .nav")
    assert menu.evaluate("nav => nav.scrollWidth <= nav.clientWidth"), (
        "something is beyond the edge"
    )
