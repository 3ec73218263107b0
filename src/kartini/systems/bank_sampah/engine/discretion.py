"""Which cells of a table may be told: not those of few persons, nor those by which one could be reckoned back.

The totals of rows and columns are taken as known to everybody. A withheld cell alone in its row is the total
less the others; and even where each row and column has two, one cell can follow from several totals together.
It does exactly when it lies on no circle of withheld cells (row, column, row, column and back).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

Cell = tuple[str, str]
"""Row and column."""
Node = tuple[int, str]


def withheld(persons: Mapping[Cell, int], small: int) -> set[Cell]:
    """``persons``: how many stand behind each cell. A row that has only one cell cannot keep its total secret."""
    few = {cell for cell, count in persons.items() if count < small}
    hidden = few | set(_companions(persons, few))
    determined = _determined(hidden)
    for cell in sorted(hidden):
        if cell in determined:
            hidden |= _corners(persons, hidden, cell)
            determined = _determined(hidden)
    return hidden


def _companions(persons: Mapping[Cell, int], few: set[Cell]) -> Iterator[Cell]:
    """Beside cells of few, in each row and column, the smallest of many: else their sum is one of few too."""
    for axis in (0, 1):
        lines = defaultdict(list)
        for cell in persons:
            lines[cell[axis]].append(cell)
        for line in lines.values():
            many = [cell for cell in line if cell not in few]
            if many and len(many) < len(line):
                yield min(many, key=lambda cell: (persons[cell], cell))


def _corners(persons: Mapping[Cell, int], hidden: set[Cell], cell: Cell) -> set[Cell]:
    """The other corners of a rectangle through this cell: of all, those that cost the fewest further persons."""
    row, column = cell
    columns = [c for r, c in persons if r == row and c != column]
    rows = [r for r, c in persons if c == column and r != row]
    squares = [{(row, c), (r, column), (r, c)} for r in rows for c in columns if (r, c) in persons]
    costs = [(sum(persons[one] for one in square - hidden), sorted(square)) for square in squares]
    return set(min(costs)[1]) if costs else set()


def _determined(hidden: set[Cell]) -> set[Cell]:
    """Those that lie on no circle: the bridges of the graph whose nodes are rows and columns."""
    ties: dict[Node, list[Node]] = defaultdict(list)
    for row, column in hidden:
        ties[0, row].append((1, column))
        ties[1, column].append((0, row))
    seen: dict[Node, int] = {}
    bridges: set[Cell] = set()
    for node in list(ties):
        if node not in seen:
            _reach(node, None, ties, seen, bridges)
    return bridges


def _reach(
    node: Node,
    back: Node | None,
    ties: Mapping[Node, Sequence[Node]],
    seen: dict[Node, int],
    bridges: set[Cell],
) -> int:
    """The earliest node that can be reached from here without going back the way we came."""
    earliest = seen[node] = len(seen)
    for other in ties[node]:
        if other in seen:
            earliest = min(earliest, seen[other] if other != back else earliest)
            continue
        reached = _reach(other, node, ties, seen, bridges)
        earliest = min(earliest, reached)
        if reached > seen[node]:
            (_, row), (_, column) = sorted((node, other))
            bridges.add((row, column))
    return earliest
