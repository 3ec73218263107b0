"""The sheet that a map is drawn on: village shapes as SVG paths, computed once per set of boundaries."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kartini.places import geometry
from kartini.places.models import Boundary, BoundarySet, Place

SCHEMATIC = Path(__file__).parent / "data" / "schematic.geojson"
WIDTH, PAD = 777, 20
INSET = (8, 8, 212, 124)
INSET_LABEL = 34
AWAY_DEGREES = 0.15

Box = tuple[float, float, float, float]
Polygons = list[list[list[list[float]]]]


@dataclass(frozen=True)
class Shape:
    """One village: its code and the ``d`` of its path."""

    code: str
    d: str


@dataclass(frozen=True)
class Group:
    """One kecamatan: its villages, the line around them, where its name stands."""

    code: str
    name: str
    villages: tuple[Shape, ...]
    d: str
    label_at: tuple[float, float]


@dataclass(frozen=True)
class Projection:
    """Equirectangular around the middle latitude: good enough for a regency, and quick."""

    west: float
    north: float
    scale: float
    squeeze: float
    left: float
    top: float

    def __call__(self, x: float, y: float) -> tuple[float, float]:
        return (
            self.left + (x - self.west) * self.squeeze * self.scale,
            self.top + (self.north - y) * self.scale,
        )


@dataclass(frozen=True)
class Sheet:
    """A drawn regency. ``source`` is empty for the schematic map; ``away`` are the kecamatan of the inset."""

    width: int
    height: int
    groups: tuple[Group, ...]
    inset: bool
    source: str
    land: Projection | None = None
    sea: Projection | None = None
    away: frozenset[str] = frozenset()

    def at(self, village_code: str, lat: float, lng: float) -> tuple[int, int] | None:
        """Where a point of a village lies on this sheet; nothing where nothing is drawn."""
        to = self.sea if village_code[:8] in self.away else self.land
        if to is None:
            return None
        x, y = to(lng, lat)
        return round(min(max(x, 0), self.width)), round(min(max(y, 0), self.height))


def sheet() -> Sheet:
    """The newest imported boundaries, or the schematic map that Kartini ships."""
    newest = BoundarySet.objects.order_by("-pk").first()
    if newest is None:
        return _schematic(Place.objects.count())
    return _imported(newest.pk, newest.digest)


def schematic_polygons() -> dict[str, Polygons]:
    document = json.loads(SCHEMATIC.read_text(encoding="utf-8"))
    return {f["properties"]["kode"]: _multi(f["geometry"]) for f in document["features"]}


def imported_polygons(boundary_set: BoundarySet) -> dict[str, Polygons]:
    rows = Boundary.objects.filter(boundary_set=boundary_set).order_by("place_id")
    return dict(rows.values_list("place_id", "polygons"))


@lru_cache(maxsize=2)
def _schematic(_places: int) -> Sheet:
    return draw(schematic_polygons(), source="", grid=10)


@lru_cache(maxsize=2)
def _imported(pk: int, _digest: str) -> Sheet:
    found = BoundarySet.objects.get(pk=pk)
    return draw(imported_polygons(found), source=found.source, grid=2)


def draw(polygons: Mapping[str, Polygons], *, source: str, grid: int) -> Sheet:
    """Draw villages grouped by kecamatan. ``grid`` is how many steps a unit of the drawing has."""
    kecamatan = list(Place.objects.filter(level=Place.Level.KECAMATAN).order_by("code"))
    members = {
        k.code: {c: p for c, p in polygons.items() if c.startswith(k.code + ".")} for k in kecamatan
    }
    kecamatan = [k for k in kecamatan if members[k.code]]
    if not kecamatan:
        return Sheet(WIDTH, WIDTH, (), inset=False, source=source)
    boxes = {k.code: geometry.bounds(_positions(members[k.code].values())) for k in kecamatan}
    away = _far_off(boxes)
    land = _project(_union(b for c, b in boxes.items() if c not in away), WIDTH - 2 * PAD)
    sea = _inset(_union(boxes[c] for c in away)) if away else land
    groups = tuple(
        _group(k, members[k.code], sea if k.code in away else land, grid, k.code in away)
        for k in kecamatan
    )
    south = min((b[1] for c, b in boxes.items() if c not in away), default=0.0)
    height = math.ceil(land(0, south)[1] + PAD)
    return Sheet(WIDTH, height, groups, bool(away), source, land, sea, frozenset(away))


def _multi(shape: Mapping[str, object]) -> Polygons:
    coordinates = shape["coordinates"]
    return coordinates if shape["type"] == "MultiPolygon" else [coordinates]  # type: ignore[return-value,list-item]


def _positions(many: Iterable[Polygons]) -> list[tuple[float, float]]:
    return [(p[0], p[1]) for polygons in many for poly in polygons for ring in poly for p in ring]


def _union(boxes: Iterable[Box]) -> Box:
    wests, souths, easts, norths = zip(*boxes, strict=True)
    return min(wests), min(souths), max(easts), max(norths)


def _far_off(boxes: Mapping[str, Box]) -> set[str]:
    """Kecamatan out at sea: nothing else of the regency lies near their box."""
    return {
        code
        for code, box in boxes.items()
        if len(boxes) > 1
        and all(_gap(box, other) > AWAY_DEGREES for c, other in boxes.items() if c != code)
    }


def _gap(one: Box, other: Box) -> float:
    across = max(one[0] - other[2], other[0] - one[2], 0)
    along = max(one[1] - other[3], other[1] - one[3], 0)
    return math.hypot(across, along)


def _project(box: Box, width: float) -> Projection:
    west, south, east, north = box
    squeeze = math.cos(math.radians((south + north) / 2))
    return Projection(west, north, width / ((east - west) * squeeze), squeeze, PAD, PAD)


def _inset(box: Box) -> Projection:
    west, south, east, north = box
    left, top, width, height = INSET
    squeeze = math.cos(math.radians((south + north) / 2))
    across, along = (east - west) * squeeze, north - south
    room = (width - 2 * 8, height - INSET_LABEL - 8)
    scale = min(room[0] / across, room[1] / along)
    slack = (room[0] - across * scale) / 2
    return Projection(west, north, scale, squeeze, left + 8 + slack, top + INSET_LABEL)


def _group(
    kecamatan: Place, members: Mapping[str, Polygons], to: Projection, grid: int, away: bool
) -> Group:
    rings = {code: _rings(polygons, to, grid) for code, polygons in sorted(members.items())}
    around = geometry.outline(ring for many in rings.values() for ring in many)
    at = to(kecamatan.lng, kecamatan.lat)
    if away:
        at = (INSET[0] + INSET[2] / 2, INSET[1] + 27)
    return Group(
        code=kecamatan.code,
        name=kecamatan.name,
        villages=tuple(Shape(code, geometry.path(many, grid)) for code, many in rings.items()),
        d=geometry.path(around, grid),
        label_at=(round(at[0]), round(at[1] + (0 if away else 5))),
    )


def _rings(polygons: Polygons, to: Projection, grid: int) -> list[list[geometry.Point]]:
    rings = []
    for polygon in polygons:
        for ring in polygon:
            drawn = (to(p[0], p[1]) for p in ring)
            rings.append(geometry.snapped((round(x * grid), round(y * grid)) for x, y in drawn))
    return rings
