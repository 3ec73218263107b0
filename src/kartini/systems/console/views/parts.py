"""What several pages need."""

import csv
from collections.abc import Iterable
from typing import Any

from django.core.cache import cache
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kartini.exchange.models import Subsystem
from kartini.people import words

A_PAGE = 25
MOST_LINES = 20_000
MOST_PRINTED = 1_000
FRESH_SECONDS = 10


def paged(request: HttpRequest, found: Any, size: int = A_PAGE) -> Page[Any]:
    """A page of the list; ``?cetak`` puts all of it on one, for printing."""
    if "cetak" in request.GET:
        return Paginator(found, MOST_PRINTED).get_page(1)
    return Paginator(found, size).get_page(request.GET.get("halaman"))


def named(fields: Iterable[str]) -> list[tuple[Any, str]]:
    """Fields by their human names, with their codes."""
    return [(words.of_field(field.strip()), field.strip()) for field in fields]


def system_title(client: str) -> str:
    """Of ``JPR/GOV/dpmptsp/joss`` or ``joss``; the code itself where the system is gone. All are read at once."""
    called: dict[str, str] | None = cache.get("console-system-titles")
    if called is None:
        called = dict(Subsystem.objects.values_list("code", "title"))
        cache.set("console-system-titles", called, FRESH_SECONDS)
    code = client.rpartition("/")[2]
    return called.get(code) or str(words.of_subsystem(client))


def query_without(request: HttpRequest, *names: str) -> str:
    """The page's own query, without these."""
    kept = request.GET.copy()
    for name in names:
        kept.pop(name, None)
    return kept.urlencode()


def sheet(name: str, head: Iterable[Any], rows: Iterable[Iterable[Any]]) -> HttpResponse:
    """A CSV file for a spreadsheet; nothing in it runs."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.write("\ufeff")
    out = csv.writer(response)
    out.writerow([str(cell) for cell in head])
    out.writerows([_harmless(str(cell)) for cell in row] for row in rows)
    return response


def _harmless(cell: str) -> str:
    """A spreadsheet runs what begins like a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def form_page(request: HttpRequest, form: Any, **words: Any) -> HttpResponse:
    """A page of one form: ``title``, ``lead``, ``back``, ``button`` and, where it hurts, ``tone="bad"``."""
    return render(request, "console/form.html", {"form": form, **words})


def pdf(name: str, content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return response
