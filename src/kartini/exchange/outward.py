"""A plain question to an address outside, from a thread that may wait: for work by the clock, not for calls."""

import urllib.error
import urllib.request
from typing import NamedTuple
from urllib.parse import urlsplit

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


class _Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are not followed: an address is what was configured."""

    def redirect_request(self, *_args: object, **_more: object) -> None:
        return None


def ask(url: str, body: bytes | None = None, kind: str = "text/plain") -> Said:
    """GET, or POST with a body. Any status is an answer."""
    if urlsplit(url).scheme not in {"http", "https"}:
        raise NoAnswer(f"{url} is no http address")
    request = urllib.request.Request(url, body, {"Content-Type": kind} if body is not None else {})  # noqa: S310 — looked at above
    opener = urllib.request.build_opener(_Stay)
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            return Said(answer.status, _read(answer))
    except urllib.error.HTTPError as refusal:
        with refusal:
            return Said(refusal.code, _read(refusal))
    except (OSError, ValueError) as fault:
        raise NoAnswer(f"{urlsplit(url).netloc}: {type(fault).__name__}") from fault


def _read(answer: "urllib.response.addinfourl | urllib.error.HTTPError") -> bytes:
    body: bytes = answer.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise NoAnswer("the answer is too long")
    return body
