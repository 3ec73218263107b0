"""An invented population of Jepara: nobody in it exists, yet its numbers have the shape of the real ones.

``python -m kartini_outside.population --scale 1`` writes 1,283,687 residents (645,757 men and
637,930 women, the registry's count of December 2024) into one SQLite file below
``$KARTINI_DATA_DIR/outside``. How many live in which village is invented: it follows area and a
guess at density. Equal seed and scale make equal files.

A NIK is PPKKCC of the kecamatan of first registration, DDMMYY (women DD+40), and a serial that
begins with 9, which marks it as invented. A kecamatan whose day holds more than 999 births of one
sex moves the next one to the following day.
"""

import argparse
import csv
import os
import sqlite3
import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from kartini_outside.named import NAMED, Named

MEN, WOMEN = 645_757, 637_930
SEED = 1879
AS_OF = date(2026, 1, 1).toordinal()
GONE_SHARE = 0.008
PERSONS_PER_RT, RT_PER_RW = 270, 5

DENSITY = {
    "33.20.06": 1.45, "33.20.11": 1.6, "33.20.13": 1.35, "33.20.02": 1.15, "33.20.03": 1.15,
    "33.20.10": 0.4, "33.20.16": 0.8, "33.20.09": 0.8, "33.20.14": 0.9,
}  # fmt: skip
ELSEWHERE = (331902, 331805, 332103, 337401)

MEN_NAMES = """AGUS AHMAD ALI ANDI ANTON ARIF BAGUS BAMBANG BAYU BUDI DANANG DEDI DIDIK DIMAS EDI EKO FAISAL FAJAR
FARHAN FERI GALIH GUNAWAN HADI HARTONO HENDRA HERI IMAM INDRA IRFAN IWAN JOKO KASTURI KHOIRUL KUSNADI LUKMAN MASHURI
MUHAMMAD MUKHLIS NANANG NUR PURWANTO RAHMAT RENDI RIDWAN RIZAL RUDI SAIFUL SARJONO SIGIT SLAMET SOLIKIN SUBAGYO
SUGENG SUHARTO SUKARDI SULISTYO SUNARTO SUPRIYANTO SURYA SUTRISNO SUWARNO TAUFIK TEGUH TRI UMAR WAHYU WAWAN YANTO
YOGA YUDI ZAENAL""".split()  # noqa: SIM905 — a list of seventy words reads better so
WOMEN_NAMES = """AISYAH ANIK ANISA ASIH ASTUTI AYU CICI DEWI DIAH DINA DWI EKA ELLY ENDANG ERNA ERNI FATIMAH FITRI
HANIK HARTINI HENI IDA INDAH INTAN IRA ISTIQOMAH JUMIATI KARTINI KHOTIMAH LAILA LESTARI LILIK LINA MAESAROH MAYA
MUNAWAROH MURNI NANIK NINGSIH NUR NURUL PARTINI PUJI PUTRI RATNA RINA RINI ROHMAH RUKAYAH SARI SITI SOLEKAH SRI
SULASTRI SUMIATI SUNARTI SUSI TITIK TRI TUTIK UMI UTAMI WAHYUNI WIDYA WIWIK WULAN YANTI YULI ZAHRA ZULAIKHA
ZUMROTUN""".split()  # noqa: SIM905 — as above
MEN_LAST = """ANWAR ARIFIN BASUKI BUDIMAN CAHYONO DARMAWAN EFENDI FADILAH FIRMANSYAH HAKIM HANDOKO HARIYANTO HIDAYAT
HUDA IRAWAN KURNIAWAN KUSUMA MAULANA MUBAROK MUSTOFA NUGROHO PAMUNGKAS PERMADI PRABOWO PRAKOSO PRASETYO PRATAMA
PURNOMO RAMADHAN RIYANTO ROHMAN SANTOSO SAPUTRA SETIAWAN SUSANTO SUSILO SYAIFUDIN UTOMO WIBOWO WICAKSONO WIDODO
WIJAYA YULIANTO""".split()  # noqa: SIM905 — as above
WOMEN_LAST = """AFIFAH AMALIA ANGGRAINI ARUM AZIZAH CAHYANI DAMAYANTI FADHILAH FEBRIANI HANDAYANI HASANAH HIDAYATI
INDRIYANI KHASANAH KURNIAWATI KUSUMAWATI LARASATI MAGHFIROH MAHARANI MARFUAH MULYANI NINGRUM NURHAYATI OKTAVIANI
PERTIWI PRATIWI PURNAMASARI PUSPITASARI RAHAYU RAHMAWATI RAMADHANI SAFITRI SAPUTRI SETYOWATI SUSANTI SUSILOWATI
WAHYUNINGSIH WIDIASTUTI WIJAYANTI WULANDARI YULIANA""".split()  # noqa: SIM905 — as above
STREETS = (
    "DK. KRAJAN", "DK. GEMIRING", "DK. SEKOPEK", "DK. NGASINAN", "DK. BENDO", "DK. PULE",
    "JL. RAYA", "JL. MASJID", "JL. BALAI DESA", "JL. PASAR", "JL. KARTINI", "-",
)  # fmt: skip
MARRIED, SINGLE, WIDOWED = 2, 1, 4
HEAD, WIFE, CHILD, PARENT = 1, 3, 4, 7

