"""Villages are renamed, merged, split and founded by regulation: from a file, checked, on one day."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from kartini.contracts.reference import CodeChanged
from kartini.exchange.catalogue import codes
from kartini.places import load, names
from kartini.places.models import Place

COLUMNS = ("kode", "nama", "status", "diganti_oleh")
STATUS = ("berlaku", "berakhir")


@dataclass(frozen=True)
class Line:
    """One line of the file: a code that holds from the day (by this name), or ends on it."""

    code: str
    name: str
    ends: bool
    followers: tuple[str, ...]
    more: Mapping[str, str]


def read(raw: bytes) -> list[Line]:
    """Columns ``kode, nama, status`` (``berlaku`` or ``berakhir``) and ``diganti_oleh``; for a new place also
    those of the list of places. Raises ``load.PlacesRefused`` with every faulty line; nothing is written."""
    try:
        rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), restval=""))
    except UnicodeDecodeError:
        raise load.PlacesRefused([(1, "not UTF-8")]) from None
    faults = [(n, fault) for n, row in enumerate(rows, 2) if (fault := _fault(row))]
    if not rows:
        faults = [(1, "no lines in the file")]
    if faults:
        raise load.PlacesRefused(faults)
    return [_line(row) for row in rows]


def _fault(row: Mapping[Any, Any]) -> str:
    if missing := [name for name in COLUMNS if name not in row]:
        return f"columns missing: {', '.join(missing)}"
    if row["status"] not in STATUS:
        return f"{row['kode']}: status {row['status']!r} is neither berlaku nor berakhir"
    if row["status"] == "berlaku" and not row["nama"].strip():
        return f"{row['kode']}: has no name"
    return ""


def _line(row: Mapping[str, str]) -> Line:
    more = {key: value for key, value in row.items() if key not in COLUMNS}
    ends = row["status"] == "berakhir"
    return Line(
        row["kode"].strip(), row["nama"].strip(), ends, tuple(row["diganti_oleh"].split()), more
    )


@transaction.atomic
def take(*, lines: Sequence[Line], on: date, regulation: str, at: datetime) -> list[CodeChanged]:
    """Change the places and state what changed. Raises ``load.PlacesRefused`` or ``codes.CodesRefused``."""
    known = {place.code: place for place in Place.objects.select_for_update()}
    faults = [(n, fault) for n, line in enumerate(lines, 2) if (fault := _unfit(line, known))]
    if faults:
        raise load.PlacesRefused(faults)
    of = codes.code_lists["wilayah"]
    codes.synchronise(of, at=at)
    for line in lines:
        _write(line, known, on)
    names.forget()
    ended = {line.code: line.followers for line in lines if line.ends}
    return codes.synchronise(of, at=at, on=on, regulation=regulation, ended=ended)


def _unfit(line: Line, known: Mapping[str, Place]) -> str:
    place = known.get(line.code)
    if line.ends and (place is None or place.ended_on):
        return f"{line.code}: no such place to end"
    if not line.ends and place is not None and place.ended_on:
        return f"{line.code}: this code ended on {place.ended_on}; codes are not given again"
    if not line.ends and place is None:
        return load.fault({**line.more, "code": line.code, "name": line.name}, {*known})
    return ""


def _write(line: Line, known: Mapping[str, Place], on: date) -> None:
    if line.ends:
        Place.objects.filter(pk=line.code).update(ended_on=on)
    elif line.code in known:
        Place.objects.filter(pk=line.code).update(name=line.name)
    else:
        load.place({**line.more, "code": line.code, "name": line.name}).save(force_insert=True)
