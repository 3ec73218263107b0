"""The portal's own pages."""

import csv

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from kartini.kit import doors
from kartini.kit import gallery as samples
from kartini.site import portal


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """A stranger's home page bears nothing of his own, so it may stand ready for a few seconds."""
    if _is_stranger(request) and not request.GET:
        cookies = tuple(request.COOKIES.get(name, "") for name in ("tema", "teks", "kontras"))
        key = ("home", get_language(), *cookies)
        page = portal.shelf.take(key, lambda: _home_page(request))
    else:
        page = _home_page(request)
    return HttpResponse(page, headers={"Vary": "Cookie"})


def _is_stranger(request: HttpRequest) -> bool:
    return not {settings.SESSION_COOKIE_NAME, "messages"} & request.COOKIES.keys()


def _home_page(request: HttpRequest) -> bytes:
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
    return render_to_string("site/home.html", words, request).encode()


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
        "catalogue_url": portal.address("exchange:catalogue"),
        "grants_url": portal.address("console:public"),
        "own_data_url": next((e["url"] for e in doors.entries(request.user, "citizen")), ""),
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
