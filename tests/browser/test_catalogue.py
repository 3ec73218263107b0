"""The catalogue as anyone finds it: search, a dataset, a contract, a list of codes."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import Person

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("javascript", [True, False])
def test_a_reader_finds_a_dataset_and_takes_it(
    person: Callable[..., Person], javascript: bool
) -> None:
    reader = person(javascript=javascript)
    suffix = "" if javascript else "-tanpa-javascript"
    reader.go("/katalog/")
    reader.look(f"katalog{suffix}")
    reader.page.locator("input[name=cari]").fill("kemendagri")
    reader.page.locator("main form.filters button").click()
    assert "cari=kemendagri" in reader.page.url
    reader.page.get_by_role("link", name="Kecamatan dan desa di kabupaten", exact=True).click()
    assert reader.page.locator("h1").inner_text() == "Kecamatan dan desa di kabupaten"
    reader.look(f"katalog-himpunan{suffix}")
    with reader.page.expect_download() as taken:
        reader.page.locator("main a.button[download]").first.click()
    assert taken.value.suggested_filename == "wilayah-administrasi.csv"


def test_nothing_found_says_what_to_do(person: Callable[..., Person]) -> None:
    reader = person()
    reader.go("/katalog/?cari=zzzz")
    reader.look("katalog-kosong")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("katalog-kontrak", "/katalog/kontrak/"),
        ("katalog-layanan", "/katalog/kontrak/dukcapil.resident-by-nik.v1/"),
        ("katalog-peristiwa", "/katalog/kontrak/bank-sampah.deposit-recorded.v1/"),
        ("katalog-angka-kecil", "/katalog/data/izin-terbit-per-jenis/"),
        ("katalog-daftar-kode", "/katalog/kode/"),
        ("katalog-kode-wilayah", "/katalog/kode/wilayah/?cari=33.20.11"),
        ("katalog-bukan-tanggal", "/katalog/kode/wilayah/?pada=kemarin"),
    ],
)
def test_each_page_of_the_catalogue_is_sound(
    person: Callable[..., Person], name: str, path: str
) -> None:
    reader = person()
    reader.go(path)
    reader.look(name)
