"""``/api/3/action/…``: GET with a query, or POST with JSON or a form. Nothing can be written."""

import json
from typing import Any

import orjson
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kartini.exchange.catalogue import ckan
from kartini.exchange.catalogue.open import OPEN, address, answer

MOST_BYTES = 20_000


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def action(request: HttpRequest, name: str) -> HttpResponseBase:
    """The result in CKAN's envelope, in Indonesian."""
    deed = ckan.ACTIONS.get(name)
    if deed is None:
        return _json(f"Bad request - Action name not known: {name}", 400)
    helped = f"{address('ckan', 'help_show')}?name={name}"
    try:
        with translation.override("id"):
            result = deed(_words(request), ckan.Library.opened())
    except ckan.NotFound:
        return _failed(helped, 404, {"__type": "Not Found Error", "message": "Not found"})
    except ckan.Unreadable as fault:
        return _failed(helped, 409, {"__type": "Validation Error", fault.field: [fault.why]})
    except ValueError as fault:
        return _json(f"Bad request - JSON Error: {fault}", 400)
    body = orjson.dumps({"help": helped, "success": True, "result": result})
    return answer(request, body, "application/json;charset=utf-8")


def _words(request: HttpRequest) -> dict[str, Any]:
    """The parameters. Of a name that is given twice, both count only for facets."""
    if request.method == "POST" and "json" in request.headers.get("Content-Type", "json"):
        if len(request.body) > MOST_BYTES:
            raise ValueError("the body is too large")
        said = json.loads(request.body or b"{}")
        if not isinstance(said, dict):
            raise ValueError("parameters are one JSON object")
        return said
    return (request.POST if request.method == "POST" else request.GET).dict()


def _failed(helped: str, status: int, error: dict[str, Any]) -> JsonResponse:
    return _json({"help": helped, "success": False, "error": error}, status)


def _json(body: Any, status: int) -> JsonResponse:
    return JsonResponse(body, status=status, safe=False, headers=OPEN)
