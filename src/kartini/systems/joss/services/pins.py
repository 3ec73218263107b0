"""The PIN with which anyone who has it follows an application without signing in."""

import secrets

from django.utils.crypto import constant_time_compare, salted_hmac


def new_pin() -> str:
    """Six digits."""
    return f"{secrets.randbelow(1_000_000):06d}"


def hashed(number: str, pin: str) -> str:
    """Keyed with the house's secret: six digits alone could be tried out against a stolen table."""
    return salted_hmac("joss.pin", f"{number}:{pin}", algorithm="sha256").hexdigest()


def fits(number: str, pin: str, kept: str) -> bool:
    """Is it the right PIN? Takes as long when there is nothing to compare with."""
    return constant_time_compare(hashed(number, pin), kept or "0" * 64)
