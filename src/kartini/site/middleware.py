"""One request id through web, exchange and worker; and what those ask who keep watch."""

import logging
from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest, HttpResponse

from kartini.exchange import metrics, probes, standing
from kartini.kit import logs

logger = logging.getLogger(__name__)
View = Callable[[HttpRequest], HttpResponse]


def watched(get_response: View) -> View:
    """Answer ``/live``, ``/ready`` and ``/metrics`` before any host name or https is asked for; count the rest."""
    standing.watch_the_house()

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path in probes.PATHS:
            headers = {name.lower(): value for name, value in request.headers.items()}
            peer = request.META.get("REMOTE_ADDR", "")
            told = probes.answer(request.path, peer, headers, probes.web_ready)
            return HttpResponse(told.body, status=told.status, content_type=told.kind)
        begun = perf_counter()
        response = get_response(request)
        metrics.answered("web", response.status_code, perf_counter() - begun)
        return response

    return middleware


def request_id(get_response: View) -> View:
    """Take a well-formed ``X-Request-Id`` from the proxy, or make one; return it with the answer."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with logs.request(request.headers.get("X-Request-Id", "")) as current:
            response = get_response(request)
            logger.debug("%s %s: %s", request.method, request.path, response.status_code)
        response["X-Request-Id"] = current
        return response

    return middleware
