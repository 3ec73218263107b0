"""What is withheld cannot be reckoned back: a solver of linear equations is the judge."""

from fractions import Fraction
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from kartini.systems.bank_sampah.engine.discretion import Cell, withheld

SMALL = 5


def rank(rows: list[list[int]]) -> int:
    left, found = [[Fraction(x) for x in row] for row in rows], 0
    while left:
        row = left.pop()
        at = next((n for n, x in enumerate(row) if x), None)
        if at is None:
            continue
        found += 1
        left = [[x - y * other[at] / row[at] for x, y in zip(other, row, strict=True)] for other in left]  # fmt: skip
    return found


def follows_from_totals(hidden: set[Cell], *cells: Cell) -> bool:
    """Is the sum of these settled by the totals of rows and columns, when the told ones are taken off?"""
    unknown = sorted(hidden)
    totals = [
        [int(one[axis] == name) for one in unknown]
        for axis in (0, 1)
        for name in {one[axis] for one in unknown}
    ]
    return rank([*totals, [int(one in cells) for one in unknown]]) == rank(totals)


tables = st.tuples(st.integers(2, 4), st.integers(2, 3)).flatmap(
    lambda size: st.fixed_dictionaries(
        {(f"r{r}", f"c{c}"): st.integers(1, 12) for r, c in product(range(size[0]), range(size[1]))}
    )
)


@settings(deadline=None)
@given(tables)
def test_no_cell_of_few_persons_follows_from_the_totals(persons: dict[Cell, int]) -> None:
    hidden = withheld(persons, SMALL)
    few = {cell for cell, count in persons.items() if count < SMALL}
    assert few <= hidden
    assert not [cell for cell in few if follows_from_totals(hidden, cell)]


@settings(deadline=None)
@given(tables)
def test_no_sum_of_few_persons_in_a_row_follows_either(persons: dict[Cell, int]) -> None:
    hidden = withheld(persons, SMALL)
    for axis in (0, 1):
        for name in {cell[axis] for cell in persons}:
            line = [cell for cell in persons if cell[axis] == name]
            few = [cell for cell in line if persons[cell] < SMALL]
            assert not few or few == line or not follows_from_totals(hidden, *few)


@settings(deadline=None)
@given(tables)
def test_nothing_is_withheld_where_nobody_is_few(persons: dict[Cell, int]) -> None:
    assert withheld({cell: count + SMALL for cell, count in persons.items()}, SMALL) == set()


def test_the_cheapest_neighbours_go_with_a_cell_of_few() -> None:
    persons = {("a", "x"): 2, ("a", "y"): 9, ("a", "z"): 6, ("b", "x"): 7, ("b", "y"): 30, ("b", "z"): 8}  # fmt: skip
    assert withheld(persons, SMALL) == {("a", "x"), ("a", "z"), ("b", "x"), ("b", "z")}


def test_a_village_with_one_category_is_withheld_with_a_neighbour() -> None:
    persons = {("a", "x"): 2, ("b", "x"): 9, ("c", "x"): 7}
    assert withheld(persons, SMALL) == {("a", "x"), ("c", "x")}
