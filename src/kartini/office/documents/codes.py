"""Verification codes: twelve signs without I, L, O and U, in three groups; 60 random bits."""

import re
import secrets

SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALIKE = str.maketrans("OIL", "011")


def new_code() -> str:
    plain = "".join(secrets.choice(SIGNS) for _ in range(12))
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
