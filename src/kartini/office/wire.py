"""Small HTTP calls to institutions outside the regency: bounded in time and size, never followed elsewhere."""

import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from kartini.exchange.dispatch import Away, Late, Rubbish

SECONDS = 8.0
MOST_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as an object. Raises ``Rubbish`` when it is none."""
        try:
            said = json.loads(self.body)
        except ValueError:
            raise Rubbish("not JSON") from None
        if not isinstance(said, dict):
            raise Rubbish("not an object")
        return said


def call(
    method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Reply:
    """One request on a connection of its own. Raises ``Away`` (5xx too), ``Late`` or ``Rubbish``."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    line = kind(parts.hostname or "", parts.port, timeout=SECONDS)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    deadline = time.monotonic() + SECONDS
    try:
        line.connect()
        with _cut_off_at(deadline, line):
            line.request(method, path, body, dict(headers or {}))
            answer = line.getresponse()
            content = answer.read(MOST_BYTES + 1)
            if answer.length and len(content) <= MOST_BYTES:
                raise ConnectionError
    except (OSError, HTTPException) as fault:
        raise _named(fault, deadline) from None
    finally:
        line.close()
    if answer.status >= 500:
        raise Away(str(answer.status))
    if len(content) > MOST_BYTES:
        raise Rubbish("too long")
    return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, content)


@contextmanager
def _cut_off_at(deadline: float, line: HTTPConnection) -> Iterator[None]:
    """A socket's own limit begins anew with each byte that drips in; this one does not."""
    sock = line.sock

    def cut() -> None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, deadline - time.monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _named(fault: Exception, deadline: float) -> Away | Late | Rubbish:
    if time.monotonic() >= deadline:
        return Late(f"{SECONDS:.0f} s")
    return (Away if isinstance(fault, OSError) else Rubbish)(type(fault).__name__)


def post_json(url: str, data: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Reply:
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    return call(
        "POST", url, body=body, headers={"Content-Type": "application/json", **(headers or {})}
    )
