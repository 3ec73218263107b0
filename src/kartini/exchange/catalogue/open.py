"""What every public answer of the catalogue shares: anyone may read it, from anywhere, and keep it by its tag."""

import hashlib
from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response

OPEN = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=60"}


def address(name: str, *args: object) -> str:
    """The full public address of a part of the catalogue."""
    return f"{settings.BASE_URL}{reverse(f'catalogue:{name}', args=args)}"


def answer(
    request: HttpRequest,
    body: bytes | str,
    content_type: str,
    headers: Mapping[str, str] | None = None,
) -> HttpResponseBase:
    raw = body.encode() if isinstance(body, str) else body
    response = HttpResponse(raw, content_type=content_type)
    return tagged(request, response, hashlib.sha256(raw).hexdigest(), headers)


def tagged(
    request: HttpRequest,
    response: HttpResponseBase,
    digest: str,
    headers: Mapping[str, str] | None = None,
) -> HttpResponseBase:
    """Whoever has it already gets 304."""
    etag = f'"{digest[:32]}"'
    for name, value in {**OPEN, "ETag": etag, **(headers or {})}.items():
        response[name] = value
    found = get_conditional_response(request, etag=etag, response=response)  # type: ignore[arg-type]
    return found or response
