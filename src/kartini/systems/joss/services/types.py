"""Permit types: offered as shipped, pinned when somebody applies."""

from datetime import datetime

from kartini.systems.joss.engine import loader
from kartini.systems.joss.engine.definition import Definition
from kartini.systems.joss.models import PermitType


class NoSuchType(Exception):
    """No permit type has this code."""


def offered() -> list[Definition]:
    """The types that can be applied for, by sector and title."""
    return sorted(loader.shipped().values(), key=lambda d: (d.sector.id, d.title.id))


def offer(code: str) -> Definition:
    try:
        return loader.shipped()[code]
    except KeyError:
        raise NoSuchType(code) from None


def pin(definition: Definition, *, at: datetime) -> PermitType:
    """The stored row of exactly this version; the same words are stored once."""
    pinned, _new = PermitType.objects.get_or_create(
        code=definition.code,
        digest=definition.digest,
        defaults={
            "version": definition.version,
            "title_id": definition.title.id,
            "title_en": definition.title.en,
            "sector": definition.sector.id,
            "agencies": sorted(definition.agencies | {definition.owner.agency}),
            "definition": definition.dump(),
            "pinned_at": at,
        },
    )
    return pinned
