"""Identifiers that sort by time (UUID version 7, RFC 9562 section 5.7)."""

import secrets
import time
import uuid


def new_id() -> uuid.UUID:
    """A fresh id; later ones sort after earlier ones (to the millisecond)."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | (7 << 76) | (secrets.randbits(12) << 64)
    return uuid.UUID(int=value | (2 << 62) | secrets.randbits(62))
