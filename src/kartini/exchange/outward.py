"""A plain question to an address outside, from a thread that may wait: for work by the clock, not for calls."""

import time
from http.client import HTTPException
from typing import NamedTuple
from urllib.parse import urlsplit

from kartini.exchange import remote

SECONDS = 10.0
MOST_BYTES = 1024 * 1024


class NoAnswer(Exception):
    """Nobody is there, or what came is no answer."""


class Said(NamedTuple):
    status: int
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


def ask(url: str, body: bytes | None = None, kind: str = "text/plain") -> Said:
    """GET, or POST with a body. Any status is an answer, also one that leads elsewhere: an address is what was
    configured. Limited in time, however it drips, and in size."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        raise NoAnswer(f"{url} is no http address")
    method = "GET" if body is None else "POST"
    headers = {} if body is None else {"Content-Type": kind}
    deadline = time.monotonic() + SECONDS
    try:
        return Said(*remote.send(method, url, body, headers, deadline, most=MOST_BYTES))
    except (OSError, HTTPException, ValueError) as fault:
        raise NoAnswer(f"{parts.netloc}: {type(fault).__name__}") from fault
