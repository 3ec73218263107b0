"""The settings of a waste bank, looked at as the parent bank's officer and as a manager."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import Person

pytestmark = pytest.mark.browser
PARENT, UNIT = "/bank-sampah/meja/bsi-jepara/", "/bank-sampah/meja/bs-melati/"
PAGES = {
    "endah": [
        f"{PARENT}{page}"
        for page in (
            "pengaturan/", "profil/", "pengelola/", "ketentuan/", "bahan/", "bahan/baru/", "bahan/1/", "bahan/1/pakai/",
            "bahan/kategori/", "pembeli/", "unit/", "unit/baru/", "buka-tutup/",
        )
    ],
    "wati": [f"{UNIT}{page}" for page in ("pengaturan/", "profil/", "pengelola/", "ketentuan/", "jadwal/")],
}  # fmt: skip


@pytest.mark.parametrize("who", PAGES)
def test_the_settings_of_a_waste_bank_stand_on_every_screen(
    person: Callable[..., Person], who: str
) -> None:
    one = person()
    one.sign_in(who)
    for path in PAGES[who]:
        one.go(path)
        one.look(f"bank-{who}{path.replace('/', '-')}")


def test_the_map_of_waste_banks_needs_no_javascript(person: Callable[..., Person]) -> None:
    for javascript in (True, False):
        stranger = person(javascript=javascript)
        stranger.go("/bank-sampah/")
        stranger.look(f"bank-map-{javascript}")
        assert stranger.page.locator(".map__points circle").count() == 30
