"""One request id through web, exchange and worker."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from kartini.kit import logs

View = Callable[[HttpRequest], HttpResponse]


def request_id(get_response: View) -> View:
    """Take a well-formed ``X-Request-Id`` from the proxy, or make one; return it with the answer."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with logs.request(request.headers.get("X-Request-Id", "")) as current:
            response = get_response(request)
        response["X-Request-Id"] = current
        return response

    return middleware
