"""Phone numbers as people type them (0812…, 62812…, +62 812-…), kept as +62812…."""

import phonenumbers

REGION = "ID"


class NoPhone(Exception):
    """These characters are no telephone number."""


def clean(typed: str) -> str:
    """The number in E.164. Raises ``NoPhone``."""
    text = typed.strip()
    if text.startswith("62"):
        text = f"+{text}"
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        raise NoPhone from None
    if not phonenumbers.is_possible_number(number) or not text.isascii():
        raise NoPhone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def masked(number: str) -> str:
    """``+62 812 •••• 9002``."""
    return f"{number[:3]} {number[3:6]} •••• {number[-4:]}" if len(number) > 9 else "••••"
