"""The map as a picture made by the server: for pages without JavaScript, for documents, for the wall."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from kartini.places import drawing, names

STEPS: tuple[tuple[int, ...], ...] = (
    (1, 2, 3, 4, 5),
    (1, 3, 5, 8, 12),
    (1, 5, 10, 20, 40),
    (1, 10, 25, 50, 100),
)
DOT = (9, 23)
"""The radius of a point without and with a mark."""
KEY = (
    '<svg viewBox="0 0 20 12" preserveAspectRatio="none" aria-hidden="true">'
    '<rect class="{}" width="20" height="12"/></svg>'
)


@dataclass(frozen=True)
class Point:
    """Something that stands somewhere. ``mark`` is a number or letter that a list beside the map bears too."""

    village_code: str
    lat: float
    lng: float
    words: str
    mark: str = ""


def breaks_for(most: int) -> tuple[int, ...]:
    """Where the five shades begin, in round numbers, so that the darkest is used but not crowded."""
    for factor in (1, 10, 100, 1000, 10_000, 100_000):
        for step in STEPS:
            if step[-1] * factor >= most * 0.6:
                return (1, *(s * factor for s in step[1:]))
    return (1, *(s * 1_000_000 for s in STEPS[-1][1:]))


def shade(value: int, breaks: Sequence[int]) -> int:
    """0 for nothing, 1 to 5 for the class that the value falls into."""
    return sum(value >= start for start in breaks)


def map_svg(
    values: Mapping[str, int],
    *,
    title: str,
    description: str = "",
    unit: str = "",
    key: str = "peta",
    breaks: Sequence[int] = (),
    link: Callable[[str], str] | None = None,
    legend: bool = True,
    table: bool = False,
    points: Iterable[Point] = (),
) -> SafeString:
    """A figure: the map with each village shaded by its value, the legend, and on request the table twin.

    ``values`` are counts by village code; a kecamatan's code colours its villages. What is absent is 0.
    ``breaks`` are where shades begin; equal ones (a small count cut into fifths) become one.
    ``unit`` says what is counted ("Permohonan berjalan"). ``link`` gives the address behind a kecamatan.
    ``key`` keeps ids apart when a page shows two maps. Without ``legend`` the map only says where. ``points``
    lie over it; those with a mark on top, for the list beside the map that says the same in words.
    """
    sheet = drawing.sheet()
    breaks = sorted(set(breaks)) or breaks_for(max(values.values(), default=0))
    paint = [_group(group, values, breaks, link, legend) for group in sheet.groups]
    words = description or _describe(sheet, unit)
    return format_html(
        '<figure class="map"><svg class="map__svg" viewBox="0 0 {} {}" role="{}"'
        ' aria-labelledby="{}-j {}-d"><title id="{}-j">{}</title><desc id="{}-d">{}</desc>'
        "{}{}{}{}{}</svg><figcaption>{}</figcaption>{}</figure>",
        *(sheet.width, sheet.height, "group" if link else "img"),
        *(key, key, key, title, key, words),
        _inset(sheet),
        mark_safe("".join(paint)),  # noqa: S308 — every part below is escaped
        _lines(sheet),
        _labels(sheet),
        _points(sheet, points),
        _legend(sheet, breaks if legend else (), unit),
        _table(sheet, values, unit) if table else "",
    )


def _group(
    group: drawing.Group,
    values: Mapping[str, int],
    breaks: Sequence[int],
    link: Callable[[str], str] | None,
    counted: bool,
) -> str:
    label = escape(gettext("Kec. %(name)s") % {"name": group.name})
    paths = []
    for village in group.villages:
        value = values.get(village.code, values.get(group.code, 0))
        words: str = label
        if village.code in values or group.code not in values:
            words = f"{escape(names.name(village.code))}, {label}"
        paths.append(
            f'<path class="desa v{shade(value, breaks)}" d="{village.d}">'
            f"<title>{words}{f': {value}' if counted else ''}</title></path>"
        )
    body = f'<g class="kec kec-{group.code[-2:]}">{"".join(paths)}</g>'
    if link is None:
        return body
    return f'<a href="{escape(link(group.code))}" aria-label="{label}">{body}</a>'


def _describe(sheet: drawing.Sheet, unit: str) -> str:
    words = gettext("%(villages)s villages in %(kecamatan)s kecamatan, shaded by: %(unit)s.") % {
        "villages": sum(len(g.villages) for g in sheet.groups),
        "kecamatan": len(sheet.groups),
        "unit": unit,
    }
    return f"{words} {_standing(sheet)}"


def _standing(sheet: drawing.Sheet) -> str:
    if not sheet.source:
        return gettext("Schematic, not the boundaries.")
    return gettext("Indicative boundaries. Source: %(source)s") % {"source": sheet.source}


def _inset(sheet: drawing.Sheet) -> SafeString | str:
    if not sheet.inset:
        return ""
    return format_html(
        '<rect class="map__inset" fill="none" x="{}" y="{}" width="{}" height="{}" rx="10"/>',
        *drawing.INSET,
    )


def _lines(sheet: drawing.Sheet) -> SafeString:
    return format_html(
        '<g class="map__kec" fill="none" stroke-width="1.6" stroke-linejoin="round">{}</g>',
        format_html_join("", '<path d="{}"/>', ((g.d,) for g in sheet.groups)),
    )


def _labels(sheet: drawing.Sheet) -> SafeString:
    return format_html(
        '<g class="map__label" text-anchor="middle" paint-order="stroke" stroke-linejoin="round"'
        ' aria-hidden="true">{}</g>',
        format_html_join(
            "", '<text x="{}" y="{}">{}</text>', ((*g.label_at, g.name) for g in sheet.groups)
        ),
    )


def _points(sheet: drawing.Sheet, points: Iterable[Point]) -> SafeString | str:
    spots = [
        (*spot, DOT[bool(p.mark)], p.words, *spot, p.mark)
        for p in sorted(points, key=lambda p: bool(p.mark))
        if (spot := sheet.at(p.village_code, p.lat, p.lng))
    ]
    if not spots:
        return ""
    each = '<g><circle cx="{}" cy="{}" r="{}"/><title>{}</title><text x="{}" y="{}" dy="9">{}</text></g>'
    return format_html(
        '<g class="map__points" text-anchor="middle">{}</g>', format_html_join("", each, spots)
    )


def _legend(sheet: drawing.Sheet, breaks: Sequence[int], unit: str) -> SafeString:
    spans = ["0", *_spans(breaks)] if breaks else []
    shades = ((format_html(KEY, f"v{n}"), words) for n, words in enumerate(spans))
    return format_html(
        '<ul class="legend" role="list">{}{}<li>{}</li></ul>',
        format_html("<li><b>{}</b></li>", unit) if unit else "",
        format_html_join("", "<li>{}{}</li>", shades),
        _standing(sheet) if sheet.source else gettext("Schematic"),
    )


def _spans(breaks: Sequence[int]) -> list[str]:
    ends = [*(start - 1 for start in breaks[1:]), None]
    return [
        f"{a}+" if b is None else str(a) if a == b else f"{a}–{b}"
        for a, b in zip(breaks, ends, strict=True)
    ]


def _table(sheet: drawing.Sheet, values: Mapping[str, int], unit: str) -> SafeString:
    rows = (
        (g.name, sum(values.get(v.code, values.get(g.code, 0)) for v in g.villages))
        for g in sheet.groups
    )
    return format_html(
        "<details><summary>{}</summary><div class='table-wrap'><table class='table table--dense'>"
        "<thead><tr><th scope='col'>{}</th><th scope='col' class='num'>{}</th></tr></thead>"
        "<tbody>{}</tbody></table></div></details>",
        gettext("The map as a table"),
        gettext("Kecamatan"),
        unit or gettext("How many"),
        format_html_join("", "<tr><th scope='row'>{}</th><td class='num'>{}</td></tr>", rows),
    )
