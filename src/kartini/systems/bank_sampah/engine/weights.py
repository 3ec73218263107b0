"""Weights as people write them, and what they are worth. Grams and rupiah are whole numbers."""

import re
from decimal import Decimal

GRAMS_PER_KILOGRAM = 1000
_WRITTEN = re.compile(r"(?P<whole>[0-9]{1,7})(?:(?P<mark>[.,])(?P<rest>[0-9]{1,7}))?")


class NotAWeight(Exception):
    """Cannot be read as kilograms. ``reason``: ``empty``, ``letters``, ``negative``, ``ambiguous``, ``finer-than-a-gram``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def grams(written: str) -> int:
    """Read kilograms: ``2,5`` and ``2.5`` are 2,500 g; ``12`` is 12,000 g; ``0,250`` is 250 g.

    A point before exactly three digits is read as thousands by one person and as decimals by the next
    (``9.000``): it is refused as ambiguous, unless the number before it is 0. With a comma (``9,000``) it
    is nine kilograms, as Indonesians write decimals.
    """
    text = re.sub(r"\s*kg\.?$", "", written.strip().lower())
    if not text:
        raise NotAWeight("empty")
    if text.startswith(("-", "−")):
        raise NotAWeight("negative")
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise NotAWeight("letters")
    rest = found["rest"] or ""
    if found["mark"] == "." and len(rest) == 3 and int(found["whole"]):
        raise NotAWeight("ambiguous")
    if len(rest.rstrip("0")) > 3:
        raise NotAWeight("finer-than-a-gram")
    return int(found["whole"]) * GRAMS_PER_KILOGRAM + int(rest.ljust(3, "0")[:3])


def worth(grams: int, rupiah_per_kilogram: int) -> int:
    """The price of a weight, rounded half up to whole rupiah (the phone computes the same)."""
    return (grams * rupiah_per_kilogram + GRAMS_PER_KILOGRAM // 2) // GRAMS_PER_KILOGRAM


def kilograms(grams: int) -> Decimal:
    """For pages and contracts."""
    return Decimal(grams) / GRAMS_PER_KILOGRAM
