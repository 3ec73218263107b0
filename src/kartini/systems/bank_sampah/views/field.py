"""The phone page: installs, works without a network, and what it needs from the server when there is one."""

import hashlib
import json
from base64 import b64encode
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from pydantic import ValidationError

from kartini.systems.bank_sampah import rules
from kartini.systems.bank_sampah.forms import field
from kartini.systems.bank_sampah.models import Depositor, PriceList, Unit
from kartini.systems.bank_sampah.services import field as phones
from kartini.systems.bank_sampah.services.deposits import Weighed
from kartini.systems.bank_sampah.services.field import Weighing
from kartini.systems.bank_sampah.views.doorway import account, at_unit, for_workers, said

KIT = ("store", "vault", "queue", "sender")
MODULES = tuple(f"kit/offline/{name}.js" for name in KIT)
PIECES = (
    "bank_sampah/field.js", "bank_sampah/bank.css", "bank_sampah/materials.svg", "kit/icons.svg", "kit/favicon.svg",
    "kit/font/plus-jakarta-sans.woff2",
    *(f"kit/css/{name}.css" for name in ("tokens", "base", "components", "forms", "reading", "data", "print")),
)  # fmt: skip
WORKER_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'"


@require_safe
@at_unit
def page(request: HttpRequest, unit: Unit) -> HttpResponse:
    """The shell: no person stands on it, so that a phone may keep it."""
    urls = {
        name: reverse(f"bank_sampah:field-{name}", args=[unit.code])
        for name in ("data", "send", "key", "page")
    }
    urls |= {
        "token": reverse("bank_sampah:field-token"),
        "worker": reverse("bank_sampah:field-worker"),
    }
    context = {
        "unit": unit,
        "urls": urls,
        "owner": request.user.pk,
        "words": _words(),
    }
    return render(request, "bank_sampah/field.html", context)


def _words() -> dict[str, str]:
    """What the page says by itself, in the language in which it was loaded."""
    return {
        "idle": _("Everything is sent"), "sending": _("Sending …"), "offline": _("No signal: kept on this phone"),
        "signed-out": _("Sign in again to send"), "other-account": _("Another account is signed in"),
        "later": _("The server is busy: it tries again"), "waiting": _("waits"), "refused": _("needs you"),
        "wrong": _("Wrong PIN. Tries left:"), "wiped": _("The names were removed from this phone. Unsent weighings are still here."),
        "need-net": _("This needs a signal once."), "short": _("At least 4 digits."), "unknown": _("Passbook"),
        "drop": _("Delete this weighing for good?"), "again": _("Send again"), "delete": _("Delete"), "bag": _("Remove this bag"),
        "nobody": _("Nobody found"), "make-title": _("Choose a PIN for this phone"),
        "make-hint": _("It seals names and weighings on this phone. 4 to 12 digits."), "open-title": _("Open the counter"),
        "open-hint": _("The PIN of this phone, not your password."), "renew-title": _("A new PIN"),
        "no-material": _("Choose the material first."), "no-weight": _("Weigh at least one bag."),
        "too-heavy": _("One bag cannot weigh that much. Is the comma right?"),
    }  # fmt: skip


@require_safe
@never_cache
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: which pieces to keep, then the kit's body."""
    # modules import each other by their plain names, also where other pieces bear a hash
    shell = [static(piece) for piece in PIECES] + [settings.STATIC_URL + name for name in MODULES]
    scope = reverse("bank_sampah:field-scope")
    version = hashlib.sha256(
        "".join([*shell, *map(_digest, (*PIECES, *MODULES))]).encode()
    ).hexdigest()[:12]
    facts = f"const SCOPE = {json.dumps(scope)}, VERSION = {json.dumps(version)}, SHELL = {json.dumps(shell)};\n"
    script = f"{facts}importScripts({json.dumps(static('kit/offline/worker.js'))});\n"
    headers = {"Content-Security-Policy": WORKER_POLICY, "Service-Worker-Allowed": scope}
    return HttpResponse(script, content_type="text/javascript; charset=utf-8", headers=headers)


