"""Boundaries that somebody brings: checked whole, taken whole, taken back whole."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from kartini.places import geometry, names
from kartini.places.models import Boundary, BoundarySet, Place

MOST_BYTES = 50 * 1024 * 1024
CODE_NAMES = ("kode", "code", "kode_desa", "kd_desa", "kode_kemendagri", "kemendagri", "KDEPUM")
FAR_DEGREES = 1.5

Polygons = list[list[list[list[float]]]]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with the file: a ``kind``, the code (or feature) it is about, and details."""

    kind: str
    about: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.about}{' – ' if self.detail else ''}{self.detail}"


class BoundariesRefused(Exception):
    """The file was not taken, not even in part. ``faults`` names everything that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


class NoBoundaries(Exception):
    """There is no import that could be taken back."""


def read(raw: bytes, *, code_property: str = "") -> dict[str, Polygons]:
    """The polygons of every village by code, from GeoJSON. Raises ``BoundariesRefused`` with all faults."""
    features = _features(raw)
    places = {v.code for v in names.villages()}
    frame = _frame()
    found: dict[str, Polygons] = {}
    faults: list[Fault] = []
    codes: Counter[str] = Counter()
    for number, feature in enumerate(features, 1):
        code = _code(feature, code_property)
        codes[code] += 1
        if not code:
            faults.append(Fault("no code", f"feature {number}"))
        elif code not in places:
            faults.append(Fault("unknown code", code))
        else:
            found[code] = _polygons(feature, code, frame, faults)
    faults += [Fault("duplicate code", c, f"{n} times") for c, n in codes.items() if c and n > 1]
    faults += [Fault("missing code", c, names.label(c)) for c in sorted(places - found.keys())]
    if faults:
        raise BoundariesRefused(faults)
    return found


def far_from_their_point(found: Mapping[str, Polygons]) -> list[str]:
    """Villages whose known point lies more than 5 km outside the box around their boundary: codes may be mixed up."""
    points = Place.objects.in_bulk(list(found))
    return [code for code, polygons in sorted(found.items()) if _is_far(points[code], polygons)]


@transaction.atomic
def take(*, found: Mapping[str, Polygons], source: str, raw: bytes, at: datetime) -> BoundarySet:
    """Draw these boundaries from now on. The same file twice is one import."""
    digest = sha256(raw).hexdigest()
    current = newest()
    if current and current.digest == digest:
        return current
    taken = BoundarySet.objects.create(source=source[:300], digest=digest, imported_at=at)
    Boundary.objects.bulk_create(
        Boundary(boundary_set=taken, place_id=code, polygons=polygons)
        for code, polygons in found.items()
    )
    return taken


@transaction.atomic
def undo(*, everything: bool = False) -> int:
    """Take back the newest import (or all). The one before it, or the schematic map, is drawn again."""
    current = newest()
    if current is None:
        raise NoBoundaries
    sets = BoundarySet.objects.all() if everything else BoundarySet.objects.filter(pk=current.pk)
    count = sets.count()
    sets.delete()
    return count


def newest() -> BoundarySet | None:
    return BoundarySet.objects.order_by("-pk").first()


def _features(raw: bytes) -> list[Any]:
    if len(raw) > MOST_BYTES:
        raise BoundariesRefused([Fault("too large", f"{len(raw)} bytes", f"most {MOST_BYTES}")])
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BoundariesRefused([Fault("unreadable", "file", str(error)[:200])]) from None
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list) or document.get("type") != "FeatureCollection":
        raise BoundariesRefused([Fault("not GeoJSON", "file", "no FeatureCollection")])
    return features


def _code(feature: Any, code_property: str) -> str:
    if not isinstance(feature, dict):
        return ""
    properties = feature.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    wanted = (code_property,) if code_property else CODE_NAMES
    values = [properties.get(name) for name in wanted] + [feature.get("id")]
    value = next((str(v).strip() for v in values if isinstance(v, str | int) and v != ""), "")
    if len(value) == 10 and value.isascii() and value.isdigit():
        return f"{value[:2]}.{value[2:4]}.{value[4:6]}.{value[6:]}"
    return value[:40]


def _frame() -> tuple[float, float, float, float]:
    points = Place.objects.values_list("lng", "lat")
    west, south, east, north = geometry.bounds(points) if points else (-180, -90, 180, 90)
    return west - FAR_DEGREES, south - FAR_DEGREES, east + FAR_DEGREES, north + FAR_DEGREES


def _polygons(
    feature: dict[str, Any],
    code: str,
    frame: tuple[float, float, float, float],
    faults: list[Fault],
) -> Polygons:
    shape = feature.get("geometry")
    shape = shape if isinstance(shape, dict) else {}
    coordinates = shape.get("coordinates")
    polygons: Any = [coordinates] if shape.get("type") == "Polygon" else coordinates
    if shape.get("type") not in ("Polygon", "MultiPolygon") or not polygons:
        faults.append(Fault("invalid geometry", code, "neither Polygon nor MultiPolygon"))
        return []
    try:
        clean = [[[_position(p) for p in ring] for ring in polygon] for polygon in polygons]
    except (TypeError, ValueError, OverflowError):
        faults.append(Fault("invalid geometry", code, "a position is not two numbers"))
        return []
    wrong = [fault for polygon in clean for fault in _ring_faults(polygon, frame)]
    faults += [Fault("invalid geometry", code, fault) for fault in dict.fromkeys(wrong)]
    return [[[[round(x, 6), round(y, 6)] for x, y in ring] for ring in p] for p in clean]


def _position(raw: Any) -> tuple[float, float]:
    if not isinstance(raw, list) or not 2 <= len(raw) <= 4:
        raise ValueError("not a position")
    if any(type(value) not in (int, float) for value in raw):
        raise ValueError("not numbers")
    x, y = float(raw[0]), float(raw[1])
    if not (math.isfinite(x) and math.isfinite(y)):
        raise ValueError("not finite")
    return x, y


def _ring_faults(
    polygon: Iterable[list[tuple[float, float]]], frame: tuple[float, float, float, float]
) -> list[str]:
    west, south, east, north = frame
    faults = [] if polygon else ["an empty polygon"]
    for ring in polygon:
        if len(ring) < 4 or ring[0] != ring[-1]:
            faults.append("a ring is not closed")
        elif any(not (west <= x <= east and south <= y <= north) for x, y in ring):
            faults.append("lies outside the regency (are longitude and latitude swapped?)")
        elif geometry.crosses_itself(ring):
            faults.append("a ring crosses itself")
        elif geometry.signed_area(ring) == 0:
            faults.append("a ring has no area")
    return faults


def _is_far(place: Place, polygons: Polygons) -> bool:
    positions = [(p[0], p[1]) for polygon in polygons for ring in polygon for p in ring]
    west, south, east, north = geometry.bounds(positions)
    slack = 5 / 111
    inside_x = west - slack <= place.lng <= east + slack
    return not (inside_x and south - slack <= place.lat <= north + slack)
