"""The phone page: installs, works without a network, and what it needs from the server when there is one."""

from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from pydantic import ValidationError

from kartini.kit import offline
from kartini.systems.bank_sampah import rules
from kartini.systems.bank_sampah.forms import field
from kartini.systems.bank_sampah.models import Card, Depositor, Part, PriceList, Unit
from kartini.systems.bank_sampah.services import field as phones
from kartini.systems.bank_sampah.services import newcomers, photos
from kartini.systems.bank_sampah.services.deposits import Weighed
from kartini.systems.bank_sampah.services.field import Weighing
from kartini.systems.bank_sampah.views.doorway import account, at_unit, for_workers, said

PIECES = ("bank_sampah/field.js", "bank_sampah/scale-pad.js", "bank_sampah/bank.css", "bank_sampah/materials.svg")  # fmt: skip


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
        "deposits": reverse("bank_sampah:deposits", args=[unit.code]),
    }
    context = {
        "unit": unit, "urls": urls, "owner": str(request.user.pk), "words": offline.words() | _words(),
        "kinds": Depositor.Kind.choices,
    }  # fmt: skip
    return render(request, "bank_sampah/field.html", context)


def _words() -> dict[str, str]:
    """What the page says by itself, in the language in which it was loaded."""
    return {
        "make-hint": _("It seals names and weighings on this phone. 4 to 12 digits."), "open-title": _("Open the counter"),
        "wiped": _("The names were removed from this phone. Unsent weighings are still here."),
        "drop": _("Delete this weighing for good?"), "unknown": _("Passbook"), "bag": _("Remove this bag"),
        "nobody": _("Nobody found"), "no-material": _("Choose the material first."), "no-weight": _("Weigh at least one bag."),
        "too-heavy": _("One bag cannot weigh that much. Is the comma right?"), "look": _("Look at the other one"),
        "many": _("At most 40 bags in one deposit."), "no-prices": _("No prices yet. Open this page once with a signal."),
        "new-book": _("new passbook"), "no-name": _("Write the name."), "no-consent": _("Without consent nothing is kept."),
        "same": _("The same person"), "other": _("Somebody else"), "is-it": _("Somebody of this name saves here already. The same person?"),
        "use": _("Use this passbook?"), "not-found": _("This passbook is not on the phone. Open the page with a signal."),
        "no-card": _("This card does not belong here."), "no-camera": _("The camera cannot be used."),
        "reading": _("One moment, the names are being read …"), "kept": _("Kept"),
    }  # fmt: skip


@require_safe
@never_cache
def worker(request: HttpRequest) -> HttpResponse:
    return offline.worker(reverse("bank_sampah:field-scope"), PIECES)


@require_safe
@at_unit
def manifest(request: HttpRequest, unit: Unit) -> JsonResponse:
    """Installed, it opens straight at this counter."""
    start = reverse("bank_sampah:field-page", args=[unit.code])
    return offline.manifest(name=unit.name, short_name=_("Waste bank"), start=start, scope=start)


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
    return offline.token(request)


@require_safe
@never_cache
@at_unit
def key(request: HttpRequest, unit: Unit) -> JsonResponse:
    return offline.recovery_key("bank-sampah", request.user)


@require_safe
@never_cache
@at_unit
def data(request: HttpRequest, unit: Unit) -> JsonResponse:
    """Prices (for everyone to see) and the few names that the counter needs (sealed on the phone)."""
    listed = PriceList.objects.in_force(unit.pk, now())
    in_order = ("material__category__order", "material__order")
    prices = listed.prices.select_related("material").order_by(*in_order) if listed else []
    materials = [
        {"id": p.material_id, "name": p.material.name, "picture": p.material.picture, "price": p.rupiah_per_kilogram}
        for p in prices
    ]  # fmt: skip
    most = unit.terms.max_line_grams
    shown = {"list": str(listed.pk) if listed else None, "most": most, "materials": materials}
    return JsonResponse({"prices": shown, "people": _people(unit), "at": now().isoformat()})


def _people(unit: Unit) -> list[list[Any]]:
    """Id, number, name, card, and the classes of a group."""
    valid = Prefetch("cards", Card.objects.filter(ended_at=None), to_attr="valid")
    parts = Prefetch("parts", Part.objects.order_by("name"), to_attr="classes")
    rows: Any = Depositor.objects.saving().filter(unit=unit).order_by("number")
    return [
        [d.pk, d.number, d.name, d.valid[0].code if d.valid else "", [[p.pk, p.name] for p in d.classes]]
        for d in rows.prefetch_related(valid, parts)
    ]  # fmt: skip


@require_POST
@at_unit
def receive(request: HttpRequest, unit: Unit) -> JsonResponse:
    """Take what a phone kept. Every row is answered by itself: saved, or refused with what to do."""
    try:
        sent_at, rows = field.batch(request.body)
    except ValidationError:
        return JsonResponse({"said": _("This cannot be read.")}, status=400)
    how: dict[str, Any] = {"unit": unit, "by": account(request), "at": now()}
    opened = [_newcomer(row) for _id, row in rows if isinstance(row, field.Newcomer)]
    refused = newcomers.receive(newcomers=opened, **how)
    weighed = [row for _id, row in rows if isinstance(row, field.Row) and row.depositor not in refused]  # fmt: skip
    kept = phones.receive(weighings=[_weighing(row) for row in weighed], sent_at=sent_at, **how)
    _keep_photos(request, zip(weighed, kept, strict=True))
    outcomes = iter(kept)
    answers = [{"id": sent, **_answer(row, refused, outcomes)} for sent, row in rows]
    return JsonResponse({"rows": answers})


def _answer(
    row: field.Row | field.Newcomer | None,
    refused: Mapping[UUID, Exception],
    outcomes: Iterator[phones.Outcome],
) -> dict[str, Any]:
    """A weighing whose depositor waits for a person waits too."""
    if row is None:
        return {"state": "refused", "said": _("This cannot be read.")}
    if isinstance(row, field.Newcomer):
        return _no(refused[row.id]) if row.id in refused else {"state": "saved"}
    return {"state": "waiting"} if row.depositor in refused else _said(next(outcomes))


def _newcomer(row: field.Newcomer) -> newcomers.Newcomer:
    return newcomers.Newcomer(row.id, **row.opens.model_dump())


def _keep_photos(request: HttpRequest, rows: Iterable[tuple[field.Row, phones.Outcome]]) -> None:
    """A photo that cannot be kept does not stop its weighing."""
    for row, outcome in rows:
        if outcome.deposit is None or not row.photo:
            continue
        with suppress(photos.PaperRefused, ValueError):
            upload = ContentFile(b64decode(row.photo, validate=True), name="timbangan.jpg")
            photos.keep(deposit=outcome.deposit, upload=upload, by=account(request), at=now())


def _weighing(row: field.Row) -> Weighing:
    bags = [Weighed(bag.material, bag.grams) for bag in row.bags]
    heard = (row.heard.at, row.heard.seconds) if row.heard else None
    return Weighing(
        row.id, row.depositor, row.number, row.part, row.price_list, bags, row.weighed_at, heard
    )


def _said(outcome: phones.Outcome) -> dict[str, Any]:
    if outcome.deposit is not None:
        return {"state": "saved", "rupiah": outcome.deposit.total_rupiah}
    return _no(outcome.refusal)  # type: ignore[arg-type]


def _no(refusal: Exception) -> dict[str, Any]:
    return {"state": "refused", "why": type(refusal).__name__, "said": said(refusal)}
