"""Load the places of a regency from a CSV file. Jepara's lies beside this module."""

import csv
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from django.db import transaction

from kartini.places import names
from kartini.places.models import Place

SHIPPED = Path(__file__).parent / "data" / "places.csv"
COLUMNS = [
    "code",
    "name",
    "level",
    "parent",
    "postcode",
    "area_km2",
    "lat",
    "lng",
    "bps_code",
    "bps_sources",
]
DEPTH = {"kabupaten": 1, "kecamatan": 2, "desa": 3, "kelurahan": 3}


class PlacesRefused(Exception):
    """The file holds lines that are no places. ``faults`` are (line number, what is wrong)."""

    def __init__(self, faults: list[tuple[int, str]]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


def read(path: Path = SHIPPED) -> list[Place]:
    """Read and check every line; nothing is written."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    known = {row.get("code") for row in rows}
    faults = [(n, wrong) for n, row in enumerate(rows, 2) if (wrong := fault(row, known))]
    if not rows:
        faults = [(1, "no places in the file")]
    if faults:
        raise PlacesRefused(faults)
    return [place(row) for row in rows]


@transaction.atomic
def load(*, places: Iterable[Place]) -> int:
    """Write the places; those that exist are brought up to date. Nothing is deleted."""
    ordered = sorted(places, key=lambda place: place.code)
    fields = [name for name in COLUMNS if name != "code"]
    Place.objects.bulk_create(
        ordered, update_conflicts=True, unique_fields=["code"], update_fields=fields
    )
    names.forget()
    return len(ordered)


def fault(row: Mapping[str, str], known: Collection[str | None]) -> str:
    """What is wrong with a line; nothing, as a rule."""
    missing = [name for name in COLUMNS if row.get(name) is None]
    if missing:
        return f"columns missing: {', '.join(missing)}"
    depth = DEPTH.get(row["level"])
    if depth is None or row["code"].count(".") != depth:
        return f"{row['code']}: code and level {row['level']!r} disagree"
    if depth > 1 and (row["parent"] not in known or not row["code"].startswith(row["parent"])):
        return f"{row['code']}: parent {row['parent']!r} is not in the file"
    try:
        numbers = [float(row[name]) for name in ("area_km2", "lat", "lng")]
    except ValueError:
        return f"{row['code']}: area, lat or lng is not a number"
    if numbers[0] <= 0 or abs(numbers[1]) > 90 or abs(numbers[2]) > 180:
        return f"{row['code']}: area, lat or lng is out of range"
    return ""


def place(row: Mapping[str, str]) -> Place:
    return Place(
        code=row["code"],
        name=row["name"],
        level=row["level"],
        parent_id=row["parent"] or None,
        postcode=row["postcode"],
        area_km2=float(row["area_km2"]),
        lat=float(row["lat"]),
        lng=float(row["lng"]),
        bps_code=row["bps_code"],
        bps_sources=row["bps_sources"],
    )
