"""The arithmetic below a chart: where a line breaks, where an axis ends, how a number stands in SVG."""

import math
from collections.abc import Iterable, Iterator, Sequence

Point = tuple[float, float]


def runs(points: Sequence[Point | None]) -> Iterator[list[Point]]:
    run: list[Point] = []
    for point in [*points, None]:
        if point is not None:
            run.append(point)
        elif run:
            yield run
            run = []


def nice_top(values: Iterable[float]) -> float:
    """A round number at or above the largest value; the grid has three steps below it, whole ones for whole values."""
    known = [*values, 0]
    most = max(known)
    if most / 3 <= 0:  # a third of the smallest float is nothing
        return 3.0
    scale = 10.0 ** math.floor(math.log10(most / 3))
    steps = [step * scale for step in (1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10)]
    if all(float(value).is_integer() for value in known):  # nobody asks two and a quarter times
        steps = [step for step in steps if step.is_integer()] or [1.0]
    return next(step for step in steps if step * 3 >= most) * 3


def points_of(points: Sequence[Point]) -> str:
    return " ".join(f"{plain(x)},{plain(y)}" for x, y in points)


def plain(value: float) -> str:
    """Short, and never in the reader's notation: SVG wants a point."""
    return f"{round(value, 1):g}"
