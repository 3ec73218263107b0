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


def shown(number: str) -> str:
    """``+62 812-0000-9002``; what is no number stays as it is."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