SCHEMA = """
CREATE TABLE resident (
    nik INTEGER PRIMARY KEY, family_card INTEGER NOT NULL, name TEXT NOT NULL, birth_place TEXT NOT NULL,
    birth_on INTEGER NOT NULL, woman INTEGER NOT NULL, village INTEGER NOT NULL, street TEXT NOT NULL,
    rt INTEGER NOT NULL, rw INTEGER NOT NULL, marriage INTEGER NOT NULL, relation INTEGER NOT NULL,
    status TEXT NOT NULL);
CREATE TABLE village (code INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, kecamatan TEXT NOT NULL);
CREATE TABLE about (scale REAL NOT NULL, seed INTEGER NOT NULL, residents INTEGER NOT NULL);
"""
INSERT = "INSERT INTO resident VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
Row = tuple[int, int, str, str, int, int, int, str, int, int, int, int, str]


@dataclass(frozen=True)
class Village:
    code: str
    name: str
    kind: str
    kecamatan: str
    area_km2: float

    @property
    def number(self) -> int:
        return int(self.code.replace(".", ""))

    @property
    def weight(self) -> float:
        return float(self.area_km2**0.55 * DENSITY.get(self.code[:8], 1.0))


def villages() -> list[Village]:
    with (Path(__file__).parent / "data" / "villages.csv").open(encoding="utf-8") as file:
        return [
            Village(r["code"], r["name"], r["kind"], r["kecamatan"], float(r["area_km2"]))
            for r in csv.DictReader(file)
        ]


def default_path() -> Path:
    return Path(os.environ.get("KARTINI_DATA_DIR", "var")) / "outside" / "dukcapil.sqlite3"


def make(
    path: Path, *, scale: float, seed: int = SEED, say: Callable[[str], None] = lambda _: None
) -> int:
    """Write the population and return how many residents it has. The file appears when it is whole."""
    if not 0.001 <= scale <= 1:
        raise ValueError("scale lies between 0.001 and 1")
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    db = sqlite3.connect(fresh, isolation_level=None)
    try:
        db.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536;"
        )
        db.executescript(SCHEMA)
        _fill(db, scale, seed, say)
    finally:
        db.close()
    fresh.replace(path)
    return round(MEN * scale) + round(WOMEN * scale)


def _fill(db: sqlite3.Connection, scale: float, seed: int, say: Callable[[str], None]) -> None:
    places = villages()
    numbers = Numbers()
    living = [person.is_woman for person in NAMED if person.status == "HIDUP"]
    men = _spread(round(MEN * scale) - living.count(False), places)
    women = _spread(round(WOMEN * scale) - living.count(True), places)
    db.execute("BEGIN")
    db.executemany(INSERT, map(_named_row, NAMED))
    done = 0
    for index, place in enumerate(places):
        people = Households(Random(seed * 1000 + index), numbers, place)
        db.executemany(INSERT, people.rows(men[index], women[index]))
        done += men[index] + women[index]
        if index + 1 == len(places) or places[index + 1].kecamatan != place.kecamatan:
            say(f"{place.kecamatan}: {done} residents")
    rows = ((p.number, p.name, p.kind, p.kecamatan) for p in places)
    db.executemany("INSERT INTO village VALUES (?, ?, ?, ?)", rows)
    total = round(MEN * scale) + round(WOMEN * scale)
    db.execute("INSERT INTO about VALUES (?, ?, ?)", (scale, seed, total))
    db.execute("COMMIT")


def _spread(total: int, places: list[Village]) -> list[int]:
    """Whole numbers that follow the weights and sum exactly."""
    all_weight, before, counts, run = sum(p.weight for p in places), 0, [], 0.0
    for place in places:
        run += place.weight
        upto = round(total * run / all_weight)
        counts.append(upto - before)
        before = upto
    return counts


def _named_row(person: Named) -> Row:
    village = int(person.village.replace(".", ""))
    born = person.birth_on.year * 10000 + person.birth_on.month * 100 + person.birth_on.day
    grown = AS_OF - person.birth_on.toordinal() > 25 * 365
    return (
        person.nik, village // 10000 * 10**10 + 201_209_000 + person.nik % 1000, person.name,
        person.birth_place, born, int(person.is_woman), village, person.street, person.rt, person.rw,
        MARRIED if grown else SINGLE, HEAD if grown else CHILD, person.status,
    )  # fmt: skip


