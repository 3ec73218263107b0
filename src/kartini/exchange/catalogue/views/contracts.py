"""Contracts for people and for machines."""

from typing import Any

import orjson
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kartini.contracts import Event, Query
from kartini.exchange import asyncapi as events
from kartini.exchange import openapi as services
from kartini.exchange import published
from kartini.exchange.catalogue import explained, publishers
from kartini.exchange.catalogue.open import answer
from kartini.exchange.catalogue.services import offers

JSON = "application/json"


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All contracts: questions with who answers, events with who states them. ``?cari=`` chooses by any word."""
    sought = request.GET.get("cari", "")[:60]
    context = {
        "queries": _chosen(_queries(), sought.strip().casefold()),
        "events": _chosen(_events(), sought.strip().casefold()),
        "sought": sought,
    }
    return render(request, "exchange/contracts.html", context)


def _queries() -> list[dict[str, Any]]:
    offered, names = offers(), publishers.known()
    return [
        {
            **_said(name, query),
            "by": offered[name].system_title if name in offered else "",
            "member": publishers.of(offered[name].member, names) if name in offered else "",
        }
        for name, query in sorted(published.queries().items())
    ]


def _events() -> list[dict[str, Any]]:
    names, stated = publishers.known(), []
    for name, event in sorted(published.events().items()):
        system = explained.stated_by(name)
        by = system.title if system else ""
        member = publishers.of(system.member, names) if system else ""
        stated.append({**_said(name, event), "by": by, "member": member})
    return stated


def _said(name: str, kind: type[Query[Any]] | type[Event]) -> dict[str, Any]:
    return {
        "name": name,
        "title": explained.title(kind) or name,
        "meaning": explained.meaning(kind)[0],
        "deprecated_on": kind.deprecated_on,
    }


def _chosen(rows: list[dict[str, Any]], sought: str) -> list[dict[str, Any]]:
    said = ("name", "meaning", "by", "member")
    return [row for row in rows if sought in " ".join(str(row[one]) for one in said).casefold()]


@require_safe
def contract(request: HttpRequest, name: str) -> HttpResponse:
    kind = _found(name)
    context: dict[str, Any] = {
        "name": name,
        "contract": kind,
        "is_event": issubclass(kind, Event),
        "not_event": not issubclass(kind, Event),
        "title": (title := explained.title(kind) or name),
        "meaning": explained.marked(kind)[
            explained.meaning(kind)[:1] in ([title], [f"{title}."]) :
        ],
        "fields": [*explained.fields(kind)],
        "askers": explained.askers(name),
        "changes": explained.changes(kind),
        "publishers": publishers.known(),
        "deprecated_on": kind.deprecated_on,
        "ends_on": kind.ends_on,
        "replaced_by": kind.replaced_by,
    }
    context |= _of_event(name, kind) if issubclass(kind, Event) else _of_query(name, kind)
    return render(request, "exchange/contract.html", context)


def _beyond_the_title(kind: type[Query[Any]] | type[Event]) -> list[list[tuple[bool, str]]]:
    """What a contract means, without a first paragraph that the heading says already."""
    said_already = explained.meaning(kind)[:1] == [explained.title(kind)]
    return explained.marked(kind)[1 if said_already else 0 :]


def _of_query(name: str, query: type[Query[Any]]) -> dict[str, Any]:
    found, answered = explained.offer(name), query.answer_type()
    asked, told = explained.question_and_answer(query)
    return {
        "offer": found,
        "member": publishers.of(found.member, publishers.known()) if found else None,
        "answer_meaning": explained.marked(answered),
        "answer_fields": [*explained.fields(answered)],
        "question": asked,
        "answer": told,
        "curl": explained.curl(query, found) if found else "",
    }


def _of_event(name: str, event: type[Event]) -> dict[str, Any]:
    system = explained.stated_by(name)
    return {
        "system": system,
        "member": publishers.of(system.member, publishers.known()) if system else None,
        "listeners": explained.listeners(name),
        "envelope": explained.envelope(event),
        "ordered_by": event.ordered_by,
    }


def _found(name: str) -> type[Query[Any]] | type[Event]:
    kind = explained.contract_named(name)
    if kind is None:
        raise Http404(name)
    return kind


@require_safe
def openapi(request: HttpRequest, name: str) -> HttpResponseBase:
    """The OpenAPI file of one service, as an API publisher takes it."""
    query, found = published.queries().get(name), explained.offer(name)
    if query is None or found is None:
        raise Http404(name)
    said = services.document(query, service=found.name, base_url=settings.EXCHANGE_URL)
    return answer(request, _bytes(said), JSON)


@require_safe
def schema(request: HttpRequest, name: str) -> HttpResponseBase:
    """JSON Schema (2020-12) of an event, or of a question and its answer."""
    kind = _found(name)
    said: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
    }
    if issubclass(kind, Event):
        return answer(request, _bytes(said | kind.model_json_schema()), "application/schema+json")
    said |= services.schemas(kind)
    return answer(request, _bytes(said), "application/schema+json")


@require_safe
def asyncapi(request: HttpRequest) -> HttpResponseBase:
    said = events.document(title=str(settings.REGENCY_NAME), base_url=settings.EXCHANGE_URL)
    return answer(request, _bytes(said), JSON)


def _bytes(said: dict[str, Any]) -> bytes:
    return orjson.dumps(said, option=orjson.OPT_INDENT_2)
