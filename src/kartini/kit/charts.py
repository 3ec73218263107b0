"""Charts as plain SVG, made on the server: no script, no style attribute, one table twin each.

Every chart comes in a wide and a narrow drawing; the style sheet shows the one that fits, so that
letters stay legible on a phone. Values may be ``None`` (not known): a line breaks, a bar is left out.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext as _

from kartini.kit import formats
from kartini.kit.strokes import Point, nice_top, plain, points_of, runs

Value = float | int | None
NOTHING: Final = SafeString("")


@dataclass(frozen=True)
class Series:
    """One row of values under a name."""

    name: Any
    values: Sequence[Value]


@dataclass(frozen=True)
class Frame:
    """The drawing area: ``width`` × ``height``, with room for axis words on the left and below."""

    kind: str
    width: int
    height: int
    left: int
    bottom: int
    labels: int
    top: int = 28

    @property
    def floor(self) -> int:
        return self.height - self.bottom

    def y(self, value: float, top_value: float) -> float:
        return self.floor - value / top_value * (self.floor - self.top)


WIDE: Final = Frame("wide", 640, 240, left=64, bottom=38, labels=8)
NARROW: Final = Frame("narrow", 320, 220, left=56, bottom=34, labels=4)


def lines(
    *,
    title: str,
    labels: Sequence[Any],
    series: Sequence[Series],
    desc: str = "",
    target: Value = None,
    language: str = "id",
) -> SafeString:
    """How values moved. The highest point of the first series bears its number."""
    draw = _Drawing(title, labels, series, desc, target, language)
    return draw.figure(_line_marks)


def bars(
    *,
    title: str,
    labels: Sequence[Any],
    values: Sequence[Value],
    desc: str = "",
    target: Value = None,
    highlight: int | None = None,
    language: str = "id",
) -> SafeString:
    """Columns side by side; ``highlight`` is the index of the one that is meant."""
    draw = _Drawing(title, labels, [Series(title, values)], desc, target, language, highlight)
    return draw.figure(_bar_marks)


def ranks(
    *,
    title: str,
    labels: Sequence[Any],
    values: Sequence[Value],
    desc: str = "",
    language: str = "id",
) -> SafeString:
    """Horizontal bars with long names, the largest as the measure. The same drawing fits a phone."""
    most = max((value for value in values if value is not None), default=0) or 1
    rows = []
    for index, (label, value) in enumerate(zip(labels, values, strict=True)):
        y = index * 40
        words = format_html('<text x="0" y="{}">{}</text>', y + 14, label)
        amount = format_html(
            '<text x="320" y="{}" text-anchor="end">{}</text>',
            y + 14,
            formats.number(value, language=language),
        )
        bar = format_html(
            '<rect class="chart__bar" x="0" y="{}" width="{}" height="10"/>',
            y + 20,
            plain((value or 0) / most * 320),
        )
        rows.append(words + amount + bar)
    head = _said(title, desc, "ranks")
    svg = format_html(
        '<svg class="chart chart--ranks" viewBox="0 0 320 {}" {}{}</svg>',
        max(40, len(rows) * 40),
        head,
        _join(rows),
    )
    return _boxed(svg, title, labels, [Series(title, values)], language)


def sparkline(values: Sequence[Value], *, width: int = 96, height: int = 36) -> SafeString:
    """A week in the corner of a card. Decoration: the card's number says it in words."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return NOTHING
    low, high = min(known), max(known)
    spread = (high - low) or 1
    step = (width - 6) / (len(known) - 1)
    points = [
        (3 + index * step, height - 4 - (value - low) / spread * (height - 8))
        for index, value in enumerate(known)
    ]
    line = points_of(points)
    last = points[-1]
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" aria-hidden="true">'
        '<polygon class="chart__area" points="3,{} {} {},{}"/>'
        '<polyline class="chart__line" points="{}"/>'
        '<circle class="chart__dot" cx="{}" cy="{}" r="3.5"/></svg>',
        width,
        height,
        height,
        line,
        plain(last[0]),
        height,
        line,
        plain(last[0]),
        plain(last[1]),
    )


