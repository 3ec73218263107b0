"""What people see when something does not work."""

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from kartini.kit import answers, context, logs


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return answers.stale_form(request)


def server_error(request: HttpRequest) -> HttpResponse:
    """Asks neither database nor session: they may be what is broken."""
    request.user = AnonymousUser()
    code = f"K-{logs.current_request.get()[-8:].upper()}"
    words = {"request": request, "user": request.user, "code": code, **context.page(request)}
    return HttpResponse(render_to_string("500.html", words), status=500)
