"""Datasets: what is withheld, and what others read from our files."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kartini.exchange.catalogue import declared, files, parquet, table
from kartini.exchange.catalogue.declared import BadDeclaration, Column, Dataset, Kind

COLUMNS = (
    Column("bulan", "Month", Kind.MONTH),
    Column("desa", "Village"),
    Column("orang", "Persons", Kind.INTEGER, unit="persons", measure=True),
    Column("kilogram", "Kilograms", Kind.DECIMAL, unit="kg", measure=True),
)


def offered(rows: list[dict[str, Any]], **said: Any) -> Dataset:
    words: dict[str, Any] = {
        "slug": "coba", "system": "uji", "title": "A trial", "description": "Of the catalogue.", "columns": COLUMNS,
        "topic": "masyarakat", "frequency": "monthly", "source": "Nobody", "issued_on": date(2026, 11, 24),
        "persons": "orang",
    }  # fmt: skip
    return Dataset(rows=lambda: iter(rows), **(words | said))


def row(desa: str, persons: int | None, month: str = "2026-10") -> dict[str, Any]:
    return {"bulan": month, "desa": desa, "orang": persons, "kilogram": Decimal("1.5")}


def test_a_row_with_one_to_four_persons_loses_its_measures_and_keeps_its_place() -> None:
    rows = list(table.rows(offered([row(str(n), n) for n in (0, 1, 4, 5)])))
    assert [r[1] for r in rows] == ["0", "1", "4", "5"]
    assert [r[2] for r in rows] == [0, None, None, 5]
    assert [r[3] is None for r in rows] == [False, True, True, False]


def test_where_nobody_counted_the_persons_the_row_is_withheld() -> None:
    assert next(iter(table.rows(offered([row("A", None)]))))[3] is None


def test_one_withheld_row_cannot_be_reckoned_back_from_a_known_total() -> None:
    rows = [row("A", 2), row("B", 30), row("C", 7), row("D", 2, "2026-11"), row("E", 3, "2026-11")]
    assert withheld(rows) == ["A", "C", "D", "E"]


def withheld(rows: list[dict[str, Any]]) -> list[str]:
    """The villages that lose their measures where the total of the month is known."""
    return [r[1] for r in table.rows(offered(rows, known_totals=("bulan",))) if r[2] is None]


@pytest.mark.parametrize(
    ("persons", "hidden"),
    [
        ({"A": 1, "B": 1, "C": 30, "D": 9}, "ABD"),  # 2 missing for two rows: one person each
        ({"A": 4, "B": 4, "C": 30}, "AB"),
        ({"A": 3, "B": 0, "C": 0}, "AB"),  # the only one that is not empty is the total
        ({"A": 1, "B": 2, "C": 0}, "AB"),
        ({"A": 3}, "A"),
        ({"A": 0, "B": 9}, ""),
    ],
)
def test_what_is_missing_from_a_known_total_is_never_few_persons(
    persons: dict[str, int], hidden: str
) -> None:
    assert withheld([row(*one) for one in persons.items()]) == [*hidden]


def test_rows_of_one_total_that_lie_apart_are_not_judged_as_two() -> None:
    rows = [row("A", 2), row("B", 2, "2026-11"), row("C", 9)]
    with pytest.raises(BadDeclaration, match="do not follow each other"):
        withheld(rows)


@given(
    st.lists(st.tuples(st.sampled_from(["2026-10", "2026-11"]), st.integers(0, 12)), max_size=30)
)
def test_no_number_of_few_persons_leaves_the_house(cells: list[tuple[str, int]]) -> None:
    rows = [row(str(n), persons, month) for n, (month, persons) in enumerate(sorted(cells))]
    for totals in ((), ("bulan",)):
        shown = [r[2] for r in table.rows(offered(rows, known_totals=totals)) if r[2] is not None]
        assert all(n == 0 or n >= declared.SMALL for n in shown)
        assert len(shown) <= len(rows)
    published = [*table.rows(offered(rows, known_totals=("bulan",)))]
    for month in ("2026-10", "2026-11"):
        known = [
            (n, r[2]) for (m, n), r in zip(sorted(cells), published, strict=True) if m == month
        ]
        missing = [n for n, told in known if told is None]
        everybody = sum(missing) == sum(n for n, _told in known)
        assert not missing or sum(missing) >= declared.SMALL or everybody
        assert len(missing) != 1 or len(known) == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"columns": (Column("n", "N", Kind.INTEGER),)}, "without a unit"),
        ({"columns": (Column("n", "N"), Column("n", "N"))}, "one name"),
        ({"columns": (Column("n", "N"),), "persons": "n"}, "no column is a measure"),
        ({"topic": "x"}, "unknown topic"),
        ({"frequency": "x"}, "unknown frequency"),
        ({"known_totals": ("x",)}, "no such column"),
    ],
)
def test_a_declaration_that_nobody_could_read_is_refused(said: dict[str, Any], words: str) -> None:
    with pytest.raises(BadDeclaration, match=words):
        declared._checked(offered([], **({"persons": ""} | said)))


def made(form: str, rows: list[dict[str, Any]]) -> files.Made:
    return files.make(offered(rows), files.FORMATS[form])


def test_csv_and_json_say_the_same(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    rows = [row('Desa "A", Kec. B', 9), row("=1+1", 1)]
    text = made("csv", rows).path.read_bytes().decode()
    found = list(csv.DictReader(io.StringIO(text)))
    told = json.loads(made("json", rows).path.read_text())
    assert (
        [r["desa"] for r in found] == [r["desa"] for r in told["data"]] == [r["desa"] for r in rows]
    )
    assert found[0] == {
        "bulan": "2026-10",
        "desa": 'Desa "A", Kec. B',
        "orang": "9",
        "kilogram": "1.5",
    }
    assert told["data"][1]["orang"] is None
    assert told["kolom"][3]["satuan"] == "kg"


def test_the_same_data_is_the_same_file_and_old_editions_go(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    first, again = made("csv", [row("A", 9)]), made("csv", [row("A", 9)])
    assert first == again
    assert made("csv", [row("B", 9)]).digest != first.digest


def test_a_fault_while_writing_leaves_nothing_behind(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path

    def broken() -> Iterator[dict[str, Any]]:
        yield row("A", 9)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        files.make(Dataset(**(vars(offered([])) | {"rows": broken})), files.FORMATS["json"])
    assert list((tmp_path / "catalogue").iterdir()) == []


FIELDS = [
    parquet.Field("t", parquet.Type.BYTE_ARRAY, 0),
    parquet.Field("n", parquet.Type.INT64),
    parquet.Field("d", parquet.Type.INT64, 5),
    parquet.Field("f", parquet.Type.BOOLEAN),
    parquet.Field("day", parquet.Type.INT32, 6),
]
VALUES = st.tuples(
    st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.decimals(-(10**11), 10**11, places=6, allow_nan=False),
    st.none() | st.booleans(),
    st.none() | st.dates(),
)


@given(st.lists(VALUES, max_size=40))
def test_duckdb_reads_from_our_parquet_what_was_written(rows: list[tuple[Any, ...]]) -> None:
    assert read_back(rows) == rows


def test_a_parquet_file_of_several_row_groups_is_read_whole() -> None:
    rows = [
        (f"baris {n}", n, Decimal(n) / 1000, n % 3 == 0, date(2026, 1, 1)) for n in range(25_000)
    ]
    assert read_back(rows) == rows


def read_back(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        with Path(file.name).open("wb") as out:
            assert parquet.write(out, FIELDS, rows, {"kartini": "ä"}) == len(rows)
        with duckdb.connect() as reader:
            found = reader.execute("SELECT * FROM read_parquet(?)", [file.name]).fetchall()
            notes = reader.execute("SELECT * FROM parquet_kv_metadata(?)", [file.name]).fetchall()
            assert [bytes(note[2]).decode() for note in notes] == ["ä"]
    return found