def _digest(piece: str) -> str:
    """So that a changed piece is fetched anew also where names bear no hash."""
    found = finders.find(piece)
    return hashlib.sha256(Path(found).read_bytes()).hexdigest() if isinstance(found, str) else ""


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """What a phone needs to install the page."""
    facts = {
        "name": _("Waste bank counter"),
        "short_name": _("Waste bank"),
        "start_url": reverse("bank_sampah:field-scope"),
        "scope": reverse("bank_sampah:field-scope"),
        "display": "standalone",
        "background_color": "#faf8f3",
        "theme_color": "#1d5b46",
        "icons": [{"src": static("kit/favicon.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    return JsonResponse(facts, content_type="application/manifest+json")


@require_safe
@for_workers
def scope(request: HttpRequest) -> HttpResponse:
    """Where an installed page starts: which waste bank?"""
    units = rules.units_of(request.user).order_by("name")
    return render(request, "bank_sampah/field_units.html", {"units": units})


@require_safe
@never_cache
@for_workers
def token(request: HttpRequest) -> JsonResponse:
    """A fresh token just before sending, and whose it is."""
    return JsonResponse({"token": get_token(request), "user": request.user.pk})


@require_safe
@never_cache
@at_unit
def key(request: HttpRequest, unit: Unit) -> JsonResponse:
    """The recovery key of this account's vault: derived, stored nowhere, given only to the account itself."""
    secret = salted_hmac("bank-sampah.vault", str(request.user.pk), algorithm="sha256").digest()
    return JsonResponse({"key": b64encode(secret).decode()})


@require_safe
@never_cache
@at_unit
def data(request: HttpRequest, unit: Unit) -> JsonResponse:
    """Prices (for everyone to see) and the few names that the counter needs (sealed on the phone)."""
    listed = PriceList.objects.in_force(unit.pk, now())
    prices = listed.prices.select_related("material").order_by("material__category__order", "material__order") if listed else []  # fmt: skip
    people = Depositor.objects.saving().filter(unit=unit).order_by("number")
    return JsonResponse(
        {
            "prices": {
                "list": str(listed.pk) if listed else None,
                "most": unit.terms.max_line_grams,
                "materials": [
                    {"id": p.material_id, "name": p.material.name, "picture": p.material.picture, "price": p.rupiah_per_kilogram}
                    for p in prices
                ],
            },
            "people": [list(row) for row in people.values_list("id", "number", "name")],
        }
    )  # fmt: skip


@require_POST
@at_unit
def receive(request: HttpRequest, unit: Unit) -> JsonResponse:
    """Take what a phone kept. Every row is answered by itself: saved, or refused with what to do."""
    try:
        sent_at, rows = field.batch(request.body)
    except ValidationError:
        return JsonResponse({"said": _("This cannot be read.")}, status=400)
    readable = [row for _id, row in rows if row is not None]
    outcomes = iter(
        phones.receive(
            unit=unit, weighings=[_weighing(row) for row in readable], sent_at=sent_at, by=account(request), at=now()
        )
    )  # fmt: skip
    answers = [
        {"id": sent, **(_said(next(outcomes)) if row else {"state": "refused", "said": _("This cannot be read.")})}
        for sent, row in rows
    ]  # fmt: skip
    return JsonResponse({"rows": answers})


def _weighing(row: field.Row) -> Weighing:
    bags = [Weighed(bag.material, bag.grams) for bag in row.bags]
    return Weighing(row.id, row.depositor, row.number, row.price_list, bags, row.weighed_at)


def _said(outcome: phones.Outcome) -> dict[str, Any]:
    if outcome.deposit is not None:
        return {"state": "saved", "rupiah": outcome.deposit.total_rupiah}
    return {"state": "refused", "said": said(outcome.refusal)}  # type: ignore[arg-type]
