"""Numbers, money, days and moments as people write them, in Indonesian (``id``) and English (``en``).

Pure: the language, the clock and the time zone are arguments. The template words pass the active ones.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

NOTHING: Final = "–"
MONTHS: Final = {
    "id": [
        "Januari",
        "Februari",
        "Maret",
        "April",
        "Mei",
        "Juni",
        "Juli",
        "Agustus",
        "September",
        "Oktober",
        "November",
        "Desember",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
DAYS: Final = {
    "id": ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
}
ZONES: Final = {7: "WIB", 8: "WITA", 9: "WIT"}
Number = int | float | Decimal


def _key(language: str) -> str:
    return "en" if language.startswith("en") else "id"


def number(value: Number | None, places: int | None = None, *, language: str = "id") -> str:
    """``1.234.567,5``; with ``places`` rounded half up, else as many as the value has (at most 6)."""
    if value is None:
        return NOTHING
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        return NOTHING
    if not exact.is_finite():
        return NOTHING
    if places is None:
        places = min(6, max(0, -int(exact.normalize().as_tuple().exponent)))
    rounded = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{abs(rounded):,.{places}f}"
    if _key(language) == "id":
        text = text.translate(str.maketrans(",.", ".,"))
    return f"−{text}" if rounded < 0 else text


def rupiah(value: int | None, *, language: str = "id") -> str:
    """``Rp 1.250.000``. Whole rupiah only, as everywhere in the house."""
    if value is None:
        return NOTHING
    sign = "−" if value < 0 else ""
    return f"{sign}Rp {number(abs(value), 0, language=language)}"


def percent(value: Number | None, places: int = 1, *, language: str = "id") -> str:
    """``94,2 %`` of a value that is already in percent."""
    return NOTHING if value is None else f"{number(value, places, language=language)} %"


def file_size(size_bytes: int | None, *, language: str = "id") -> str:
    """``238 KB``, ``1,2 MB`` (1 KB is 1,000 bytes)."""
    if size_bytes is None:
        return NOTHING
    if size_bytes < 1_000_000:
        return f"{number(max(1, round(size_bytes / 1000)), language=language)} KB"
    return f"{number(Decimal(size_bytes) / 1_000_000, 1, language=language)} MB"


def long_date(day: date | None, *, language: str = "id", weekday: bool = False) -> str:
    """``24 November 2026``; with ``weekday`` ``Selasa, 24 November 2026``."""
    if day is None:
        return NOTHING
    key = _key(language)
    text = f"{day.day} {MONTHS[key][day.month - 1]} {day.year}"
    return f"{DAYS[key][day.weekday()]}, {text}" if weekday else text


def clock(at: datetime, *, language: str = "id") -> str:
    """``09.14 WIB``: the hour in the zone that ``at`` carries, with the zone's Indonesian name."""
    offset = at.utcoffset() or timedelta()
    zone = ZONES.get(round(offset / timedelta(hours=1)), at.tzname() or "")
    mark = ":" if _key(language) == "en" else "."
    return f"{at:%H}{mark}{at:%M} {zone}".rstrip()


def moment(at: datetime | None, *, language: str = "id") -> str:
    """``24 November 2026, 09.14 WIB``."""
    if at is None:
        return NOTHING
    return f"{long_date(at.date(), language=language)}, {clock(at, language=language)}"


def ago(at: datetime | date | None, now: datetime, *, language: str = "id") -> str:
    """How long ago, in the largest fitting unit: ``4 menit lalu``, ``kemarin``, ``3 hari lalu``, ``5 hari lagi``."""
    if at is None:
        return NOTHING
    say = _say_id if _key(language) == "id" else _say_en
    if isinstance(at, datetime):
        seconds = (now - at).total_seconds()
        if abs(seconds) < 60:
            return say("now", 0, past=True)
        if abs(seconds) < 3600:
            return say("minute", round(abs(seconds) // 60), past=seconds > 0)
        same_day = at.astimezone(now.tzinfo).date() == now.date()
        if abs(seconds) < 12 * 3600 or same_day:
            return say("hour", round(abs(seconds) // 3600), past=seconds > 0)
        at = at.astimezone(now.tzinfo).date()
    return _days(at, now.date(), say)


def _days(day: date, today: date, say: Callable[..., str]) -> str:
    days = (today - day).days
    if abs(days) < 60:
        return say("day", abs(days), past=days >= 0)
    if abs(days) < 730:
        return say("month", abs(days) // 30, past=days > 0)
    return say("year", abs(days) // 365, past=days > 0)


def _say_id(unit: str, count: int, *, past: bool) -> str:
    if unit == "now":
        return "baru saja"
    if unit == "day" and count < 2:
        return ("hari ini", "kemarin" if past else "besok")[count]
    words = {"minute": "menit", "hour": "jam", "day": "hari", "month": "bulan", "year": "tahun"}
    return f"{count} {words[unit]} {'lalu' if past else 'lagi'}"


def _say_en(unit: str, count: int, *, past: bool) -> str:
    if unit == "now":
        return "just now"
    if unit == "day" and count < 2:
        return ("today", "yesterday" if past else "tomorrow")[count]
    counted = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{counted} ago" if past else f"in {counted}"


def masked_nik(nik: str) -> str:
    """``3320 •••• •••• 0002``: enough to recognise one's own, too little to use."""
    digits = "".join(nik.split())
    if len(digits) != 16:
        return NOTHING
    return f"{digits[:4]} •••• •••• {digits[-4:]}"


def initials(name: str) -> str:
    """Two letters for an avatar; titles such as ``dr.`` and ``S.H.`` do not count."""
    words = [
        word for word in name.replace(",", " ").split() if "." not in word and word[0].isalpha()
    ]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def harmless(cell: object) -> str:
    """A cell of a file for spreadsheets: none takes a name for a formula and runs it."""
    text = str(cell)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
