"""A contract explained to people: its fields with their types and units, who answers, who may ask, what changed."""

import re
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import orjson
from django.conf import settings
from django.utils.translation import gettext as _

from kartini.contracts import Contract, Event, Query
from kartini.exchange import asyncapi, published, registry
from kartini.exchange.catalogue.services import Offer, offers
from kartini.exchange.catalogue.terms import PURPOSES, TERMS
from kartini.exchange.models import Grant
from kartini.exchange.snapshot import owner

MOST_DEPTH = 4
_FIRST = re.compile(r"(?<=[?!]) |[.:;] | \(")


@dataclass(frozen=True)
class Field:
    """One field as the page lists it. ``name`` of a field inside another is written with a dot."""

    name: str
    meaning: Any
    kind: str
    unit: str
    needed: bool
    example: str
    codes: str = ""


def contract_named(name: str) -> type[Query[Any]] | type[Event] | None:
    return published.queries().get(name) or published.events().get(name)


def fields(contract: type[Contract], before: str = "", depth: int = 0) -> Iterator[Field]:
    """The fields, those of contracts inside it too."""
    for name, info in contract.model_fields.items():
        path, inner = f"{before}{name}", _contract_in(info.annotation)
        shown = contract.example.get(name)
        yield Field(
            name=path,
            meaning=TERMS.get(name, info.description or ""),
            kind=_kind(info.annotation),
            unit=_unit(name),
            needed=info.is_required(),
            example="" if inner or shown is None else _plain(shown),
            codes=_codes(name),
        )
        if inner and depth < MOST_DEPTH:
            yield from fields(inner, f"{path}.", depth + 1)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _contract_in(annotation: Any) -> type[Contract] | None:
    if isinstance(annotation, type) and issubclass(annotation, Contract):
        return annotation
    return next(filter(None, map(_contract_in, typing.get_args(annotation))), None)


def _kind(annotation: Any) -> str:
    """The type in words: ``list of text``."""
    origin, inside = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return " / ".join(_kind(one) for one in inside if one is not type(None))
    if origin is typing.Literal:
        return " | ".join(map(str, inside))
    if origin in (list, tuple, set):
        return _("list of %(kind)s") % {"kind": _kind(inside[0])}
    if origin is dict or origin is Mapping:
        return _("map to %(kind)s") % {"kind": _kind(inside[1])}
    return _plain_kind(annotation)


def _plain_kind(annotation: Any) -> str:
    if not isinstance(annotation, type):
        return str(annotation)
    kinds = (
        (bool, _("yes or no")), (int, _("whole number")), (float, _("number")), (Decimal, _("decimal number, as text")),
        (datetime, _("moment (ISO 8601, UTC)")), (date, _("date (YYYY-MM-DD)")), (Enum, _("one of a list")),
        (str, _("text")), (Contract, _("object")), (dict, _("object")),
    )  # fmt: skip
    return next(
        (words for kind, words in kinds if issubclass(annotation, kind)), annotation.__name__
    )


def _unit(name: str) -> str:
    """The house names fields by their unit."""
    units = {
        "rupiah": _("rupiah"), "kilograms": "kg", "grams": "g", "kilometres": "km", "days": _("days"),
        "working_days": _("working days"), "promised_days": _("working days"), "percent": "%", "lat": _("degrees, WGS 84"),
        "lng": _("degrees, WGS 84"), "rupiah_per_kilogram": _("rupiah per kg"),
    }  # fmt: skip
    return next(
        (unit for end, unit in units.items() if name == end or name.endswith(f"_{end}")), ""
    )


def _codes(name: str) -> str:
    """The reference list that a code is from."""
    if name.endswith(("village_code", "place_code")):
        return "wilayah"
    return "organisasi" if name in {"agency", "holder", "organisation"} else ""


@dataclass(frozen=True)
class Asker:
    """Who may ask or hear, for what, by which right."""

    name: str
    title: str
    purpose: Any
    basis: str
    fields: str
    until: date | None


def askers(contract: str) -> list[Asker]:
    """From the grants in force."""
    held = Grant.objects.filter(contract=contract, state__in=Grant.HOLDING).select_related("asker")
    return [
        Asker(
            str(grant.asker),
            grant.asker.title,
            PURPOSES.get(grant.purpose, grant.purpose),
            grant.basis,
            ", ".join(grant.fields),
            grant.valid_until,
        )
        for grant in held.order_by("asker_id", "purpose")
    ]


def stated_by(contract: str) -> registry.Subsystem | None:
    return registry.subsystems.get(owner(contract))


def listeners(contract: str) -> list[str]:
    """The systems of this house that hear an event."""
    return sorted({owner(id_) for id_ in registry.listeners.get(contract, {})})


def offer(contract: str) -> Offer | None:
    return offers().get(contract)


def changes(contract: type[Contract]) -> list[tuple[str, str]]:
    """What changed, newest first; a contract says it in ``changes`` by the day."""
    return sorted(contract.changes.items(), reverse=True)


def pretty(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode()


def question_and_answer(query: type[Query[Any]]) -> tuple[str, str]:
    return pretty(dict(query.example)), pretty(dict(query.answer_type().example))


def curl(query: type[Query[Any]], found: Offer) -> str:
    """Two commands, ready to be copied: a token, then the question."""
    body = orjson.dumps(dict(query.example)).decode().replace("'", "'\\''")
    asker = f"{settings.INSTANCE}/GOV/ANGGOTA/SISTEM"
    return (
        f"TOKEN=$(curl -s -u 'ID:RAHASIA' -d grant_type=client_credentials {settings.EXCHANGE_URL}/oauth2/token"
        ' | sed \'s/.*"access_token":"\\([^"]*\\)".*/\\1/\')\n'
        f"curl -s {found.endpoint} \\\n"
        '  -H "Authorization: Bearer $TOKEN" \\\n'
        f"  -H 'X-Road-Client: {asker}' \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        f"  -d '{body}'"
    )


def envelope(event: type[Event]) -> str:
    return pretty(asyncapi.example(event))


def title(contract: type[Contract]) -> str:
    """What it means in a few words: its first sentence, or less; empty where nobody says."""
    said = meaning(contract)[:1]
    return _FIRST.split(said[0])[0].rstrip(".") if said else ""


def meaning(contract: type[Contract]) -> list[str]:
    """The paragraphs of what it means, without the marks around names of fields."""
    return [_(part).replace("``", "") for part in published.paragraphs(contract)]


def marked(contract: type[Contract]) -> list[list[tuple[bool, str]]]:
    """The same, each paragraph cut at the names of fields: (is a name, text)."""
    return [
        [(n % 2 == 1, piece) for n, piece in enumerate(_(part).split("``")) if piece]
        for part in published.paragraphs(contract)
    ]
