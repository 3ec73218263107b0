"""Reference lists: a page each, and files."""

from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kartini.exchange.catalogue import code_files, publishers, rdf
from kartini.exchange.catalogue.codes import CodeList, code_lists
from kartini.exchange.catalogue.open import answer
from kartini.exchange.models import Code, CodeSet

PER_PAGE = 25


class NoDay(Exception):
    """``pada`` is no date."""


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    counted = Code.objects.on(timezone.localdate()).values_list("code_list").annotate(n=Count("pk"))
    counts, names = dict(counted.order_by()), publishers.known()
    rows = [
        {
            "list": one,
            "steward": publishers.of(one.steward, names),
            "count": counts.get(one.slug, 0),
        }
        for one in sorted(code_lists.values(), key=lambda one: str(one.title))
    ]
    return render(request, "exchange/code_lists.html", {"lists": rows})


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """The list as it stands on a day (``?pada=2026-01-01``), today without one."""
    of = _found(slug)
    try:
        day, wrong = _day(request) or timezone.localdate(), ""
    except NoDay:
        day, wrong = timezone.localdate(), request.GET["pada"]
    words = request.GET.get("cari", "").replace("\0", "").strip()[:60]
    versions = Code.objects.filter(code_list=slug).on(day).order_by("code")
    if words:
        versions = versions.filter(Q(title__icontains=words) | Q(code__startswith=words))
    listed = Paginator(versions, PER_PAGE).get_page(request.GET.get("halaman"))
    context = {
        "rows": [
            (code, [(title, _in_words(of, code.facts.get(n, ""))) for n, title in of.facts.items()])
            for code in listed
        ],
        "list": of,
        "steward": publishers.of(of.steward, publishers.known()),
        "day": day,
        "wrong": wrong,
        "words": words,
        "page": listed,
        "changed": _versions(slug).exclude(valid_from=None).order_by("-valid_from", "code")[:20],
        "ended": _versions(slug).exclude(valid_until=None).order_by("-valid_until", "code")[:20],
    }
    return render(request, "exchange/codes.html", context)


@require_safe
def file(request: HttpRequest, slug: str, form: str) -> HttpResponseBase:
    """All versions, or with ``?pada=`` those in force on that day."""
    of = _found(slug)
    try:
        day = _day(request)
    except NoDay:
        return HttpResponseBadRequest("pada: YYYY-MM-DD", content_type="text/plain; charset=utf-8")
    versions = _versions(slug).order_by("code", "pk")
    if day:
        versions = versions.on(day)
    if form == "csv":
        return answer(request, code_files.as_csv(of, versions), "text/csv; charset=utf-8")
    if form == "json":
        return answer(request, code_files.as_json(of, versions, day), "application/json")
    return answer(request, *rdf.serialised(code_files.as_skos(of, versions), form))


def _versions(slug: str) -> CodeSet:
    return Code.objects.filter(code_list=slug)


def _found(slug: str) -> CodeList:
    if slug not in code_lists:
        raise Http404(slug)
    return code_lists[slug]


def _in_words(of: CodeList, said: str) -> Any:
    return of.words.get(said, said)


def _day(request: HttpRequest) -> date | None:
    said = request.GET.get("pada", "").strip()
    if not said:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise NoDay from None
