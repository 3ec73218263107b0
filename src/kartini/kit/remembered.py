"""The portal's front page as strangers see it, kept for a few seconds.

A page for somebody without a session is the same for everyone who made the same display choices,
but for the nonce of its content security policy. The page is kept with a placeholder in the nonce's
place and every answer gets a nonce of its own, so that a kept page never repeats one.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse

View = Callable[[HttpRequest], HttpResponse]
PATHS = frozenset({"/"})
FRESH_SECONDS = 5.0
CHOICES = ("bahasa", "tema", "teks", "kontras")
PLACEHOLDER = secrets.token_urlsafe(24).encode()


@dataclass(frozen=True)
class Kept:
    """A page with its content type, until when it is fresh."""

    body: bytes
    content_type: str
    until: float


def remembered_pages(get_response: View) -> View:
    """Answer a stranger's GET of a remembered path from memory while it is fresh."""
    kept: dict[tuple[str, ...], Kept] = {}

    def middleware(request: HttpRequest) -> HttpResponse:
        if not _for_a_stranger(request):
            return get_response(request)
        key = (request.path, *(request.COOKIES.get(choice, "")[:10] for choice in CHOICES))
        page = kept.get(key)
        nonce = str(request.csp_nonce).encode()  # type: ignore[attr-defined]
        if page and page.until > time.monotonic():
            return _answer(page, nonce)
        response = get_response(request)
        if _may_be_kept(response):
            body = response.content.replace(nonce, PLACEHOLDER)
            if len(kept) > 100:
                kept.clear()
            kept[key] = Kept(body, response["Content-Type"], time.monotonic() + FRESH_SECONDS)
        return response

    return middleware


def _for_a_stranger(request: HttpRequest) -> bool:
    return (
        request.method == "GET"
        and request.path in PATHS
        and not request.META.get("QUERY_STRING")
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and "messages" not in request.COOKIES
    )


def _may_be_kept(response: HttpResponse) -> bool:
    return response.status_code == 200 and not response.streaming and not response.cookies


def _answer(page: Kept, nonce: bytes) -> HttpResponse:
    return HttpResponse(page.body.replace(PLACEHOLDER, nonce), content_type=page.content_type)
