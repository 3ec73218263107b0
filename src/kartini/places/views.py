"""Pages about places: for people, for spreadsheets, for maps."""

import csv

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from kartini.places import boundaries, drawing, names, svg
from kartini.places.models import VILLAGE_LEVELS, Place

MOST_FOUND = 50


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All kecamatan on one page; with ``?cari=`` the villages whose name or code fits."""
    words = request.GET.get("cari", "").replace("\0", "").strip()[:60]
    rows = _kecamatan().annotate(villages=Count("children")).order_by("name")
    return render(
        request,
        "places/index.html",
        {
            "kecamatan": rows,
            "words": words,
            "found": names.find(words, most=MOST_FOUND) if words else None,
            "most": MOST_FOUND,
            "villages": len(names.villages()),
            "one_source": Place.objects.filter(bps_sources=Place.Sources.ONE).count(),
            "map": svg.map_svg(
                {k.code: k.villages for k in rows},
                title=_("Map of the regency"),
                unit=_("Villages in the kecamatan"),
                link=lambda code: reverse("places:kecamatan", args=[code]),
                breaks=(1, 6, 10, 14, 18),
            ),
        },
    )


@require_safe
def kecamatan(request: HttpRequest, code: str) -> HttpResponse:
    place = get_object_or_404(_kecamatan(), code=code)
    return render(
        request,
        "places/kecamatan.html",
        {
            "place": place,
            "villages": place.children.order_by("code"),
            "map": svg.map_svg(
                {code: 5},
                title=_("Where the kecamatan lies"),
                unit=place.name,
                legend=False,
            ),
        },
    )


@require_safe
def village(_request: HttpRequest, code: str) -> HttpResponse:
    """A village stands on the page of its kecamatan."""
    place = get_object_or_404(Place, code=code, level__in=VILLAGE_LEVELS)
    return redirect(f"{reverse('places:kecamatan', args=[place.parent_id])}#{code}")


@require_safe
def download(_request: HttpRequest) -> HttpResponse:
    """Every place with both codes, as CSV."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="wilayah.csv"'
    head = "kode nama tingkat kode_induk kode_bps kode_bps_sumber kode_pos luas_km2 lat lng"
    out = csv.writer(response)
    out.writerow(head.split())
    columns = "code name level parent_id bps_code bps_sources postcode area_km2 lat lng"
    out.writerows(Place.objects.order_by("code").values_list(*columns.split()))
    return response


def _version(_request: HttpRequest) -> str:
    newest = boundaries.newest()
    return f'"{newest.pk}-{newest.digest[:16]}"' if newest else f'"s-{Place.objects.count()}"'


@condition(etag_func=_version)
@require_safe
def shapes(_request: HttpRequest) -> HttpResponse:
    """The villages as GeoJSON for a map in the browser. ``status`` says what kind of lines these are."""
    newest = boundaries.newest()
    polygons = drawing.imported_polygons(newest) if newest else drawing.schematic_polygons()
    features = [
        {
            "type": "Feature",
            "id": code,
            "properties": {"kode": code, "nama": names.name(code), "label": names.label(code)},
            "geometry": {"type": "MultiPolygon", "coordinates": shape},
        }
        for code, shape in sorted(polygons.items())
    ]
    status = {"status": "indikatif", "sumber": newest.source} if newest else {"status": "skematis"}
    answer = JsonResponse({"type": "FeatureCollection", **status, "features": features})
    answer["Content-Type"] = "application/geo+json"
    answer["Cache-Control"] = "no-cache"
    return answer


def _kecamatan() -> QuerySet[Place]:
    return Place.objects.filter(level=Place.Level.KECAMATAN)
