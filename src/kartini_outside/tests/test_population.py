"""The invented population: exact, valid, repeatable."""

import sqlite3
from datetime import date
from pathlib import Path

import pytest
from stdnum.id import nik as judge

from kartini_outside import population
from kartini_outside.named import NAMED


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    path = tmp_path_factory.mktemp("dukcapil") / "p.sqlite3"
    assert population.make(path, scale=0.004) == round(645_757 * 0.004) + round(637_930 * 0.004)
    return sqlite3.connect(path)


def test_the_numbers_of_men_and_women_are_exact(town: sqlite3.Connection) -> None:
    rows = "SELECT woman, count(*) FROM resident WHERE status = 'HIDUP' GROUP BY woman"
    assert dict(town.execute(rows)) == {0: round(645_757 * 0.004), 1: round(637_930 * 0.004)}


def test_every_village_has_residents_and_nobody_lives_elsewhere(town: sqlite3.Connection) -> None:
    rows = "SELECT count(DISTINCT village), min(village), max(village) FROM resident"
    assert town.execute(rows).fetchone() == (195, 3320012001, 3320162008)


def test_every_nik_is_valid_says_the_birth_date_and_is_marked_as_invented(
    town: sqlite3.Connection,
) -> None:
    for nik, woman, born in town.execute("SELECT nik, woman, birth_on FROM resident"):
        digits = str(nik)
        assert judge.is_valid(digits)
        assert digits[12] == "9"
        day = int(digits[6:8]) - 40 * woman
        assert (day, int(digits[8:10]), int(digits[10:12])) == (
            born % 100, born // 100 % 100, born // 10000 % 100,
        )  # fmt: skip
        date.fromisoformat(f"{born // 10000}-{born // 100 % 100:02}-{day:02}")


def test_equal_seeds_make_equal_towns(tmp_path: Path) -> None:
    def people(name: str, seed: int) -> list[tuple[int]]:
        population.make(tmp_path / name, scale=0.001, seed=seed)
        return sqlite3.connect(tmp_path / name).execute("SELECT * FROM resident").fetchall()

    assert people("a", 5) == people("b", 5) != people("c", 6)
    assert not list(tmp_path.glob("*.new"))


def test_the_people_of_the_stories_are_always_there(town: sqlite3.Connection) -> None:
    niks = {row[0] for row in town.execute("SELECT nik FROM resident")}
    assert niks >= {person.nik for person in NAMED}
    assert len({person.nik for person in NAMED}) == len(NAMED)
    for person in NAMED:
        assert judge.get_birth_date(str(person.nik), minyear=1920).strftime("%d%m") == (
            person.birth_on.strftime("%d%m")
        )


def test_a_day_with_more_than_999_births_runs_over_into_the_next() -> None:
    numbers, day = population.Numbers(), date(1990, 1, 1).toordinal()
    given = [numbers.nik(332001, day, False) for _ in range(1500)]
    assert len({nik for nik, _ in given}) == 1500
    assert given[0][1] == date(1990, 1, 1)
    assert given[-1] == (3320010201909501, date(1990, 1, 2))


@pytest.mark.parametrize("scale", [0, -1, 1.5])
def test_a_scale_out_of_range_is_refused(tmp_path: Path, scale: float) -> None:
    with pytest.raises(ValueError, match="scale"):
        population.make(tmp_path / "x", scale=scale)
