"""The map made by the server, and the pages around it."""

import csv
import io
import xml.etree.ElementTree as ET

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from kartini.places import drawing, geometry, load, svg
from kartini.places.models import Place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def jepara(db: None) -> None:
    load.load(places=load.read())


def test_the_schematic_map_draws_every_village_and_says_that_it_is_schematic() -> None:
    picture = svg.map_svg({"33.20.11.2012": 7}, title="Peta", unit="Izin", table=True)
    tree = ET.fromstring(picture)
    paths = [e for e in tree.iter("path") if e.get("class", "").startswith("desa")]
    assert len(paths) == 195
    shaded = [e for e in paths if e.get("class") != "desa v0"]
    assert [e[0].text for e in shaded] == ["Tahunan, Kec. Tahunan: 7"]
    assert "Skematis" in picture or "Schematic" in picture
    assert "style=" not in picture
    assert len(picture) < 60_000


def test_a_house_without_places_draws_an_empty_map() -> None:
    Place.objects.filter(level__in=["desa", "kelurahan"]).delete()
    Place.objects.filter(level="kecamatan").delete()
    assert svg.map_svg({}, title="Peta").count("<path class") == 0


def test_karimunjawa_is_drawn_in_an_inset_in_the_corner() -> None:
    sheet = drawing.sheet()
    assert sheet.inset
    sea = next(g for g in sheet.groups if g.code == "33.20.10")
    assert sea.label_at[0] < 220
    assert sea.label_at[1] < 132


def test_a_kecamatan_colours_its_villages_and_its_link_has_a_name() -> None:
    picture = svg.map_svg({"33.20.10": 2}, title="Peta", link=lambda code: f"/x/{code}/?a=1&b=2")
    assert picture.count('class="desa v2"') == 4
    assert 'href="/x/33.20.10/?a=1&amp;b=2" aria-label="Kec. Karimunjawa"' in picture


@given(st.integers(0, 10_000_000))
def test_round_breaks_use_the_dark_end_of_the_scale(most: int) -> None:
    breaks = svg.breaks_for(most)
    assert list(breaks) == sorted(set(breaks))
    assert breaks[0] == 1
    if most > 4:
        assert svg.shade(most, breaks) >= 3


@given(st.integers(1, 12), st.integers(1, 12))
def test_the_outline_of_a_chessboard_is_its_rim(columns: int, rows: int) -> None:
    cells = [
        [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1), (x, y)]
        for x in range(columns)
        for y in range(rows)
    ]
    rim = geometry.outline(cells)
    assert len(rim) == 1
    assert rim[0][0] == rim[0][-1]
    assert len(rim[0]) - 1 == 2 * (columns + rows)


def test_the_page_lists_all_kecamatan_and_finds_a_village(
    client: Client, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        page = client.get("/tempat/?cari=mantingan").content.decode()
    assert "Desa Mantingan, Kec. Tahunan" in page
    assert page.count('<th scope="row"') == 16
    assert client.get("/tempat/", {"cari": "\0" + "x" * 5000}).status_code == 200


def test_the_page_of_a_kecamatan_shows_both_codes(
    client: Client, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(7):  # type: ignore[operator]
        page = client.get("/tempat/33.20.13/").content.decode()
    assert "3320021" in page
    assert client.get("/tempat/33.20.99/").status_code == 404
    assert client.get("/tempat/33.20.11.2012/")["Location"] == "/tempat/33.20.11/#33.20.11.2012"


def test_the_csv_holds_every_place_and_the_json_is_sent_once(client: Client) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/tempat/wilayah.csv").content.decode())))
    assert len(rows) == 212
    assert rows[1]["kode"] == "33.20.01"
    answer = client.get("/tempat/peta.json")
    assert len(answer.json()["features"]) == 195
    assert answer.json()["status"] == "skematis"
    again = client.get("/tempat/peta.json", headers={"if-none-match": answer["ETag"]})
    assert again.status_code == 304


def test_equal_steps_of_a_small_count_are_one_step_in_the_legend(db: None) -> None:
    drawn = svg.map_svg({"33.20.11.2012": 1}, title="Peta", breaks=(1, 1, 1, 2))
    assert "<li>" in drawn
    assert "1–0" not in drawn
    assert drawn.count('aria-hidden="true"><rect') == 3
