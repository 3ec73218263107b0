"""What the civil registry (Dukcapil) answers about residents."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from kartini.contracts.base import Contract, Query

Nik = Annotated[str, Field(pattern=r"^[0-9]{16}$")]


class Resident(Contract):
    """One resident as the registry knows them. ``found`` is false when no such NIK exists.

    ``status`` is the registry's own word: alive, dead or moved (out of the regency).
    """

    example = {
        "found": True,
        "name": "Siti Nur Aisyah",
        "birth_place": "Jepara",
        "birth_on": "1995-04-22",
        "sex": "F",
        "address": "RT 03 RW 02, Desa Tahunan",
        "village_code": "33.20.11.2012",
        "status": "alive",
    }

    found: bool
    name: str | None = None
    birth_place: str | None = None
    birth_on: date | None = None
    sex: Literal["F", "M"] | None = None
    address: str | None = None
    village_code: str | None = None
    status: Literal["alive", "dead", "moved"] | None = None


class ResidentByNik(Query[Resident]):
    """Who is the resident with this NIK?"""

    name = "dukcapil.resident-by-nik.v1"
    example = {"nik": "3320116204959002"}

    nik: Nik
