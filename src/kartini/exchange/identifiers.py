"""Names on the exchange: ``JPR/GOV/dpmptsp/joss`` and ``JPR/GOV/dpmptsp/joss/joss.permit-by-number.v1``."""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

LONGEST_ID = 128
"""Of ``X-Road-Id``."""
_PART = re.compile(r"[A-Za-z0-9'()+,\-.=?]{1,100}")


class Malformed(Exception):
    """This is no identifier; says why."""


class Service(NamedTuple):
    instance: str
    member_class: str
    member: str
    subsystem: str
    code: str

    @property
    def provider(self) -> str:
        return "/".join(self[:4])


@lru_cache(maxsize=4096)
def part(raw: str) -> str:
    """One part of an identifier, percent-decoded; never a way out of its place."""
    try:
        text = unquote_to_bytes(raw).decode("ascii")
    except UnicodeDecodeError:
        raise Malformed("an identifier has letters, digits and '()+,-.=? only") from None
    if not _PART.fullmatch(text) or set(text) <= {"."}:
        raise Malformed("an identifier has letters, digits and '()+,-.=? only")
    return text


@lru_cache(maxsize=4096)
def client(text: str) -> str:
    """``X-Road-Client`` with a subsystem."""
    parts = text.split("/")
    if len(parts) != 4:
        raise Malformed("a client is instance/class/member/subsystem")
    return "/".join(map(part, parts))
