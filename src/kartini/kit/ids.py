"""Identifiers that sort by time (UUID version 7, RFC 9562 sections 5.7 and 6.2)."""

import secrets
import threading
import time
import uuid

TEN_SECONDS = 10_000 << 12
_lock = threading.Lock()
_last = 0


def new_id() -> uuid.UUID:
    """A fresh id; later ones sort after earlier ones (across processes: to the millisecond).

    A clock that is set back by more than ten seconds is followed.
    """
    global _last
    moment = (time.time_ns() // 1_000_000) << 12 | secrets.randbits(8)
    with _lock:
        if _last - moment < TEN_SECONDS:
            moment = max(moment, _last + 1)
        _last = moment
    milliseconds, order = moment >> 12, moment & 0xFFF
    value = (milliseconds << 80) | (7 << 76) | (order << 64) | (2 << 62)
    return uuid.UUID(int=value | secrets.randbits(62))
