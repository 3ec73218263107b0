"""Identifiers that sort by time (UUID version 7, RFC 9562 sections 5.7 and 6.2)."""

import os
import threading
import time
import uuid

TEN_SECONDS = 10_000 << 12
POOL = 4096
_lock = threading.Lock()
_last = 0
_pool = b""


def _forget() -> None:
    """A child process must not draw the random numbers of its parent."""
    global _pool
    _pool = b""


os.register_at_fork(after_in_child=_forget)


def new_id() -> uuid.UUID:
    """A fresh id; later ones sort after earlier ones (across processes: to the millisecond).

    A clock that is set back by more than ten seconds is followed.
    """
    return uuid.UUID(int=_fresh())


def new_name() -> str:
    """The same as text, in half the time."""
    text = f"{_fresh():032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _fresh() -> int:
    global _last, _pool
    moment = (time.time_ns() // 1_000_000) << 12
    with _lock:
        if len(_pool) < 9:
            _pool = os.urandom(POOL)
        drawn, _pool = _pool[:9], _pool[9:]
        moment |= drawn[0]
        if _last - moment < TEN_SECONDS:
            moment = max(moment, _last + 1)
        _last = moment
    milliseconds, order = moment >> 12, moment & 0xFFF
    value = (milliseconds << 80) | (7 << 76) | (order << 64) | (2 << 62)
    return value | int.from_bytes(drawn[1:]) >> 2
