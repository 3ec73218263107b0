"""The door by which the edge enters the web process: to ask the built-in answerers, and to put facts into the outbox.

It stands before host names, sessions and accounts are asked for: who enters here needs none of them. Nobody but
the edge can; the hop is keyed and short-lived, and for everybody else there is nothing at these addresses.
"""

import json
import threading
import time
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone, translation
from pydantic import ValidationError

from kartini.exchange import log, outbox, providers, published, registry
from kartini.exchange.errors import Unanswered
from kartini.kit import remembered
from kartini.kit.processes import HOPS

FRESH_SECONDS, LONGEST_MOMENT = 30, 12
View = Callable[[HttpRequest], HttpResponse]
#: who gave up waiting leaves its call at work here; what the edges count is therefore not enough
_free = threading.BoundedSemaphore(HOPS)


def door(get_response: View) -> View:
    """A middleware: what bears the proof of the edge is done here, everything else goes on to the site."""

    def middleware(request: HttpRequest) -> HttpResponse:
        address, _slash, contract = request.path_info.rpartition("/")
        deed = DEEDS.get(address)
        if deed is None or request.method != "POST" or not _from_the_edge(request, contract):
            return get_response(request)
        if not _free.acquire(blocking=False):
            return _said(503, "busy")
        try:
            with translation.override(settings.LANGUAGE_CODE):
                response = deed(contract, request.body)
        finally:
            _free.release()
        response.headers["Content-Length"] = str(len(response.content))
        return response

    return middleware


def _from_the_edge(request: HttpRequest, contract: str) -> bool:
    moment, _colon, mac = request.headers.get("X-Kartini-Hop", "").partition(":")
    if (
        not (moment.isdecimal() and len(moment) <= LONGEST_MOMENT)
        or abs(time.time() - int(moment)) > FRESH_SECONDS
    ):
        return False
    return log.the_log().keys.hop_holds(mac, moment.encode(), contract.encode(), request.body)


def answer(contract: str, body: bytes) -> HttpResponse:
    """The answer as JSON. The edge has asked for the grant and keeps the log."""
    query = registry.queries.get(contract)
    if query is None:
        return _said(404, contract)
    try:
        found = providers.in_this_house(query.model_validate_json(body))
    except ValidationError:
        return _said(400, contract)
    except Unanswered as refusal:
        return _said(refusal.status, str(refusal))
    return HttpResponse(found.model_dump_json(exclude_unset=True), content_type="application/json")


def take(contract: str, body: bytes) -> HttpResponse:
    """A fact that an outside system states about what is its own; the edge has made sure of that.

    The same id again changes nothing, and is refused if it says something else.
    """
    try:
        said = json.loads(body)
        event = published.events()[contract].model_validate(said["data"])
        new = outbox.put_once(event, id=UUID(said["id"]), at=timezone.now())
    except (KeyError, ValueError):
        return _said(400, contract)
    except outbox.SaidDifferently:
        return _said(409, contract)
    remembered.turn.move()
    return JsonResponse({"new": new})


def _said(status: int, words: str) -> JsonResponse:
    body = {"type": "Server.ServiceFailed", "message": words, "detail": ""}
    return JsonResponse(body, status=status)


DEEDS = {"/pertukaran/jawab": answer, "/pertukaran/nyatakan": take}
