"""Who applies: what Dukcapil answered, or what the person wrote by hand until it answers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from kartini.contracts.dukcapil import Resident
from kartini.people import persons
from kartini.people.models import Person
from kartini.places import names

DUKCAPIL = "dukcapil"
BY_HAND = "hand"
ASKED = ("name", "birth_place", "birth_on", "sex", "address", "village_code")


@dataclass(frozen=True)
class Identity:
    """``source`` is ``dukcapil`` or ``hand``. ``doubt`` says why it is not from Dukcapil: ``away`` (no answer),
    ``unknown`` (no such NIK), ``different`` (another birth date than the account's), ``moved``, ``dead``, ``withheld``
    (not everything was told)."""

    name: str = ""
    birth_place: str = ""
    birth_on: str = ""
    sex: str = ""
    address: str = ""
    village_code: str = ""
    source: str = BY_HAND
    doubt: str = ""
    verified_at: datetime | None = None

    @property
    def verified(self) -> bool:
        return self.verified_at is not None

    def facts(self) -> dict[str, Any]:
        """As kept with the application."""
        return {name: value for name, value in asdict(self).items() if name in ASKED} | {
            "doubt": self.doubt
        }

    def missing(self) -> list[str]:
        """What the certificate and the file need and nobody knows yet."""
        return [n for n in ("name", "birth_on", "address", "village_code") if not getattr(self, n)]


def from_resident(resident: Resident, *, person: Person, at: datetime) -> Identity:
    """What the registry's answer means for this person. Anything but a clean match goes on by hand."""
    if not resident.found:
        return by_hand(person, doubt="unknown")
    if person.birth_on and resident.birth_on and resident.birth_on != person.birth_on:
        return by_hand(person, doubt="different")
    if resident.status in {"dead", "moved"}:
        return by_hand(person, doubt=resident.status)
    known = Identity(
        name=resident.name or person.name,
        birth_place=resident.birth_place or "",
        birth_on=resident.birth_on.isoformat() if resident.birth_on else "",
        sex=resident.sex or "",
        address=resident.address or "",
        village_code=resident.village_code or "",
        source=DUKCAPIL,
        verified_at=at,
    )
    if known.missing():
        return replace(known, source=BY_HAND, verified_at=None, doubt="withheld")
    return known


def by_hand(person: Person, *, doubt: str) -> Identity:
    """What the account knows, as a start for what the person writes."""
    return Identity(
        name=person.name,
        birth_place=person.birth_place,
        birth_on=person.birth_on.isoformat() if person.birth_on else "",
        sex=person.sex,
        address=person.address,
        village_code=person.village_code,
        doubt=doubt,
    )


def full_address(known: Mapping[str, Any]) -> str:
    """Address and village in one line; a registry may have named the village in the address already."""
    address, code = str(known.get("address") or ""), str(known.get("village_code") or "")
    if not code:
        return address
    village, _comma, district = names.label(code).partition(", ")
    place = district if village.casefold() in address.casefold() else names.label(code)
    return ", ".join(part for part in (address, place) if part)


def nik_of(person: Person) -> str:
    """The NIK to ask with; it goes nowhere else."""
    return persons.nik_of(person)
