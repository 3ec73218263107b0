"""Names on the exchange: ``JPR/GOV/dpmptsp/joss`` and ``JPR/GOV/dpmptsp/joss/joss.permit-by-number.v1``."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import unquote_to_bytes

LONGEST_ID = 128
"""Of ``X-Road-Id``."""
_PART = re.compile(r"[A-Za-z0-9'()+,\-.=?]{1,100}")


class Malformed(Exception):
    """This is no identifier; says why."""


@dataclass(frozen=True)
class Service:
    """What is asked: ``name`` is all of it, ``provider`` the subsystem that is to answer."""

    instance: str
    member_class: str
    member: str
    subsystem: str
    code: str

    @cached_property
    def provider(self) -> str:
        return f"{self.instance}/{self.member_class}/{self.member}/{self.subsystem}"

    @cached_property
    def name(self) -> str:
        return f"{self.provider}/{self.code}"


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
