"""The files of a dataset: CSV, JSON and Parquet, with what is needed to understand them.

A file is made on disk, so that memory stays flat however long it is, and handed out for ``FRESH_SECONDS``.
Its tag is the digest of its content: the same data is the same file.
"""

import csv
import hashlib
import io
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils import translation

from kartini.exchange.catalogue import parquet, table
from kartini.exchange.catalogue.declared import SMALL, Column, Dataset, Kind

FRESH_SECONDS = 60.0
PARQUET_KINDS = {
    Kind.INTEGER: (parquet.Type.INT64, None),
    Kind.DECIMAL: (parquet.Type.INT64, 5),
    Kind.FLAG: (parquet.Type.BOOLEAN, None),
    Kind.DATE: (parquet.Type.INT32, 6),
}
CSVW_KINDS = {
    Kind.INTEGER: "integer",
    Kind.DECIMAL: "decimal",
    Kind.FLAG: "boolean",
    Kind.DATE: "date",
    Kind.MONTH: "gYearMonth",
}


@dataclass(frozen=True)
class Format:
    """A format: its name, its media type, its code in the European list of file types, how it is written."""

    name: str
    media_type: str
    authority: str
    write: Callable[[IO[bytes], Dataset, table.Tally], object]

    def __str__(self) -> str:
        return self.name.upper() if self.name != "parquet" else "Parquet"


@dataclass(frozen=True)
class Made:
    """A file on disk, its digest, and what was withheld in it."""

    path: Path
    digest: str
    rows: int
    withheld: int

    @property
    def bytes(self) -> int:
        return self.path.stat().st_size


def described(offered: Dataset) -> dict[str, Any]:
    """What a reader must know, in Indonesian: the same in every format."""
    with translation.override("id"):
        return {
            "id": offered.slug,
            "judul": str(offered.title),
            "uraian": str(offered.description),
            "penerbit": offered.publisher,
            "sumber": str(offered.source),
            "frekuensi": str(offered.frequency_title),
            "tanggal_terbit": offered.issued_on.isoformat(),
            "lisensi": licence(offered),
            "catatan": str(offered.note),
            "sel_kecil": small_cells(offered),
            "kolom": [_column(column) for column in offered.columns],
        }


def small_cells(offered: Dataset) -> str:
    if not offered.persons:
        return ""
    return f"nilai dikosongkan bila menyangkut kurang dari {SMALL} orang"


def licence(offered: Dataset) -> str:
    return offered.licence or str(settings.DATA_LICENCE)


def _column(column: Column) -> dict[str, str]:
    said = {
        "nama": column.name,
        "judul": str(column.title),
        "jenis": str(column.kind),
        "satuan": str(column.unit),
        "definisi": str(column.definition),
        "daftar_kode": column.codes,
    }
    return {key: value for key, value in said.items() if value}


def csv_metadata(offered: Dataset, address: str) -> dict[str, Any]:
    """CSV on the Web: what the columns of the CSV file mean, for machines (W3C, 2015)."""
    with translation.override("id"):
        return {
            "@context": ["http://www.w3.org/ns/csvw", {"@language": "id"}],
            "url": address,
            "dc:title": str(offered.title),
            "dc:description": str(offered.description),
            "dc:source": str(offered.source),
            "dc:issued": offered.issued_on.isoformat(),
            "dc:license": {"@id": licence(offered)},
            "tableSchema": {
                "columns": [
                    {
                        "name": column.name,
                        "titles": column.name,
                        "datatype": CSVW_KINDS.get(column.kind, "string"),
                        "dc:title": str(column.title),
                        "dc:description": " ".join(
                            filter(None, (str(column.definition), str(column.unit)))
                        ),
                    }
                    for column in offered.columns
                ]
            },
        }


def _write_csv(out: IO[bytes], offered: Dataset, tally: table.Tally) -> None:
    text = io.TextIOWrapper(out, "utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.name for column in offered.columns])
    writer.writerows([_shown(value) for value in row] for row in table.rows(offered, tally))
    text.detach()


def _shown(value: Any) -> Any:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else value


def _write_json(out: IO[bytes], offered: Dataset, tally: table.Tally) -> None:
    names = [column.name for column in offered.columns]
    head = json.dumps(described(offered), ensure_ascii=False, indent=1).removesuffix("\n}")
    out.write(f'{head},\n "data": ['.encode())
    comma = ""
    for row in table.rows(offered, tally):
        line = json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=_plain)
        out.write(f"{comma}\n  {line}".encode())
        comma = ","
    out.write(b"\n ]\n}\n")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value))


def _write_parquet(out: IO[bytes], offered: Dataset, tally: table.Tally) -> None:
    fields = [
        parquet.Field(c.name, *PARQUET_KINDS.get(c.kind, (parquet.Type.BYTE_ARRAY, 0)))
        for c in offered.columns
    ]
    notes = {"kartini": json.dumps(described(offered), ensure_ascii=False)}
    parquet.write(out, fields, table.rows(offered, tally), notes)


FORMATS = {
    one.name: one
    for one in (
        Format("csv", "text/csv", "CSV", _write_csv),
        Format("json", "application/json", "JSON", _write_json),
        Format("parquet", "application/vnd.apache.parquet", "PARQUET", _write_parquet),
    )
}
_made: dict[tuple[str, str], tuple[float, Made]] = {}


def made(offered: Dataset, form: Format) -> Made:
    """The file, made anew when the last one of this process is no longer fresh."""
    known = _made.get((offered.slug, form.name))
    if known and known[0] > time.monotonic() and known[1].path.is_file():
        return known[1]
    fresh = make(offered, form)
    _made[offered.slug, form.name] = (time.monotonic() + FRESH_SECONDS, fresh)
    return fresh


def forget() -> None:
    """Make every file anew next time."""
    _made.clear()


def make(offered: Dataset, form: Format) -> Made:
    """Write the file under a name that its content gives: nobody reads half a file, or two halves."""
    folder = settings.DATA_DIR / "catalogue"
    folder.mkdir(parents=True, exist_ok=True)
    tally = table.Tally()
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as out:
        try:
            with translation.override("id"):
                form.write(out, offered, tally)
            out.flush()
        except BaseException:
            Path(out.name).unlink(missing_ok=True)
            raise
    digest = _digest(Path(out.name))
    target = Path(out.name).replace(folder / f"{offered.slug}-{digest[:16]}.{form.name}")
    _clear_away(folder, target, form)
    return Made(target, digest, tally.rows, tally.withheld)


def _clear_away(folder: Path, newest: Path, form: Format) -> None:
    """Older editions go, when nobody can be reading them any more."""
    long_ago = time.time() - 10 * FRESH_SECONDS
    stem = newest.stem.rpartition("-")[0]
    for old in folder.glob(f"{stem}-{'?' * 16}.{form.name}"):
        with suppress(FileNotFoundError):
            if old != newest and old.stat().st_mtime < long_ago:
                old.unlink()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def chunks(path: Path, size: int = 65_536) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(size):
            yield part
