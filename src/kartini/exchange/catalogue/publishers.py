"""Who publishes: the members of the exchange by their names. ``people`` tells them; the exchange keeps only codes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.conf import settings

from kartini.exchange import registry


@dataclass(frozen=True)
class Publisher:
    """An organisation as the catalogue names it."""

    code: str
    name: str
    short_name: str
    address: str = ""
    phone: str = ""

    def __str__(self) -> str:
        return self.short_name or self.name


Everyone = Callable[[], Mapping[str, Publisher]]
_everyone: Everyone = dict


def named_by(everyone: Everyone) -> Everyone:
    """Tell the catalogue how to find the names of organisations (``people`` does)."""
    global _everyone
    _everyone = everyone
    return everyone


def known() -> Mapping[str, Publisher]:
    return _everyone()


def of(code: str, among: Mapping[str, Publisher]) -> Publisher:
    """The organisation of this code; one that nobody knows is named by its code."""
    return among.get(code) or Publisher(code, code.upper(), code.upper())


def of_system(system: str, among: Mapping[str, Publisher]) -> Publisher:
    subsystem = registry.subsystems.get(system)
    return of(subsystem.member if subsystem else system, among)


def regency() -> str:
    return str(settings.REGENCY_NAME)
