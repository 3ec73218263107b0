"""The rows of a dataset as they may leave the house: small cells withheld, every value of its column's kind."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from kartini.exchange.catalogue.declared import SMALL, BadDeclaration, Column, Dataset, Kind, Row

WITHHELD = "withheld"


@dataclass
class Tally:
    """How many rows were handed out, and in how many of them something was withheld."""

    rows: int = 0
    withheld: int = 0


def rows(offered: Dataset, tally: Tally | None = None) -> Iterator[list[Any]]:
    """The published rows, in the order of the columns. A withheld measure is ``None``."""
    count = tally if tally is not None else Tally()
    for row, hidden in _judged(offered):
        count.rows += 1
        count.withheld += hidden
        yield [
            None if hidden and column.measure else fitted(column, row.get(column.name))
            for column in offered.columns
        ]


def _judged(offered: Dataset) -> Iterator[tuple[Row, bool]]:
    """Each row and whether too few persons stand behind it."""
    if not offered.persons:
        yield from ((row, False) for row in offered.rows())
    elif not offered.known_totals:
        yield from ((row, _is_small(offered, row)) for row in offered.rows())
    else:
        done = set()
        for key, group in groupby(
            offered.rows(), key=lambda row: tuple(row[name] for name in offered.known_totals)
        ):
            if key in done:  # in two parts, each would be judged as if it were the whole
                raise BadDeclaration(f"{offered.slug}: the rows of {key} do not follow each other")
            done.add(key)
            yield from _within_a_total(offered, list(group))


def _within_a_total(offered: Dataset, group: list[Row]) -> Iterable[tuple[Row, bool]]:
    """What is missing from a known total is the sum of the withheld rows: it must be neither one row nor few
    persons. So the smallest others go with them; where all others are empty, one that is."""
    persons = [_persons(offered, row) for row in group]
    hidden = {n for n, row in enumerate(group) if _is_small(offered, row)}
    others = sorted({*range(len(group))} - hidden, key=lambda n: (not persons[n], persons[n]))
    while hidden and others and _tells(sum(persons[n] for n in hidden), len(hidden)):
        if len(hidden) > 1 and not persons[others[0]]:
            break  # empty rows add nobody
        hidden.add(others.pop(0))
    return ((row, n in hidden) for n, row in enumerate(group))


def _tells(persons: int, rows: int) -> bool:
    """Whether this sum of withheld rows says something about one person."""
    return rows == 1 or persons < SMALL


def _is_small(offered: Dataset, row: Row) -> bool:
    return 0 < _persons(offered, row) < SMALL


def _persons(offered: Dataset, row: Row) -> int:
    """Nobody counted them: then it may be one."""
    count = row.get(offered.persons)
    return 1 if count is None else int(count)


def fitted(column: Column, value: Any) -> Any:
    """The value as its column promises it; ``None`` where nothing is known."""
    if value is None or value == "":
        return None
    if column.kind is Kind.INTEGER:
        return int(value)
    if column.kind is Kind.DECIMAL:
        return value if isinstance(value, Decimal) else Decimal(str(value))
    if column.kind is Kind.FLAG:
        return bool(value)
    if column.kind is Kind.DATE:
        return value.date() if isinstance(value, datetime) else value
    if column.kind is Kind.MONTH and isinstance(value, date):
        return f"{value:%Y-%m}"
    return str(value)
