"""The portal's own pages."""

import csv

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from kartini.kit import doors
from kartini.kit import gallery as samples
from kartini.kit.remembered import remembered
from kartini.site import portal


@require_safe
@remembered
def home(request: HttpRequest) -> HttpResponse:
    """The portal's front page; what it gathers from the house stands ready for a few seconds."""
    now = timezone.localtime()
    everything = portal.shelf.take(
        ("services", get_language()), lambda: portal.find("", AnonymousUser())
    )
    words = {
        "moments": doors.MOMENTS,
        "services": [one for one in everything if one.moment][:4],
        "track_url": portal.address("joss:track"),
        "news": portal.shelf.take(("news", get_language()), portal.news),
        "news_url": portal.address("pengumuman:index"),
        "figures": portal.shelf.take(("figures", get_language()), lambda: portal.figures(now)),
        "now": now,
    }
    response = render(request, "site/home.html", words)
    patch_vary_headers(response, ["Cookie"])
    return response


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").replace("\x00", "").strip()[: portal.LONGEST_QUESTION]
    moment = next((m for m in doors.MOMENTS if m.code == request.GET.get("momen")), None)
    found = portal.find(words, request.user, moment.code if moment else "")
    number = portal.tracking_number(words)
    context = {
        "words": words,
        "moment": moment,
        "count": len(found),
        "kinds": portal.by_kind(found),
        "number": number,
        "track_url": portal.address("joss:track") if number else "",
    }
    return render(request, "site/search.html", context)


@require_safe
def figures_csv(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="jepara-dalam-angka.csv"'
    writer = csv.writer(response)
    writer.writerow(["label", "value", "unit", "source", "definition", "at"])
    for one in portal.figures(timezone.now()):
        row = [one.label, one.value, one.unit, one.source, one.definition, one.at.isoformat()]
        writer.writerow([str(cell) for cell in row])
    return response


@require_safe
def words_page(request: HttpRequest, page: str) -> HttpResponse:
    """A page of words only: help, accessibility, privacy, open data."""
    context = {
        "catalogue_url": portal.address("catalogue:index"),
        "grants_url": portal.address("console:public"),
        "own_data_url": portal.address("my_trail"),
        "has_figures": bool(doors.figure_sources),
    }
    return render(request, f"site/{page}.html", context)


@require_safe
def gallery(request: HttpRequest, frame: str = "gallery") -> HttpResponse:
    return render(request, f"kit/{frame}.html", samples.words())


@require_safe
def gallery_pulse(request: HttpRequest) -> HttpResponse:
    """The fragment that the gallery's live part fetches."""
    return render(request, "kit/_pulse.html", {"at": timezone.now()})


@require_safe
def favicon(request: HttpRequest) -> HttpResponseBase:
    return redirect(static("kit/favicon.svg"), permanent=True)
