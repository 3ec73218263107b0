"""Documents that the law asks for, made from what is configured: nobody types them, so nobody forgets them.

The record of processing (UU 27/2022 art. 31), and the agreement on the sharing of data behind a grant.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone, translation

from kartini.exchange.catalogue.terms import PURPOSES
from kartini.exchange.models import Grant, Service
from kartini.exchange.published import queries
from kartini.kit.formats import long_date
from kartini.office import documents
from kartini.people import words
from kartini.people.models import Organisation, User
from kartini.systems.console import rules
from kartini.systems.console.services.retention import in_force

HERE = Path(__file__).resolve().parents[1] / "engine"
ALL = "seluruh jawaban"


@translation.override("id")
def record_of_processing(*, member: str = "", at: datetime) -> bytes:
    """Who processes what for what by which right, and how long it is kept; of one member, or of all."""
    names = dict(Organisation.objects.values_list("code", "name"))
    held = Grant.objects.filter(state__in=Grant.HOLDING).select_related("asker")
    day = timezone.localdate(at)
    by_owner: dict[str, list[dict[str, str]]] = defaultdict(list)
    owners = rules.members_of(grant.contract for grant in held)
    for grant in held.order_by("asker__title", "contract"):
        owner = owners[grant.contract]
        if grant.holds_on(day) and member in {"", owner, grant.asker.member}:
            by_owner[owner].append(_line(grant, names))
    data = {
        "agency": {"name": names.get(member, "")},
        "whole": not member,
        "owners": [
            {"name": names.get(code, code), "lines": lines}
            for code, lines in sorted(by_owner.items())
        ],
        "services": _services(names, member),
        "retention": _retention(at),
    }
    return documents.render(
        template=HERE / "record.typ",
        data=data,
        title="Rekaman kegiatan pemrosesan data pribadi",
        at=at,
    )


@translation.override("id")
def agreement(*, grant: Grant, at: datetime) -> bytes:
    """What owner and asker agree on, for both to sign."""
    names = dict(Organisation.objects.values_list("code", "name"))
    owner = rules.member_of(grant.contract)
    decided_by = User.objects.filter(pk=grant.decided_by or 0).first()
    data = {
        "agency": {"name": names.get(owner, owner)},
        "number": f"IZIN-{grant.pk}",
        "owner": names.get(owner, owner),
        "asker": names.get(grant.asker.member, grant.asker.member),
        "system": f"{grant.asker.title} ({grant.asker})",
        "state": str(grant.get_state_display()),
        "line": _line(grant, names),
        "need": grant.need,
        "rate": f"{grant.per_minute} panggilan per menit"
        if grant.per_minute
        else "menurut kebutuhan",
        "decided": f"{decided_by or 'peragaan'}, {long_date(timezone.localdate(grant.decided_at), language='id')}"
        if grant.decided_at
        else "belum diputuskan",
        "retention": _retention(at),
    }
    return documents.render(
        template=HERE / "agreement.typ", data=data, title="Perjanjian pertukaran data", at=at
    )


def _line(grant: Grant, names: dict[str, str]) -> dict[str, str]:
    until = grant.valid_until
    return {
        "asker": names.get(grant.asker.member, grant.asker.member),
        "system": grant.asker.title,
        "contract": _called(grant.contract),
        "purpose": str(PURPOSES.get(grant.purpose) or words.of_purpose(grant.purpose)),
        "basis": grant.basis,
        "fields": _named(grant.fields) or ALL,
        "until": f"sampai {long_date(until, language='id')}" if until else "sampai diakhiri",
    }


def _services(names: dict[str, str], member: str) -> list[dict[str, str]]:
    found = Service.objects.select_related("subsystem").order_by("contract")
    if member:
        found = found.filter(subsystem__member=member)
    return [
        {
            "contract": _called(one.contract),
            "owner": names.get(one.subsystem.member, one.subsystem.member),
            "fields": _fields(one.contract),
            "where": one.url or "di Kartini",
        }
        for one in found
    ]


def _fields(contract: str) -> str:
    query = queries().get(contract)
    return _named(query.answer_type().model_fields) if query else "–"


def _called(contract: str) -> str:
    """What it means, and its name, which may break where a line ends."""
    title, name = (
        words.of_contract(contract),
        contract.replace(".", ".\u200b").replace("-", "-\u200b"),
    )
    return f"{title} ({name})" if title else name


def _named(fields: Iterable[str]) -> str:
    """Fields by the words that citizens read."""
    return ", ".join(str(words.of_field(one) or one) for one in fields)


def _retention(at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "what": f"{rule.get_kind_display()} {rule.contract}".strip(),
            "days": rule.keep_days,
            "basis": rule.basis,
        }
        for rule in in_force(timezone.localdate(at))
    ]
