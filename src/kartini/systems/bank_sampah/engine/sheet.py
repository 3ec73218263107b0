"""A spreadsheet of opening balances as waste banks really keep them: mixed separators, words, dates, formulas.

Nothing is guessed: what can be read in two ways is named with its cell, and then nothing is taken over.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

import openpyxl

MOST_ROWS = 5000
MOST_BYTES = 5_000_000
MOST_UNPACKED = 60_000_000
MOST_RUPIAH = 1_000_000_000
Found = TypeVar("Found")
HEADS = {
    "number": ("no", "nomor", "no rekening", "nomor rekening", "no buku", "nomor buku"),
    "name": ("nama", "nama nasabah", "nasabah"),
    "kind": ("jenis", "kategori"),
    "phone": ("telepon", "hp", "no hp", "nomor hp", "wa", "whatsapp"),
    "address": ("alamat", "rt/rw", "rt rw"),
    "balance": ("saldo", "saldo awal", "tabungan", "jumlah tabungan", "saldo akhir"),
    "as_of": ("tanggal", "per tanggal", "tgl"),
}
KINDS = {"": "household", "rumah tangga": "household", "kk": "household", "perorangan": "household",
         "kelompok": "group", "sekolah": "group", "perusahaan": "company", "usaha": "company"}  # fmt: skip
TIMES = {"ribu": 1_000, "rb": 1_000, "k": 1_000, "juta": 1_000_000, "jt": 1_000_000}
MONTHS = {"jan": 1, "feb": 2, "mar": 3, "apr": 4, "mei": 5, "may": 5, "jun": 6, "jul": 7, "agu": 8, "ags": 8,
          "aug": 8, "sep": 9, "okt": 10, "oct": 10, "nov": 11, "des": 12, "dec": 12}  # fmt: skip
_AMOUNT = re.compile(r"(?:rp\.?\s*)?([0-9][0-9.,]*)(?:,-)?\s*(ribu|rb|k|juta|jt)?", re.IGNORECASE)


class NotASheet(Exception):
    """The file cannot be read as .xlsx, is too large, or has no columns of name and balance."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unclear(Exception):
    """A cell that can be read in two ways, or in none."""


@dataclass(frozen=True)
class Fault:
    """``why`` is a code: ``empty``, ``unclear``, ``negative``, ``twice``, ``too-large``, ``later``, ``kind``."""

    row: int
    column: str
    value: str
    why: str


@dataclass(frozen=True)
class Row:
    row: int
    number: int | None
    name: str
    kind: str
    phone: str
    address: str
    balance: int


@dataclass
class Sheet:
    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(row.balance for row in self.rows)


def read(content: bytes, *, today: date) -> Sheet:
    """Read the first sheet. Raises ``NotASheet``; everything else is named as a fault."""
    lines = _lines(content)
    heads = next((found for found in (_heads(line) for _, line in lines) if found), None)
    if heads is None:
        raise NotASheet("heads")
    sheet, seen = Sheet(), {"number": set[Any](), "name": set[Any]()}
    for row, line in lines:
        cells = {name: line[at] for name, at in heads.items() if at < len(line)}
        if any(value not in (None, "") for value in cells.values()):
            _take(sheet, seen, row, cells, today)
    return sheet


def rupiah(value: Any) -> int:
    """Whole rupiah: ``1250000``, ``1.250.000,00``, ``1,250,000``, ``Rp 1.250.000,-``, ``125 ribu``, ``1,2 jt``."""
    if isinstance(value, bool) or value is None:
        raise Unclear
    if isinstance(value, (int, float)):
        return _whole(float(value))
    found = _AMOUNT.fullmatch(str(value).strip())
    if found is None:
        raise Unclear
    factor = TIMES.get((found[2] or "").lower(), 1)
    return _whole(_decimal(found[1], scaled=factor > 1) * factor)


def _whole(value: float) -> int:
    if abs(value - round(value)) > 1e-6:
        raise Unclear
    return round(value)


def _decimal(text: str, *, scaled: bool) -> float:
    """Groups of three are thousands, whichever mark is used; one or two digits after the last mark are decimals."""
    marks = re.findall(r"[.,]", text)
    if not marks:
        return float(text)
    head, last = re.split(r"[.,](?=[0-9]*$)", text, maxsplit=1)
    grouped = re.fullmatch(r"[0-9]{1,3}([.,][0-9]{3})*", head)
    if len(set(marks)) == 1 and len(last) == 3 and grouped and not scaled:
        return float(re.sub(r"[.,]", "", text))
    if grouped and 1 <= len(last) <= 2 and marks[-1] not in marks[:-1]:
        return float(f"{re.sub(r'[.,]', '', head)}.{last}")
    raise Unclear


