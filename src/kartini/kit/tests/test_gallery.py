import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import Client, RequestFactory
from django_cotton.compiler_regex import CottonCompiler

from kartini.kit import gallery

COMPONENTS = Path(gallery.__file__).parent / "templates/cotton"
SPRITE = Path(gallery.__file__).parent / "static/kit/icons.svg"
GALLERIES = ("gallery.html", "gallery_desk.html", "gallery_wall.html")
VOID = {"meta", "link", "input", "br", "hr", "img"}

pytestmark = pytest.mark.django_db


def shown(source: str, words: dict[str, Any] | None = None) -> str:
    compiler = CottonCompiler()  # type: ignore[no-untyped-call]
    return Template(compiler.process(source)).render(Context(words or {}))


class Balance(HTMLParser):
    """Every element that opens also closes, and no id is given twice."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.styled = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.styled |= "style" in given or any(name.startswith("on") for name in given)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("path", ["/galeri/", "/galeri/meja/", "/galeri/dinding/"])
def test_the_gallery_is_well_formed(client: Client, path: str) -> None:
    page = Balance()
    page.feed(client.get(path).content.decode())
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert not page.styled


def test_every_component_is_shown_and_there_are_at_most_twenty() -> None:
    names = {path.stem for path in COMPONENTS.glob("*.html")}
    galleries = "".join((COMPONENTS.parent / "kit" / name).read_text() for name in GALLERIES)
    used_inside = "".join(path.read_text() for path in COMPONENTS.glob("*.html"))
    assert {name for name in names if f"<c-{name}" not in galleries + used_inside} == set()
    assert len(names) <= 20


def test_the_gallery_shows_every_icon_of_the_sprite() -> None:
    assert set(re.findall(r'id="([a-z-]+)"', SPRITE.read_text())) == set(gallery.ICONS)


def test_turning_a_page_keeps_the_filters() -> None:
    request = RequestFactory().get("/?tahap=survei&halaman=2")
    words = {"page": Paginator(range(100), 10).get_page(2), "request": request}
    html = shown('<c-pages :page="page" />', words)
    assert 'href="?tahap=survei&amp;halaman=3"' in html
    assert "11–20 dari 100" in html


def test_a_list_of_one_page_has_nothing_to_turn() -> None:
    words = {"page": Paginator(range(3), 10).get_page(1)}
    html = shown('<c-pages :page="page" />', words)
    assert "<ul" not in html


def test_a_confirmation_has_a_page_of_its_own_for_browsers_without_popover() -> None:
    html = shown(
        '<c-confirm id="tarik" action="/tarik/" page="/tarik/yakin/" open="Tarik" title="Tarik?" do="Ya" />'
    )
    assert 'href="/tarik/yakin/"' in html
    assert 'popovertarget="tarik"' in html
    assert '<form method="post" action="/tarik/"' in html


def test_what_comes_from_outside_is_escaped_in_components() -> None:
    words = {"evil": "<script>alert(1)</script>"}
    html = shown(
        '<c-card title="{{ evil }}" url="/x/">{{ evil }}</c-card><c-notice title="{{ evil }}" />'
        '<c-tag>{{ evil }}</c-tag><c-stat label="{{ evil }}" value="{{ evil }}" />'
        '<c-panel :title="evil" /><c-empty :title="evil" /><c-verdict :title="evil" />',
        words,
    )
    assert html.count("&lt;script&gt;") >= 9
    assert "<script>" not in html
