"""Lines on the ground: checks and drawing without any library. Positions are (longitude, latitude)."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

Position = tuple[float, float]
Ring = Sequence[Position]
Polygon = Sequence[Ring]
Point = tuple[int, int]

_FINE = 10_000_000


def signed_area(ring: Ring) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring)) / 2


def crosses_itself(ring: Ring) -> bool:
    """Does the line cross itself? Touching itself in a point is no crossing."""
    points = [(round(x * _FINE), round(y * _FINE)) for x, y in ring]
    edges = [(min(a, b), max(a, b)) for a, b in itertools.pairwise(points) if a != b]
    open_edges: list[tuple[Point, Point]] = []
    for edge in sorted(edges):
        open_edges = [e for e in open_edges if e[1][0] >= edge[0][0]]
        if any(_cross(edge, other) for other in open_edges):
            return True
        open_edges.append(edge)
    return False


def _cross(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    (a, b), (c, d) = one, other
    if max(c[1], d[1]) < min(a[1], b[1]) or max(a[1], b[1]) < min(c[1], d[1]):
        return False
    sides = _side(a, b, c) * _side(a, b, d), _side(c, d, a) * _side(c, d, b)
    return sides[0] < 0 and sides[1] < 0


def _side(a: Point, b: Point, c: Point) -> int:
    turn = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (turn > 0) - (turn < 0)


def bounds(positions: Iterable[Position]) -> tuple[float, float, float, float]:
    """West, south, east, north."""
    xs, ys = zip(*positions, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def outline(rings: Iterable[Sequence[Point]]) -> list[list[Point]]:
    """The line around a group of neighbours: edges that two of them share fall away."""
    edges = [e for ring in rings for e in itertools.pairwise(ring) if e[0] != e[1]]
    seen = Counter(tuple(sorted(e)) for e in edges)
    after: dict[Point, list[Point]] = defaultdict(list)
    for a, b in edges:
        if seen[tuple(sorted((a, b)))] == 1:
            after[a].append(b)
    return [_walk(start, after) for start in list(after) if after[start]]


def _walk(start: Point, after: dict[Point, list[Point]]) -> list[Point]:
    line = [start]
    while after.get(line[-1]):
        line.append(after[line[-1]].pop())
        if line[-1] == start:
            break
    return line


def path(rings: Iterable[Sequence[Point]], unit: int) -> str:
    """The ``d`` of an SVG path. Points are whole numbers of ``1/unit`` of the drawing's unit."""
    return "".join(_subpath(ring, unit) for ring in rings if len(ring) > 1)


def _subpath(ring: Sequence[Point], unit: int) -> str:
    closed = ring[0] == ring[-1]
    line = ring[:-1] if closed else ring
    steps = [f"M{_number(line[0][0], unit)} {_number(line[0][1], unit)}"]
    for a, b in itertools.pairwise(line):
        steps.append(f"l{_number(b[0] - a[0], unit)} {_number(b[1] - a[1], unit)}")
    return "".join(steps) + ("z" if closed else "")


def _number(value: int, unit: int) -> str:
    return f"{value / unit:.1f}".removesuffix(".0")


def snapped(points: Iterable[Point]) -> list[Point]:
    """Without repeats, as rounding to the drawing's grid makes them."""
    kept: list[Point] = []
    for point in points:
        if not kept or point != kept[-1]:
            kept.append(point)
    return kept
