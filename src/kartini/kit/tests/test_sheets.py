import re
from pathlib import Path

from django.template import Context, Template
from django.template.loader import get_template

from kartini.kit import sheets

CSS = Path(sheets.__file__).parent / "static/kit/css"


def test_a_plain_page_loads_the_basic_sheets_only() -> None:
    assert sheets.sheets_for('<main class="wrap page"></main>') == list(sheets.ALWAYS)


def test_a_page_loads_the_sheets_of_what_it_shows() -> None:
    page = '<div class="table-wrap"><table class="table table--dense"></table></div>'
    assert sheets.sheets_for(page) == [*sheets.ALWAYS, "data"]
    assert sheets.sheets_for('<svg class="chart chart--wide">')[-2:] == ["stat", "figures"]
    spark = '<svg class="spark"><polyline class="chart__line"/></svg>'
    assert sheets.sheets_for(spark) == [*sheets.ALWAYS, "stat"]
    assert "stat" in sheets.sheets_for('<div class="card" data-state="stale"></div>')


def test_every_sheet_exists_and_every_block_lives_in_its_sheet() -> None:
    for sheet, blocks in sheets.WORN_BY.items():
        text = (CSS / f"{sheet}.css").read_text()
        for block in blocks:
            assert re.search(rf"\.{block}(--|__|\b)", text), f"{sheet}.css has no .{block}"


def test_no_block_is_styled_in_a_sheet_that_a_page_would_not_load() -> None:
    """A rule that begins with a block of its own belongs to the sheet that claims the block."""
    basic = "".join((CSS / f"{name}.css").read_text() for name in sheets.ALWAYS)
    basic += (CSS / "figures.css").read_text()  # charts bring the sheet of stats along
    known = set(re.findall(r"\.([a-z]+(?:-[a-z]+)*)", basic))
    for sheet, blocks in sheets.WORN_BY.items():
        text = re.sub(r"\{[^{}]*\}", "{}", (CSS / f"{sheet}.css").read_text())
        for first in re.findall(r"(?m)^  \.([a-z]+(?:-[a-z]+)*)", text):
            assert first in blocks or first in known, f"{sheet}.css styles .{first}"


def test_a_page_with_errors_says_so_in_its_title() -> None:
    source = (
        '{% extends "kit/page.html" %}{% block title %}Data diri{% endblock title %}'
        '{% block content %}<div class="error-summary"></div>{% endblock content %}'
    )
    html = Template(source).render(Context({"regency_name": "Kabupaten Jepara"}))
    assert "<title>Kesalahan: Data diri · Kartini Kabupaten Jepara</title>" in html


def test_an_aside_stands_only_where_something_is_in_it() -> None:
    bare = '{% extends "kit/page.html" %}{% block content %}<h1>Isi</h1>{% endblock content %}'
    assert "split__aside" not in Template(bare).render(Context())
    full = bare + "{% block aside %}<p>Samping</p>{% endblock aside %}"
    assert "split__aside" in Template(full).render(Context())


def test_a_page_asks_for_htmx_only_when_it_uses_it() -> None:
    frame = get_template("kit/page.html")
    assert "htmx" not in frame.render({})
    live = (
        '{% extends "kit/page.html" %}{% block content %}'
        '<p hx-get="/x/" hx-trigger="every 10s"></p>{% endblock content %}'
    )
    html = Template(live).render(Context({"csp_nonce": "abc"}))
    assert '"allowScriptTags":false' in html
    assert html.count('nonce="abc"') == 2


def test_what_is_hidden_until_the_link_is_lost_is_hidden_in_the_layer_that_shows_it() -> None:
    """A rule in the base layer would lose against ``.tag { display: inline-flex }``."""
    assert 'data-when="lost"' in (CSS / "components.css").read_text()
    assert 'data-when="lost"' not in (CSS / "base.css").read_text()
