"""What the edge asks of this process: the built-in answerers, and the outbox. Nobody else can; the hop is keyed and short-lived."""

import json
import time
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from pydantic import ValidationError

from kartini.exchange import log, outbox, providers, published, registry
from kartini.exchange.errors import Unanswered

FRESH_SECONDS = 30


@csrf_exempt
@require_POST
def answer(request: HttpRequest, contract: str) -> HttpResponse:
    """The answer as JSON. The edge has asked for the grant and keeps the log."""
    if not _from_the_edge(request, contract):
        return HttpResponse(status=404)
    query = registry.queries.get(contract)
    if query is None:
        return _said(404, contract)
    try:
        question: Any = query.model_validate_json(request.body)
        found = providers.in_this_house(question)
    except ValidationError:
        return _said(400, contract)
    except Unanswered as refusal:
        return _said(refusal.status, str(refusal))
    text = found.model_dump_json(exclude_unset=True)
    return HttpResponse(text, content_type="application/json")


@csrf_exempt
@require_POST
def take(request: HttpRequest, contract: str) -> HttpResponse:
    """A fact that an outside system states about what is its own; the edge has made sure of that.

    The same id again changes nothing, and is refused if it says something else.
    """
    if not _from_the_edge(request, contract):
        return HttpResponse(status=404)
    try:
        said = json.loads(request.body)
        event = published.events()[contract].model_validate(said["data"])
        new = outbox.put_once(event, id=UUID(said["id"]), at=timezone.now())
    except (KeyError, ValueError):
        return _said(400, contract)
    except outbox.SaidDifferently:
        return _said(409, contract)
    return JsonResponse({"new": new})


def _from_the_edge(request: HttpRequest, contract: str) -> bool:
    moment, _colon, mac = request.headers.get("X-Kartini-Hop", "").partition(":")
    if not moment.isdigit() or abs(time.time() - int(moment)) > FRESH_SECONDS:
        return False
    return log.the_log().keys.hop_holds(mac, moment.encode(), contract.encode(), request.body)


def _said(status: int, words: str) -> JsonResponse:
    body = {"type": "Server.ServiceFailed", "message": words, "detail": ""}
    return JsonResponse(body, status=status)
