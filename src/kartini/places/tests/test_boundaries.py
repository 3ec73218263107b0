"""Boundaries are taken whole or not at all, and can be taken back."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kartini.places import boundaries, commands, drawing, load, names, svg
from kartini.places.models import Boundary, BoundarySet, Place

pytestmark = pytest.mark.django_db

CODES = ["33.20.01.2001", "33.20.01.2002", "33.20.02.2001"]


def square(west: float, south: float, size: float = 0.1) -> list[list[list[float]]]:
    east, north = west + size, south + size
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


@pytest.fixture
def regency() -> None:
    """Three villages side by side, in two kecamatan."""
    rows = [
        ("33.20", "kabupaten", None, 110.65),
        ("33.20.01", "kecamatan", "33.20", 110.6),
        ("33.20.02", "kecamatan", "33.20", 110.75),
        *((c, "desa", c[:8], 110.55 + i / 10) for i, c in enumerate(CODES)),
    ]
    load.load(
        places=[
            Place(
                code=c, name=f"N{c[-4:]}", level=level, parent_id=parent, lat=-6.55, lng=lng,
                area_km2=1, bps_code=c.replace(".", ""), bps_sources="one",
            )
            for c, level, parent, lng in rows
        ]
    )  # fmt: skip


@pytest.fixture
def good() -> dict[str, Any]:
    features = [
        {
            "type": "Feature",
            "properties": {"kode": code},
            "geometry": {"type": "Polygon", "coordinates": square(110.5 + i / 10, -6.6)},
        }
        for i, code in enumerate(CODES)
    ]
    return {"type": "FeatureCollection", "features": features}


def run(tmp_path: Path, document: object, *arguments: str) -> tuple[int, str]:
    file = tmp_path / "lines.geojson"
    text = document if isinstance(document, str) else json.dumps(document)
    file.write_text(text, encoding="utf-8")
    outcome = CliRunner().invoke(commands.group, ["boundaries", "import", str(file), *arguments])
    return outcome.exit_code, outcome.output


def first(document: dict[str, Any]) -> dict[str, Any]:
    feature: dict[str, Any] = document["features"][0]
    return feature


def drop_first(document: dict[str, Any]) -> None:
    del document["features"][0]


def repeat_first(document: dict[str, Any]) -> None:
    document["features"].append(deepcopy(first(document)))


def unknown(document: dict[str, Any]) -> None:
    first(document)["properties"]["kode"] = "33.20.09.2001"


def kecamatan_code(document: dict[str, Any]) -> None:
    first(document)["properties"]["kode"] = "33.20.01"


def no_code(document: dict[str, Any]) -> None:
    first(document)["properties"] = None


def bow_tie(document: dict[str, Any]) -> None:
    ring = first(document)["geometry"]["coordinates"][0]
    ring[1], ring[2] = ring[2], ring[1]


def open_ring(document: dict[str, Any]) -> None:
    first(document)["geometry"]["coordinates"][0].pop()


def swapped(document: dict[str, Any]) -> None:
    ring = first(document)["geometry"]["coordinates"][0]
    ring[:] = [[y, x] for x, y in ring]


def words_for_numbers(document: dict[str, Any]) -> None:
    first(document)["geometry"]["coordinates"][0][1] = ["110.6", "-6.6"]


def not_a_number(document: dict[str, Any]) -> None:
    first(document)["geometry"]["coordinates"][0][1][0] = float("nan")


def a_line(document: dict[str, Any]) -> None:
    first(document)["geometry"]["type"] = "LineString"


def flat(document: dict[str, Any]) -> None:
    first(document)["geometry"]["coordinates"] = [[[110.5, -6.6]] * 5]


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (drop_first, "missing code: 33.20.01.2001"),
        (repeat_first, "duplicate code: 33.20.01.2001 – 2 times"),
        (unknown, "unknown code: 33.20.09.2001"),
        (kecamatan_code, "unknown code: 33.20.01"),
        (no_code, "no code: feature 1"),
        (bow_tie, "33.20.01.2001 – a ring crosses itself"),
        (open_ring, "33.20.01.2001 – a ring is not closed"),
        (swapped, "swapped"),
        (words_for_numbers, "not two numbers"),
        (not_a_number, "not two numbers"),
        (a_line, "neither Polygon nor MultiPolygon"),
        (flat, "no area"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_imported(
    regency: None,
    good: dict[str, Any],
    tmp_path: Path,
    spoil: Callable[[dict[str, Any]], None],
    named: str,
) -> None:
    spoil(good)
    code, output = run(tmp_path, good)
    assert code == 1
    assert named in output
    assert not BoundarySet.objects.exists()
    assert not Boundary.objects.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000, '{"features": 3}', '"x"'])
def test_what_is_no_geojson_is_refused(regency: None, tmp_path: Path, text: str) -> None:
    code, output = run(tmp_path, text)
    assert code == 1
    assert "nothing was imported" in output


def test_an_import_is_drawn_with_its_source_and_can_be_taken_back(
    regency: None, good: dict[str, Any], tmp_path: Path
) -> None:
    assert run(tmp_path, good, "--source", "Bakosurtanal <2020>")[0] == 0
    picture = svg.map_svg({CODES[0]: 3}, title="Peta", unit="Izin")
    assert "Bakosurtanal &lt;2020&gt;" in picture
    assert picture.count("<path class") == 3
    outcome = CliRunner().invoke(commands.group, ["boundaries", "clear"])
    assert "schematic" in outcome.output
    assert drawing.sheet().source == ""
    assert CliRunner().invoke(commands.group, ["boundaries", "clear"]).exit_code == 1


def test_codes_without_dots_and_islands_are_understood(
    regency: None, good: dict[str, Any], tmp_path: Path
) -> None:
    for feature in good["features"]:
        feature["id"] = int(feature.pop("properties")["kode"].replace(".", ""))
    shape = first(good)["geometry"]
    shape["type"], shape["coordinates"] = "MultiPolygon", [square(110.5, -6.6), square(110.4, -6.6)]
    assert run(tmp_path, good)[0] == 0
    assert len(Boundary.objects.get(place=CODES[0]).polygons) == 2


def test_the_same_file_twice_is_one_import_and_a_second_file_is_undone_to_the_first(
    regency: None, good: dict[str, Any], tmp_path: Path
) -> None:
    run(tmp_path, good, "--source", "first")
    run(tmp_path, good, "--source", "first again")
    assert BoundarySet.objects.count() == 1
    first(good)["geometry"]["coordinates"] = square(110.5, -6.61)
    run(tmp_path, good, "--source", "second")
    boundaries.undo()
    newest = boundaries.newest()
    assert newest is not None
    assert newest.source == "first"


def test_a_dry_run_writes_nothing_and_mixed_up_codes_are_noted(
    regency: None, good: dict[str, Any], tmp_path: Path
) -> None:
    ends = good["features"][0]["properties"], good["features"][2]["properties"]
    ends[0]["kode"], ends[1]["kode"] = ends[1]["kode"], ends[0]["kode"]
    code, output = run(tmp_path, good, "--dry-run")
    assert code == 0
    assert "33.20.02.2001 lies far from its known point" in output
    assert not BoundarySet.objects.exists()


def test_a_missing_file_is_said_plainly() -> None:
    outcome = CliRunner().invoke(commands.group, ["boundaries", "import", "/no/such/file"])
    assert outcome.exit_code == 1
    assert "cannot read" in outcome.output
    names.forget()
