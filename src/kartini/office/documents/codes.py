"""Verification codes: twelve signs without I, L, O and U, in three groups; 60 bits that nobody can guess."""

import re

from django.utils.crypto import salted_hmac

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALIKE = str.maketrans("OIL", "011")


def code_of(thing: str) -> str:
    """Made from what the document is issued for and a key of this house: typeset again, it bears the same."""
    digest = salted_hmac("office.document-code", thing, algorithm="sha256").digest()
    plain = "".join(SIGNS[byte % 32] for byte in digest[:12])
    return "-".join((plain[:4], plain[4:8], plain[8:]))


def tidy(typed: str) -> str:
    """The code as the register has it, from what a person typed; empty when it can be none."""
    plain = re.sub(r"[\s\-–.]", "", typed[:40]).upper().translate(_ALIKE)
    if len(plain) != 12 or not set(plain) <= set(SIGNS):
        return ""
    return "-".join((plain[:4], plain[4:8], plain[8:]))


def masked(name: str) -> str:
    """``Siti Nur Aisyah`` → ``S••• N•• A•••••``: enough to compare with the paper in hand."""
    return " ".join(word[0] + "•" * (len(word) - 1) for word in name.split())
