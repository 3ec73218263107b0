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
    """All contracts: questions with who answers, events with who states them."""
    offered, names = offers(), publishers.known()
    rows = [
        {
            "name": name,
            "meaning": explained.meaning(query)[0],
            "by": offered[name].system_title if name in offered else "",
            "member": publishers.of(offered[name].member, names) if name in offered else "",
            "deprecated_on": query.deprecated_on,
        }
        for name, query in sorted(published.queries().items())
    ]
    stated = []
    for name, event in sorted(published.events().items()):
        system = explained.stated_by(name)
        member = publishers.of(system.member, names) if system else ""
        said = {"name": name, "meaning": explained.meaning(event)[0], "member": member}
        stated.append({**said, "by": system.title if system else "", "deprecated_on": event.deprecated_on})  # fmt: skip
    return render(request, "exchange/contracts.html", {"queries": rows, "events": stated})


@require_safe
def contract(request: HttpRequest, name: str) -> HttpResponse:
    kind = _found(name)
    context: dict[str, Any] = {
        "name": name,
        "contract": kind,
        "is_event": issubclass(kind, Event),
        "meaning": explained.marked(kind),
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
