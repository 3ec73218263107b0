"""Draw the schematic map from the village points: a build step, run once for a regency.

Each village is the cell of a Voronoi diagram, cut to discs around the points whose size follows the
village's area. The result has the shape of the regency without being its boundaries.
"""

import json
import math
from importlib import import_module
from pathlib import Path
from typing import Any

from kartini.places.drawing import SCHEMATIC
from kartini.places.models import VILLAGE_LEVELS, Place

KM_PER_DEGREE = 111.32


def write(out: Path | None) -> int:
    """Write GeoJSON to ``out`` (the shipped file) and say how many villages it holds."""
    villages = list(Place.objects.filter(level__in=VILLAGE_LEVELS).order_by("code"))
    features = [
        {
            "type": "Feature",
            "id": village.code,
            "properties": {"kode": village.code, "nama": village.name},
            "geometry": geometry,
        }
        for village, geometry in zip(villages, _cells(villages), strict=True)
    ]
    document = {"type": "FeatureCollection", "name": "skematis", "features": features}
    (out or SCHEMATIC).write_text(json.dumps(document, separators=(",", ":")), encoding="utf-8")
    return len(features)


def _cells(villages: list[Place]) -> list[dict[str, Any]]:
    shapely = _shapely()
    squeeze = math.cos(math.radians(sum(v.lat for v in villages) / len(villages)))
    across = KM_PER_DEGREE * squeeze
    points = [shapely.Point(v.lng * across, v.lat * KM_PER_DEGREE) for v in villages]
    discs = [
        point.buffer(1.25 * math.sqrt(village.area_km2 / math.pi) + 0.25)
        for point, village in zip(points, villages, strict=True)
    ]
    land = _filled(shapely.union_all(discs).buffer(0.8).buffer(-0.8)).simplify(0.02)
    diagram = shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=land, ordered=True)
    cells = (cell.intersection(land) for cell in diagram.geoms)
    return [_degrees(cell, across) for cell in cells]


def _shapely() -> Any:
    """Only this build step needs it, so it is no dependency of the house."""
    return import_module("shapely")


def _filled(land: Any) -> Any:
    shapely = _shapely()
    parts = getattr(land, "geoms", [land])
    return shapely.union_all([shapely.Polygon(part.exterior) for part in parts])


def _degrees(cell: Any, across: float) -> dict[str, Any]:
    shapely = _shapely()
    turned = shapely.transform(cell, lambda xy: xy / [across, KM_PER_DEGREE])
    shape: dict[str, Any] = json.loads(shapely.to_geojson(shapely.set_precision(turned, 0.00001)))
    return shape
