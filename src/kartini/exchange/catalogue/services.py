"""The questions that this house answers, as a catalogue lists them."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from kartini.contracts import Event, Query
from kartini.exchange import published, registry
from kartini.exchange.models import Service
from kartini.exchange.snapshot import owner


@dataclass(frozen=True)
class Offer:
    """A question, who answers it, and where it is asked. ``name`` is the full identifier of the service."""

    contract: str
    system: str
    system_title: str
    member: str
    name: str
    built_in: bool = True

    @property
    def endpoint(self) -> str:
        return f"{settings.EXCHANGE_URL}/r1/{self.name}/"

    @property
    def meaning(self) -> str:
        return meaning(published.queries()[self.contract])


def meaning(contract: type[Query[Any]] | type[Event]) -> str:
    """What it means, as the contract itself says it."""
    return " ".join(gettext(part) for part in published.paragraphs(contract)).replace("``", "")


def offers() -> dict[str, Offer]:
    """Every published question that somebody answers: by the register, or built in and not registered yet."""
    found = {name: _built_in(name) for name in registry.answerers}
    for row in Service.objects.select_related("subsystem"):
        name = f"{row.subsystem}/{row.contract}"
        system = row.subsystem
        found[row.contract] = Offer(
            row.contract, system.code, system.title, system.member, name, not row.url
        )
    return {name: found[name] for name in sorted(found) if name in published.queries()}


def _built_in(contract: str) -> Offer:
    code = owner(contract)
    system = registry.subsystems.get(code) or registry.Subsystem(code, code, code)
    name = f"{settings.INSTANCE}/GOV/{system.member}/{code}/{contract}"
    return Offer(contract, code, system.title, system.member, name)