def bullet(
    *, title: str, value: Value, target: float, limit: float, unit: str = "", language: str = "id"
) -> SafeString:
    """One value against its target: a bar with a mark. It says itself in words, so it needs no table."""
    said = _("%(value)s of %(target)s %(unit)s") % {
        "value": formats.number(value, language=language),
        "target": formats.number(target, language=language),
        "unit": unit,
    }
    reached = "ok" if value is not None and value >= target else "warn"
    span = max(limit, target, value or 0) or 1
    return format_html(
        '<svg class="bar bar--bullet" viewBox="0 0 100 6" preserveAspectRatio="none" role="img"'
        ' aria-label="{}: {}" data-tone="{}"><rect class="bar__rail" width="100" height="6"/>'
        '<rect class="bar__fill" width="{}" height="6"/>'
        '<rect class="bar__mark" x="{}" width=".8" height="6"/></svg>',
        title,
        said.strip(),
        reached,
        plain((value or 0) / span * 100),
        plain(target / span * 100),
    )


def small_multiples(
    *, title: str, labels: Sequence[Any], series: Sequence[Series], language: str = "id"
) -> SafeString:
    """The same small line for each name, on one scale, so that they can be compared."""
    top = nice_top(value for one in series for value in one.values if value is not None)
    frame = Frame("small", 160, 72, left=4, bottom=8, labels=0, top=8)
    cells = []
    for one in series:
        last = next((value for value in reversed(one.values) if value is not None), None)
        marks = _join(_segments(one.values, frame, top, "chart__line"))
        cells.append(
            format_html(
                '<li><b>{}</b> <span class="meta">{}</span><svg class="chart" viewBox="0 0 160 72"'
                ' aria-hidden="true"><path class="chart__grid" d="M4 64H160"/>{}</svg></li>',
                one.name,
                formats.number(last, language=language),
                marks,
            )
        )
    listed = format_html('<ul class="grid grid--small" role="list">{}</ul>', _join(cells))
    return _boxed(listed, title, labels, series, language)


@dataclass(frozen=True)
class _Drawing:
    title: str
    labels: Sequence[Any]
    series: Sequence[Series]
    desc: str
    target: Value
    language: str
    highlight: int | None = None

    @property
    def top_value(self) -> float:
        known = [v for one in self.series for v in one.values if v is not None]
        return nice_top([*known, self.target or 0])

    def x(self, index: int, frame: Frame) -> float:
        """The middle of the band of one label."""
        band = (frame.width - frame.left) / max(1, len(self.labels))
        return frame.left + band * (index + 0.5)

    def figure(self, marks: Any) -> SafeString:
        if not any(value is not None for one in self.series for value in one.values):
            return format_html('<p class="meta">{}</p>', _("No figures yet."))
        drawn = [_legend(self.series), *(self._svg(frame, marks) for frame in (WIDE, NARROW))]
        return _boxed(_join(drawn), self.title, self.labels, self.series, self.language)

    def _svg(self, frame: Frame, marks: Any) -> SafeString:
        parts = [*self._grid(frame), *marks(self, frame), *self._axis(frame)]
        if self.target is not None:
            y = plain(frame.y(self.target, self.top_value))
            rule = '<path class="chart__target" d="M{} {}H{}"/>'
            parts.append(format_html(rule, frame.left, y, frame.width))
        return format_html(
            '<svg class="chart chart--{}" viewBox="0 0 {} {}" {}{}</svg>',
            frame.kind,
            frame.width,
            frame.height,
            _said(self.title, self.desc, frame.kind),
            _join(parts),
        )

    def _grid(self, frame: Frame) -> Iterator[SafeString]:
        for part in range(4):
            value = self.top_value * part / 3
            y = frame.y(value, self.top_value)
            yield format_html(
                '<path class="chart__grid" d="M{} {}H{}"/><text x="{}" y="{}" text-anchor="end">{}</text>',
                frame.left - 8,
                plain(y),
                frame.width,
                frame.left - 12,
                plain(y + 4),
                formats.number(round(value, 2), language=self.language),
            )

    def _axis(self, frame: Frame) -> Iterator[SafeString]:
        every = math.ceil(len(self.labels) / frame.labels)
        for index in range(0, len(self.labels), every):
            at, anchor = self.x(index, frame), "middle"
            if index == len(self.labels) - 1:
                at, anchor = frame.width, "end"
            text = '<text x="{}" y="{}" text-anchor="{}">{}</text>'
            yield format_html(text, plain(at), frame.height - 8, anchor, self.labels[index])


