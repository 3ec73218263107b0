from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from django.utils.translation import gettext_lazy

from kartini.contracts.pengumuman import Announcements, LatestAnnouncements
from kartini.exchange.testing import Post
from kartini.kit import doors
from kartini.site import errors, portal
from kartini.site.urls import handler500  # noqa: F401 — the broken house below needs it too
from kartini.site.urls import urlpatterns as house

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 2, 14, tzinfo=UTC)


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("3320116204959002 went wrong")


urlpatterns = [*house, path("rusak/", broken)]


@pytest.fixture(autouse=True)
def _a_fresh_shelf() -> Iterator[None]:
    portal.shelf.clear()
    yield
    portal.shelf.clear()


@pytest.fixture
def hung(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Only what the test hangs out."""
    monkeypatch.setattr(doors, "figure_sources", {})
    monkeypatch.setattr(doors, "finders", {})
    return doors


def test_the_home_page_stands_when_nobody_announces(client: Client, post: Post) -> None:
    page = client.get("/").content.decode()
    assert "Pengumuman belum dapat diambil" in page
    assert page.count("<h1") == 1


def test_the_home_page_shows_what_was_announced(client: Client, post: Post) -> None:
    post.answer(LatestAnnouncements, Announcements.model_validate(Announcements.example))
    page = client.get("/").content.decode()
    assert "Loket tutup 25 Desember" in page
    assert [type(question) for question in post.asked] == [LatestAnnouncements]


def test_a_figure_shows_source_definition_and_moment(client: Client, post: Post, hung: Any) -> None:
    figure = doors.Figure(
        "Izin terbit", "312", "JOSS", "sejak 1 November 2026", NOW, trend=(1, 2, 3)
    )
    hung.figure_sources["joss"] = lambda now: [figure]
    page = client.get("/").content.decode()
    assert "Sumber: JOSS, sejak 1 November 2026" in page
    assert "27 November 2026, 09.14 WIB" in page
    assert b"Izin terbit,312,,JOSS" in client.get("/angka.csv").content


def test_one_broken_figure_does_not_take_the_home_page_down(
    client: Client, post: Post, hung: Any
) -> None:
    def fails(now: datetime) -> list[doors.Figure]:
        raise ZeroDivisionError

    hung.figure_sources["broken"] = fails
    hung.figure_sources["good"] = lambda now: [doors.Figure("Ada", "1", "x", "y", NOW)]
    assert "Ada" in client.get("/").content.decode()


def test_a_stranger_gets_the_home_page_without_any_query(
    client: Client, post: Post, django_assert_num_queries: Any
) -> None:
    client.get("/")
    with django_assert_num_queries(0):
        client.get("/")


def test_a_strangers_home_page_differs_by_language_and_colours(client: Client, post: Post) -> None:
    assert 'lang="id"' in client.get("/").content.decode()
    client.cookies["bahasa"] = "en"
    client.cookies["tema"] = "gelap"
    page = client.get("/").content.decode()
    assert '<html lang="en" data-theme="dark">' in page
    assert "What would you like to get done today?" in page


def test_services_are_named_in_the_readers_language(client: Client, post: Post, hung: Any) -> None:
    title = gettext_lazy("Help")
    hung.finders["x"] = lambda words, user: [doors.Found(str(title), "/a/", moment="usaha")]
    assert '<a href="/a/">Bantuan</a>' in client.get("/").content.decode()
    client.cookies["bahasa"] = "en"
    assert '<a href="/a/">Help</a>' in client.get("/").content.decode()


def test_the_search_groups_what_it_finds_by_kind(client: Client, hung: Any) -> None:
    found = [
        doors.Found("SIP Perawat", "/a/", kind="Izin", moment="usaha"),
        doors.Found("Desa Tahunan", "/b/", kind="Tempat"),
    ]
    hung.finders["x"] = lambda words, user: [f for f in found if words.lower() in f.title.lower()]
    page = client.get("/cari/?q=tahun").content.decode()
    assert "Desa Tahunan" in page
    assert "SIP Perawat" not in page
    by_moment = client.get("/cari/?momen=usaha").content.decode()
    assert "SIP Perawat" in by_moment
    assert "Desa Tahunan" not in by_moment


@pytest.mark.parametrize(
    "words", ["", "%00", "<script>alert(1)</script>", "x" * 5000, "' OR 1=1 --", "%F0%9F%90%98"]
)
def test_the_search_bears_any_words(client: Client, words: str) -> None:
    response = client.get(f"/cari/?q={words}")
    assert response.status_code == 200
    assert b"<script>alert" not in response.content


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("joss-2026-001874", "JOSS-2026-001874"),
        (" JPR-2026-001874 ", "JPR-2026-001874"),
        ("perawat", ""),
    ],
)
def test_a_tracking_number_is_recognised(words: str, number: str) -> None:
    assert portal.tracking_number(words) == number


@pytest.mark.parametrize(
    "path",
    ["/bantuan/", "/aksesibilitas/", "/pelindungan-data/", "/data-terbuka/", "/cari/", "/galeri/"],
)
@pytest.mark.parametrize("language", ["id", "en"])
def test_each_page_of_the_portal_opens_in_both_languages(
    client: Client, path: str, language: str
) -> None:
    client.cookies["bahasa"] = language
    page = client.get(path).content.decode()
    assert f'<html lang="{language}">' in page
    assert page.count("<h1") == 1


def test_an_unknown_address_gets_a_page_that_helps(client: Client) -> None:
    response = client.get("/tidak-ada/")
    assert response.status_code == 404
    assert "Halaman ini tidak ada" in response.content.decode()


@override_settings(ROOT_URLCONF=__name__)
def test_a_fault_of_ours_is_admitted_with_a_code_and_without_details() -> None:
    client = Client(raise_request_exception=False)
    response = client.get("/rusak/")
    page = response.content.decode()
    assert response.status_code == 500
    assert f"K-{response['X-Request-Id'][-8:].upper()}" in page
    assert "3320116204959002" not in page
    assert 'rel="stylesheet"' in page


def test_the_fault_page_asks_no_database(django_assert_num_queries: Any) -> None:
    request = RequestFactory().get("/")
    with django_assert_num_queries(0):
        assert errors.server_error(request).status_code == 500


def test_a_house_of_one_system_says_what_it_does_not_have(
    client: Client, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal, "address", lambda name, *args: "")
    assert "tidak ada yang dilacak" in client.get("/").content.decode()
