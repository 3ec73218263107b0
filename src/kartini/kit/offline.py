"""Pages that install and work without a network: what the server gives them. The rest is ``static/kit/offline``.

How to build one: ``docs/how-to/build-an-offline-page.md``.
"""

import hashlib
import json
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

MODULES = tuple(
    f"kit/offline/{name}.js"
    for name in ("dom", "store", "vault", "queue", "sender", "lock", "outbox", "scan")
)
PIECES = (
    "kit/icons.svg", "kit/favicon.svg", "kit/font/plus-jakarta-sans.woff2",
    *(f"kit/css/{name}.css" for name in ("tokens", "base", "components", "forms", "reading", "data", "print")),
)  # fmt: skip
POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'"


def worker(scope: str, pieces: Sequence[str]) -> HttpResponse:
    """The service worker of all pages below ``scope``; ``pieces`` are the system's own static files."""
    own = (*pieces, *PIECES)
    # modules import each other by their plain names, also where other pieces bear a hash
    shell = [*map(static, own), *(settings.STATIC_URL + name for name in MODULES)]
    seen = "".join([*shell, *map(_digest, (*own, *MODULES, "kit/offline/worker.js"))])
    version = hashlib.sha256(seen.encode()).hexdigest()[:12]
    facts = {"SCOPE": scope, "VERSION": version, "SHELL": shell}
    lines = [f"const {name} = {json.dumps(value)};" for name, value in facts.items()]
    script = "\n".join([*lines, f"importScripts({json.dumps(static('kit/offline/worker.js'))});\n"])
    headers = {"Content-Security-Policy": POLICY, "Service-Worker-Allowed": scope}
    return HttpResponse(script, content_type="text/javascript; charset=utf-8", headers=headers)


def _digest(piece: str) -> str:
    """So that a changed piece is fetched anew also where names bear no hash."""
    found = finders.find(piece)
    return hashlib.sha256(Path(found).read_bytes()).hexdigest() if isinstance(found, str) else ""


def manifest(*, name: str, short_name: str, start: str, scope: str) -> JsonResponse:
    """What a phone needs to install the page."""
    facts = {
        "id": start,
        "name": name,
        "short_name": short_name,
        "start_url": start,
        "scope": scope,
        "display": "standalone",
        "background_color": "#faf8f3",
        "theme_color": "#1d5b46",
        "icons": [{"src": static("kit/favicon.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    return JsonResponse(facts, content_type="application/manifest+json")


def token(request: HttpRequest) -> JsonResponse:
    """A fresh token just before sending, and whose it is."""
    return JsonResponse({"token": get_token(request), "user": request.user.pk})


def recovery_key(purpose: str, account: Any) -> JsonResponse:
    """The recovery key of this account's vault: derived, stored nowhere, given only to the account itself."""
    secret = salted_hmac(f"{purpose}.vault", str(account.pk), algorithm="sha256").digest()
    return JsonResponse({"key": b64encode(secret).decode()})


def words() -> dict[str, str]:
    """What the kit's modules say by themselves, in the language in which the page was loaded."""
    return {
        "idle": _("Everything is sent"), "sending": _("Sending …"), "offline": _("No signal: kept on this phone"),
        "signed-out": _("Sign in again to send"), "other-account": _("Another account is signed in"),
        "later": _("The server is busy: it tries again"), "full": _("This phone is full: send before you go on"),
        "waiting": _("waits"), "refused": _("needs you"),
        "wrong": _("Wrong PIN. Tries left:"), "wiped": _("The names were removed from this phone. What is not sent yet is still here."),
        "need-net": _("This needs a signal once."), "short": _("4 to 12 digits."),
        "drop": _("Delete this for good?"), "again": _("Send again"), "mend": _("Mend"), "delete": _("Delete"),
        "more": _("and more:"), "make-title": _("Choose a PIN for this phone"),
        "make-hint": _("It seals what lies on this phone. 4 to 12 digits."), "open-title": _("Open"),
        "open-hint": _("The PIN of this phone, not your password."), "renew-title": _("A new PIN"),
    }  # fmt: skip
