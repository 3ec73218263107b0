"""The population number (NIK): sixteen digits PPKKCC DDMMYY SSSS, women with 40 added to the day.

It has no check digit. The area is where the number was first given, not where the person lives; the
year has two digits. So its form is checked, and what disagrees with it is a warning, never a refusal.
"""

from dataclasses import dataclass
from datetime import date

from stdnum.id import nik as stdnum_nik

LENGTH = 16
WOMAN = 40


class NikMalformed(Exception):
    """Not a NIK by form. ``reason`` is ``letters``, ``length``, ``date`` or ``serial``."""

    def __init__(self, reason: str, *, digits: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.digits = digits


@dataclass(frozen=True)
class Spelled:
    """What the digits say: the regency code where it was given, day and month, possible years, and sex."""

    region: str
    born: tuple[date, ...]
    sex: str


def clean(typed: str) -> str:
    """The sixteen digits of what was typed (spaces, dots and dashes are left out). Raises ``NikMalformed``."""
    digits = stdnum_nik.compact(typed)
    if not digits.isascii() or not digits.isdigit():
        raise NikMalformed("letters")
    if len(digits) != LENGTH:
        raise NikMalformed("length", digits=len(digits))
    if digits[12:] == "0000":
        raise NikMalformed("serial")
    if not _dates(digits):
        raise NikMalformed("date")
    return digits


def spelled(digits: str) -> Spelled:
    """Read a clean NIK."""
    return Spelled(
        region=f"{digits[:2]}.{digits[2:4]}",
        born=_dates(digits),
        sex="F" if int(digits[6:8]) > WOMAN else "M",
    )


def doubts(digits: str, *, birth_on: date | None = None, sex: str = "") -> list[str]:
    """What disagrees with the number: ``birth`` or ``sex``. Reasons to look twice, not to refuse."""
    said = spelled(digits)
    found = []
    if birth_on and birth_on not in said.born:
        found.append("birth")
    if sex and sex != said.sex:
        found.append("sex")
    return found


def masked(digits: str) -> str:
    """``3320 •••• •••• 9002``."""
    return f"{digits[:4]} •••• •••• {digits[-4:]}"


def _dates(digits: str) -> tuple[date, ...]:
    """The birth dates that these digits can mean, one per century."""
    day, month, year = int(digits[6:8]), int(digits[8:10]), int(digits[10:12])
    day = day - WOMAN if day > WOMAN else day
    found = []
    for century in (1900, 2000):
        try:
            found.append(date(century + year, month, day))
        except ValueError:
            continue
    return tuple(found)
