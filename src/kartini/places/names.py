"""Names of places by their code, kept in the process: they change once in years."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

from kartini.places.models import VILLAGE_LEVELS, Place

KEPT_SECONDS = 300.0


@dataclass(frozen=True)
class Named:
    """What a name needs: the code, the bare name, the level, and the place it lies in."""

    code: str
    name: str
    level: str
    parent: str | None
    ended: bool = False

    @property
    def is_village(self) -> bool:
        return self.level in VILLAGE_LEVELS

    @property
    def label(self) -> str:
        return label(self.code)


_kept: dict[str, Named] = {}
_read_at = 0.0


def every() -> Mapping[str, Named]:
    """All places by code, in the order of their codes; those that ended too."""
    global _kept, _read_at
    if not _kept or time.monotonic() - _read_at > KEPT_SECONDS:
        rows = Place.objects.order_by("code").values_list(
            "code", "name", "level", "parent_id", "ended_on"
        )
        _kept = {row[0]: Named(*row[:4], ended=row[4] is not None) for row in rows}
        _read_at = time.monotonic()
    return _kept


def forget() -> None:
    """Read the names anew next time."""
    _kept.clear()


def name(code: str) -> str:
    """The bare name, ``Tahunan``; an unknown code stands for itself."""
    place = every().get(code)
    return place.name if place else code


def label(code: str) -> str:
    """``Desa Tahunan, Kec. Tahunan``; an unknown code stands for itself."""
    place = every().get(code)
    if place is None:
        return code
    if place.level == Place.Level.REGENCY:
        return gettext("Kabupaten %(name)s") % {"name": place.name}
    if place.level == Place.Level.KECAMATAN:
        return gettext("Kec. %(name)s") % {"name": place.name}
    kind = "Desa" if place.level == Place.Level.DESA else "Kelurahan"
    return f"{kind} {place.name}, {label(place.parent or '')}"


def kecamatan() -> list[Named]:
    return [p for p in every().values() if p.level == Place.Level.KECAMATAN and not p.ended]


def villages() -> list[Named]:
    return [place for place in every().values() if place.is_village and not place.ended]


def village_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices for a form, grouped by kecamatan."""
    return [
        (k.name, [(v.code, v.name) for v in villages() if v.parent == k.code]) for k in kecamatan()
    ]


def find(words: str, *, most: int = 20) -> list[Named]:
    """Places whose name holds the words, or whose Kemendagri code begins with them; villages last."""
    wanted = words.casefold()
    standing = [p for p in every().values() if not p.ended]
    fits = [p for p in standing if wanted in p.name.casefold() or p.code.startswith(words)]
    return sorted(fits, key=lambda p: (p.is_village, p.name.casefold() != wanted, p.name))[:most]