class Numbers:
    """The next free serial per kecamatan, day and sex; and the next family card."""

    def __init__(self) -> None:
        self._next: dict[int, array[int]] = {}
        self._cards: dict[int, int] = {}
        self._taken = {person.nik for person in NAMED}

    def nik(self, area: int, ordinal: int, woman: bool) -> tuple[int, date]:
        counts = self._next.get(area)
        if counts is None:
            counts = self._next[area] = array("H", [0]) * (100 * 12 * 31 * 2)
        while True:
            born = date.fromordinal(ordinal)
            key = ((born.year % 100 * 12 + born.month - 1) * 31 + born.day - 1) * 2 + woman
            if counts[key] < 999:
                break
            ordinal += 1
        counts[key] += 1
        day = born.day + 40 if woman else born.day
        digits = ((area * 100 + day) * 100 + born.month) * 100 + born.year % 100
        nik = digits * 10000 + 9000 + counts[key]
        return self.nik(area, ordinal, woman) if nik in self._taken else (nik, born)

    def card(self, area: int) -> int:
        number = self._cards.get(area, 0)
        self._cards[area] = number + 1
        issued = date.fromordinal(date(2008, 1, 1).toordinal() + number // 900)
        stamp = (issued.day * 100 + issued.month) * 100 + issued.year % 100
        return (area * 10**6 + stamp) * 10000 + 9001 + number % 900


class Households:
    """Families of one village until its men and women are used up, then those who died or left."""

    def __init__(self, dice: Random, numbers: Numbers, village: Village) -> None:
        self._roll = dice.random
        self._numbers = numbers
        self._village = village
        self._area = village.number // 10000
        self._home: tuple[int, str, int, int] = (0, "-", 1, 1)

    def rows(self, men: int, women: int) -> Iterator[Row]:
        roll, total = self._roll, men + women
        self._rts = max(1, total // PERSONS_PER_RT)
        while men or women:
            self._move_in()
            for woman, age, marriage, relation in self._family(men, women):
                if woman:
                    women -= 1
                else:
                    men -= 1
                yield self._row(woman, age, marriage, relation, "HIDUP")
        for _ in range(int(total * GONE_SHARE + roll())):
            self._move_in()
            dead = roll() < 0.6
            age = 45 + int(roll() * 50) if dead else 18 + int(roll() * 30)
            yield self._row(roll() < 0.5, age, SINGLE, HEAD, "MENINGGAL" if dead else "PINDAH")

    def _move_in(self) -> None:
        rt = int(self._roll() * self._rts)
        street = STREETS[int(self._roll() * len(STREETS))]
        self._home = (
            self._numbers.card(self._area),
            street,
            rt % RT_PER_RW + 1,
            rt // RT_PER_RW + 1,
        )

    def _family(self, men: int, women: int) -> Iterator[tuple[bool, int, int, int]]:
        roll = self._roll
        age = 22 + int(roll() * 38 + roll() * roll() * 28)
        if men and women and roll() < 0.78:
            wife = max(19, age - int(roll() * 7))
            yield False, age, MARRIED, HEAD
            yield True, wife, MARRIED, WIFE
            men, women, mother = men - 1, women - 1, wife
        else:
            woman = roll() * (men + women) < women
            yield woman, age, WIDOWED if age > 45 else SINGLE, HEAD
            men, women, mother = men - (not woman), women - woman, age
        youngest = max(0, mother - 44)
        span = min(mother - 19, 25) - youngest
        for _ in range(int(roll() * 3.7 + 0.1) if span > 0 else 0):
            if not men and not women:
                return
            woman = roll() * (men + women) < women
            yield woman, youngest + int(roll() * span), SINGLE, CHILD
            men, women = men - (not woman), women - woman
        if men + women and age < 62 and roll() < 0.16:
            woman = roll() * (men + women) < women
            yield woman, min(age + 21 + int(roll() * 14), 98), WIDOWED, PARENT

    def _row(self, woman: bool, age: int, marriage: int, relation: int, status: str) -> Row:
        roll, area, place = self._roll, self._area, "JEPARA"
        if age > 3 and (elsewhere := roll()) > 0.96:
            area = ELSEWHERE[int((elsewhere - 0.96) * 25 * len(ELSEWHERE))]
            place = ("KUDUS", "PATI", "DEMAK", "SEMARANG")[ELSEWHERE.index(area)]
        ordinal = AS_OF - 1 - int((age + roll()) * 365.24)
        nik, born = self._numbers.nik(area, ordinal, woman)
        card, street, rt, rw = self._home
        number = born.year * 10000 + born.month * 100 + born.day
        return (
            nik, card, self._name(woman, age), place, number, int(woman), self._village.number,
            street, rt, rw, marriage, relation, status,
        )  # fmt: skip

    def _name(self, woman: bool, age: int) -> str:
        roll = self._roll
        firsts, lasts = (WOMEN_NAMES, WOMEN_LAST) if woman else (MEN_NAMES, MEN_LAST)
        first = firsts[int(roll() * len(firsts))]
        if age > 55 and roll() < 0.4:
            return first
        last = lasts[int(roll() * len(lasts))]
        if roll() < 0.3:
            return f"{first} {firsts[int(roll() * len(firsts))]} {last}"
        return f"{first} {last}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the invented population of Jepara.")
    parser.add_argument("--scale", type=float, default=0.001)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=None)
    chosen = parser.parse_args()
    started = time.monotonic()
    out = chosen.out or default_path()
    count = make(out, scale=chosen.scale, seed=chosen.seed, say=print)
    print(f"{count} residents in {out} after {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
