"""Answers that any view may have to give: this cannot be done any more; please send again."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext as _

MOST_KEPT = 200_000
NEVER_KEPT = frozenset({"pin", "otp", "code", "csrfmiddlewaretoken"})


def conflict(
    request: HttpRequest, *, heading: str, text: str, link: str, link_text: str = ""
) -> HttpResponse:
    """409: somebody else was quicker, or the state no longer allows it. Says what to do instead."""
    words = {
        "heading": heading,
        "text": text,
        "link": link,
        "link_text": link_text or _("Show how it stands now"),
    }
    return render(request, "kit/errors/conflict.html", words, status=409)


def confirm(
    request: HttpRequest,
    *,
    heading: str,
    text: str,
    do: str,
    action: str,
    back: str,
    tone: str = "bad",
    fields: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The page behind a confirmation, for browsers without popover and for whoever follows the link."""
    words = {"heading": heading, "text": text, "do": do, "action": action, "back": back}
    more = {"tone": tone, "fields": list((fields or {}).items())}
    return render(request, "kit/confirm.html", words | more)


def session_expired(request: HttpRequest) -> HttpResponse:
    """For a form that was sent after its session ended: sign in beside it, and send again. Nothing typed is lost."""
    back = urlencode({"next": "/"})
    url = f"{resolve_url('account_login')}?{back}"
    return _resend(request, heading=_("Your session has ended"), sign_in_url=url)


def stale_form(request: HttpRequest) -> HttpResponse:
    """For a form whose safety token is old or missing."""
    return _resend(request, heading=_("Please send this once more"), sign_in_url="")


def _resend(request: HttpRequest, *, heading: str, sign_in_url: str) -> HttpResponse:
    fields, withheld = _typed(request) if came_from_us(request) else ([], False)
    words: dict[str, Any] = {
        "heading": heading,
        "sign_in_url": sign_in_url,
        "fields": fields,
        "withheld": withheld,
        "files": bool(fields) and "multipart" in (request.content_type or ""),
    }
    return render(request, "kit/errors/resend.html", words, status=403)


def came_from_us(request: HttpRequest) -> bool:
    """Did one of our own pages send this? A foreign page cannot forge these headers.

    Only then may we offer what was sent for sending again; else the offer would be a way round the token.
    """
    source = request.headers.get("Origin") or request.headers.get("Referer") or ""
    parts = urlsplit(source)
    return (
        bool(parts.netloc) and parts.scheme == request.scheme and parts.netloc == request.get_host()
    )


def _typed(request: HttpRequest) -> tuple[list[tuple[str, str]], bool]:
    """What the person filled in, without passwords and codes; nothing when it cannot be read or is huge."""
    try:
        sent = [(name, value) for name, values in request.POST.lists() for value in values]
    except (UnreadablePostError, MultiPartParserError):
        return [], False
    kept = [(name, value) for name, value in sent if not _is_secret(name)]
    if sum(len(name) + len(value) for name, value in kept) > MOST_KEPT:
        return [], False
    return kept, len(kept) < len([n for n, _v in sent if n != "csrfmiddlewaretoken"])


def _is_secret(name: str) -> bool:
    name = name.lower()
    return name in NEVER_KEPT or any(word in name for word in ("password", "sandi", "secret"))
