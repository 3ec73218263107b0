import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kartini.kit import charts, qr, strokes

some_values = st.lists(
    st.none() | st.integers(0, 10**9) | st.floats(0, 1e9, allow_nan=False), min_size=1, max_size=40
)


def svgs(html: str) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(found) for found in re.findall(r"(?s)<svg.*?</svg>", html)]


@given(some_values)
def test_any_values_make_a_drawing_that_stays_inside_its_frame(values: list[float | None]) -> None:
    labels = [str(index) for index in range(len(values))]
    html = charts.lines(title="Uji", labels=labels, series=[charts.Series("Uji", values)])
    html += charts.bars(title="Uji", labels=labels, values=values)
    for svg in svgs(html):
        _x, _y, width, height = map(float, svg.attrib["viewBox"].split())
        for line in svg.iter("polyline"):
            for point in line.attrib["points"].split():
                x, y = map(float, point.split(","))
                assert 0 <= x <= width
                assert 0 <= y <= height
        for bar in svg.iter("rect"):
            assert float(bar.attrib["height"]) >= 0


def test_a_chart_says_itself_in_words_and_as_a_table() -> None:
    html = charts.lines(
        title="Permintaan",
        labels=["Sen", "Sel"],
        series=[charts.Series("Permintaan", [1200, None])],
        desc="Turun.",
    )
    assert "<title" in html
    assert "<desc" in html
    assert html.count("<details>") == 1
    assert "1.200" in html
    assert "style=" not in html
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_a_line_breaks_where_nothing_is_known() -> None:
    html = charts.lines(title="x", labels="abcd", series=[charts.Series("x", [1, None, 2, 3])])
    wide = svgs(html)[0]
    assert len(list(wide.iter("polyline"))) == 2


def test_without_any_figure_a_chart_says_so() -> None:
    html = charts.bars(title="x", labels=["a"], values=[None])
    assert "<svg" not in html


def test_names_are_escaped() -> None:
    html = charts.ranks(title="<b>", labels=["<script>"], values=[1])
    assert "<script>" not in html
    assert "<b>" not in html.replace("<b></b>", "")


@pytest.mark.parametrize("most", [0, 1, 2, 3, 10, 402, 1_000_000, 0.3])
def test_the_axis_ends_at_a_round_number_not_far_above(most: float) -> None:
    top = strokes.nice_top([most])
    assert top >= most
    assert top <= max(3.0, most * 2.1)


@given(some_values)
def test_a_sparkline_needs_two_known_values(values: list[float | None]) -> None:
    known = [value for value in values if value is not None]
    assert bool(charts.sparkline(values)) == (len(known) >= 2)


def test_a_qr_code_is_one_labelled_picture() -> None:
    svg = qr.svg("https://example.invalid/periksa/ABC/", label="Kode QR")
    assert ElementTree.fromstring(svg).attrib["aria-label"] == "Kode QR"


@pytest.mark.parametrize("most", [1, 2, 5, 7, 44, 59])
def test_what_is_counted_in_whole_numbers_has_whole_numbers_on_its_axis(most: int) -> None:
    top = strokes.nice_top([0, most])
    assert (top / 3).is_integer()
    assert most <= top


def test_two_lines_are_told_apart_in_words_and_not_by_colour_alone() -> None:
    two = [charts.Series("Pesan", [1, 2]), charts.Series("Ditolak", [0, 1])]
    html = charts.lines(title="x", labels="ab", series=two)
    assert "Ditolak" in html.partition('class="legend"')[2].partition("</ul>")[0]
    assert 'class="legend"' not in charts.lines(title="x", labels="ab", series=two[:1])