def day(value: Any) -> date:
    """``31/12/2025``, ``31-12-25``, ``2025-12-31``, ``31 Des 2025``. Day before month, as Indonesians write."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    parts = re.split(r"[\s/.-]+", str(value).strip().lower())
    if len(parts) != 3:
        raise Unclear
    if len(parts[0]) == 4:
        parts.reverse()
    try:
        month = MONTHS.get(parts[1][:3]) or int(parts[1])
        year = int(parts[2])
        return date(year + 2000 if year < 100 else year, month, int(parts[0]))
    except ValueError:
        raise Unclear from None


def _take(
    sheet: Sheet, seen: dict[str, set[Any]], row: int, cells: dict[str, Any], today: date
) -> None:
    line = _Line(row, cells)
    name, kind = line.text("name", 120), KINDS.get(line.text("kind", 60).lower(), "")
    number, as_of = line.read("number", _number), line.read("as_of", day)
    balance = line.read("balance", rupiah, needed=True)
    line.fault_if(not name, "name", "empty")
    line.fault_if(not kind, "kind", "kind")
    line.fault_if(balance is not None and balance < 0, "balance", "negative")
    line.fault_if(balance is not None and balance > MOST_RUPIAH, "balance", "too-large")
    line.fault_if(as_of is not None and as_of > today, "as_of", "later")
    line.fault_if(number is not None and number in seen["number"], "number", "twice")
    line.fault_if(number is None and name.lower() in seen["name"] - {""}, "name", "twice")
    seen["number"].add(number)
    seen["name"].add(name.lower())
    sheet.faults += line.faults
    if balance is not None and not line.faults:
        texts = line.text("phone", 20), line.text("address", 160)
        sheet.rows.append(Row(row, number, name, kind, *texts, balance))


class _Line:
    """One line, read cell by cell; what is wrong with it is noted."""

    def __init__(self, row: int, cells: dict[str, Any]) -> None:
        self._row, self._cells = row, cells
        self.faults: list[Fault] = []

    def text(self, column: str, most: int) -> str:
        return " ".join(str(self._cells.get(column) or "").split())[:most]

    def read(
        self, column: str, how: Callable[[Any], Found], *, needed: bool = False
    ) -> Found | None:
        value = self._cells.get(column)
        if value in (None, "") and not needed:
            return None
        try:
            return how(value)
        except Unclear:
            self.fault_if(True, column, "unclear")
            return None

    def fault_if(self, wrong: bool, column: str, why: str) -> None:
        if wrong:
            value = self._cells.get(column)
            written = "" if value is None else str(value)[:60]
            self.faults.append(Fault(self._row, column, written, why))


def _number(value: Any) -> int:
    """A passbook number: ``12``, ``12.0``, ``MLT-0012``."""
    text = re.sub(r"\.0$", "", str(value).strip())
    found = re.fullmatch(r"(?:[A-Za-z]{1,6}[\s-]*)?([0-9]{1,7})", text)
    if found is None or int(found[1]) == 0:
        raise Unclear
    return int(found[1])


def _heads(line: tuple[Any, ...]) -> dict[str, int]:
    """Which column is which, if this line is the heading."""
    words = [re.sub(r"[^a-z/ ]", "", str(cell or "").lower()).strip() for cell in line]
    found = {name: words.index(w) for name, known in HEADS.items() for w in known if w in words}
    return found if {"name", "balance"} <= found.keys() else {}


def _lines(content: bytes) -> Iterator[tuple[int, tuple[Any, ...]]]:
    if len(content) > MOST_BYTES:
        raise NotASheet("large")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
                raise NotASheet("large")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        rows = list(
            book.worksheets[0].iter_rows(values_only=True, max_row=MOST_ROWS + 1, max_col=30)
        )
    except NotASheet:
        raise
    except Exception as broken:
        raise NotASheet("format") from broken
    if len(rows) > MOST_ROWS:
        raise NotASheet("large")
    return iter(list(enumerate(rows, 1)))