def _line_marks(draw: _Drawing, frame: Frame) -> Iterator[SafeString]:
    for number, one in enumerate(draw.series):
        extra = "" if number == 0 else " chart__line--2"
        points = [
            None if v is None else (draw.x(i, frame), frame.y(v, draw.top_value))
            for i, v in enumerate(one.values)
        ]
        if number == 0:
            yield from _area(points, frame)
        yield from _polylines(points, f"chart__line{extra}")
    first = draw.series[0].values
    peak = max(
        range(len(first)), key=lambda i: -math.inf if first[i] is None else float(first[i] or 0)
    )
    height = first[peak]
    if height is not None:
        x, y = draw.x(peak, frame), frame.y(height, draw.top_value)
        yield format_html(
            '<circle class="chart__dot" cx="{}" cy="{}" r="4"/><text x="{}" y="{}" text-anchor="middle">{}</text>',
            plain(x),
            plain(y),
            plain(x),
            plain(y - 10),
            formats.number(height, language=draw.language),
        )


def _bar_marks(draw: _Drawing, frame: Frame) -> Iterator[SafeString]:
    width = (frame.width - frame.left) / max(1, len(draw.labels)) * 0.66
    for index, value in enumerate(draw.series[0].values):
        if value is None:
            continue
        y = frame.y(max(0, value), draw.top_value)
        yield format_html(
            '<rect class="chart__bar{}" x="{}" y="{}" width="{}" height="{}"/>',
            " chart__bar--on" if index == draw.highlight else "",
            plain(draw.x(index, frame) - width / 2),
            plain(y),
            plain(width),
            plain(frame.floor - y),
        )


def _legend(series: Sequence[Series]) -> SafeString:
    """Which line is which: by dashes too, not by colour alone."""
    if len(series) < 2:
        return NOTHING
    stroke = '<svg viewBox="0 0 20 12" aria-hidden="true"><path class="{}" d="M1 6H19"/></svg>'
    names = ["chart__line", *["chart__line chart__line--2"] * (len(series) - 1)]
    rows = ((format_html(stroke, name), one.name) for name, one in zip(names, series, strict=True))
    return format_html(
        '<ul class="legend" role="list">{}</ul>', format_html_join("", "<li>{}{}</li>", rows)
    )


def _segments(values: Sequence[Value], frame: Frame, top: float, name: str) -> Iterator[SafeString]:
    step = (frame.width - frame.left) / max(1, len(values))
    points = [
        None if v is None else (frame.left + step * (i + 0.5), frame.y(v, top))
        for i, v in enumerate(values)
    ]
    yield from _polylines(points, name)


def _polylines(points: Sequence[Point | None], name: str) -> Iterator[SafeString]:
    for run in runs(points):
        if len(run) == 1:  # a lonely point is a short stroke, else nobody sees it
            [(x, y)] = run
            run = [(x - 2, y), (x + 2, y)]
        yield format_html('<polyline class="{}" points="{}"/>', name, points_of(run))


def _area(points: Sequence[Point | None], frame: Frame) -> Iterator[SafeString]:
    for run in runs(points):
        outline = [(run[0][0], float(frame.floor)), *run, (run[-1][0], float(frame.floor))]
        yield format_html('<polygon class="chart__area" points="{}"/>', points_of(outline))


def _said(title: str, desc: str, kind: str) -> SafeString:
    key = f"g-{slugify(title)[:40]}-{kind}"
    return format_html(
        'role="img" aria-labelledby="{0}-j{1}"><title id="{0}-j">{2}</title>{3}',
        key,
        f" {key}-d" if desc else "",
        title,
        format_html('<desc id="{}-d">{}</desc>', key, desc) if desc else "",
    )


def _boxed(
    drawn: SafeString, title: str, labels: Sequence[Any], series: Sequence[Series], language: str
) -> SafeString:
    """The drawing with its twin, a table of the same numbers."""
    heads = format_html_join(
        "", '<th scope="col" class="num">{}</th>', ((one.name,) for one in series)
    )
    cell = '<td class="num">{}</td>'
    rows = [
        (label, [(formats.number(one.values[at], language=language),) for one in series])
        for at, label in enumerate(labels)
    ]
    body = ((label, format_html_join("", cell, numbers)) for label, numbers in rows)
    return format_html(
        '<div class="chart-box">{}<details><summary>{}</summary><table>'
        '<caption class="visually-hidden">{}</caption>'
        "<thead><tr><td></td>{}</tr></thead><tbody>{}</tbody></table></details></div>",
        drawn,
        _("Show as a table"),
        title,
        heads,
        format_html_join("", '<tr><th scope="row">{}</th>{}</tr>', body),
    )


def _join(parts: Any) -> SafeString:
    return mark_safe("".join(conditional_escape(part) for part in parts))  # noqa: S308 — each is escaped
