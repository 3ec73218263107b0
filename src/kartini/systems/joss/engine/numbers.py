"""Numbers of letters and permits."""

from calendar import monthrange
from datetime import date, timedelta

ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


def permit_number(pattern: str, serial: int, on: date) -> str:
    """``500.16.7/{serial:04}/SIPP/{year}`` with 123 in 2026 is ``500.16.7/0123/SIPP/2026``."""
    return pattern.format(serial=serial, year=on.year, month=ROMAN[on.month - 1])


def application_number(year: int, serial: int) -> str:
    return f"JOSS-{year}-{serial:06d}"


def end_of_validity(kind: str, amount: int, until: date | None, start: date) -> date | None:
    """The last day on which the permit holds; ``None`` when it does not end by itself."""
    if kind == "until-field":
        return until
    if kind == "days":
        return start + timedelta(days=amount)
    if kind in {"years", "months"}:
        return shift_months(start, amount * (12 if kind == "years" else 1))
    return None


def shift_months(start: date, months: int) -> date:
    """The same day in another month, or that month's last day when it is shorter."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
