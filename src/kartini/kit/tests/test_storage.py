from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from kartini.kit import sheets
from kartini.kit.storage import HouseStatic, compact

CSS = Path(sheets.__file__).parent / "static/kit/css"
CITIZEN = 30_000


@pytest.mark.parametrize(
    ("written", "served"),
    [
        ("a { color: red; }\n", "a{color:red}"),
        ("/* why */ .a , .b { margin : 0 }", ".a,.b{margin : 0}"),
        (".a { & :is(b, i) { top: calc(1px + 2px); } }", ".a{& :is(b,i){top:calc(1px + 2px)}}"),
        ('q::before { content: " ( ; } "; }', 'q::before{content:" ( ; } "}'),
        ("@media (width < 30rem) { p { top: 0 } }", "@media (width < 30rem){p{top:0}}"),
        ('a { mask: url("x.svg") no-repeat }', 'a{mask:url("x.svg") no-repeat}'),
    ],
)
def test_a_compact_sheet_means_the_same(written: str, served: str) -> None:
    assert compact(written) == served


def test_compacting_twice_changes_nothing_more() -> None:
    for path in CSS.glob("*.css"):
        once = compact(path.read_text())
        assert compact(once) == once
        assert once.count("{") == path.read_text().count("{")


def weight(page: str) -> int:
    names = [*sheets.sheets_for(page), "print"]
    return sum(len(compact((CSS / f"{name}.css").read_text()).encode()) for name in names)


PAGES = {
    "wizard": '<div class="stepper known date-parts choices upload papers">',
    "case": '<div class="clock"><ol class="track"><svg class="qr"><div class="empty">',
    "own table": '<nav class="tabs"><form class="filters"><table class="table"><nav class="pages">',
    "own trail": '<nav class="tabs"><form class="filters"><table class="table brief"><nav class="pages">',
    "own papers": '<nav class="tabs"><div class="upload papers empty"><nav class="pages">',
    "service": '<ol class="track"><article class="stat"><svg class="spark">',
    "map": '<form class="search"><figure class="map"><ul class="legend">',
}


@pytest.mark.parametrize("kind", PAGES)
def test_a_citizens_page_carries_at_most_thirty_kilobytes_of_style(kind: str) -> None:
    assert weight(PAGES[kind]) <= CITIZEN


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/cari/", "/bantuan/", "/tidak-ada/"])
def test_the_portals_pages_carry_at_most_thirty_kilobytes_of_style(
    client: Client, path: str
) -> None:
    assert weight(client.get(path).content.decode()) <= CITIZEN


def test_the_hashed_sheet_is_the_compact_one(tmp_path: Path) -> None:
    storage = HouseStatic(location=tmp_path)  # type: ignore[no-untyped-call]
    upright = ContentFile(b"a { color: red; }")
    upright.read()
    name = storage._save("kit/css/x.css", upright)
    assert (tmp_path / name).read_text() == "a{color:red}"
