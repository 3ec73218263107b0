"""Asking a system at an address of its own, from a thread: signed, limited in time and size, retried once.

What goes over the wire is what an information system behind an X-Road security server would see: POST with
JSON and ``X-Road-*`` headers, and our signature (RFC 9421).
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from functools import partial
from queue import Empty, SimpleQueue
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from nacl.signing import SigningKey

from kartini.exchange import signatures
from kartini.exchange.call import Call
from kartini.exchange.errors import ProviderFailed, TooSlow

MOST_BYTES = 10 * 1024 * 1024
PIECE = 64 * 1024
NOTHING: Mapping[str, str] = MappingProxyType({})
Connection = http.client.HTTPConnection
_idle: dict[tuple[str, str], SimpleQueue[Connection]] = {}


def headers_for(
    call: Call, url: str, key: SigningKey, method: str = "POST", passed: Mapping[str, str] = NOTHING
) -> dict[str, str]:
    """What a provider learns of a call, and that it is this exchange that asks. ``passed`` are the caller's own words."""
    said = {
        "content-digest": signatures.digest(call.question),
        "x-road-client": call.client,
        "x-road-id": call.request or call.id,
    }
    besides = (call.service, call.id, call.purpose, call.organisation)
    said |= {k: v for k, v in zip(signatures.BESIDES, besides, strict=True) if v}
    said |= passed
    values = {"@method": method, "@target-uri": url, **said}
    signed = signatures.sign(
        values,
        ("@method", "@target-uri", *said),
        key,
        keyid=signatures.key_id(bytes(key.verify_key)),
        created=int(time.time()),
        nonce=call.id,
    )
    return {
        "content-type": "application/json",
        "accept": "application/json",
        **said,
        **signed,
    }


def ask(call: Call, url: str, seconds: float) -> bytes:
    """The body of a good answer. Raises ``TooSlow`` or ``ProviderFailed``."""
    status, body = reply(call, url, seconds)
    if status != http.client.OK:
        raise ProviderFailed(f"{call.service}: HTTP {status}")
    return body


def reply(call: Call, url: str, seconds: float) -> tuple[int, bytes]:
    """Whatever it says, with its status. Raises ``TooSlow`` or ``ProviderFailed`` when it says nothing."""
    deadline = time.monotonic() + seconds
    headers = headers_for(call, url, call.keys.voice)
    try:
        return send("POST", url, call.question, headers, deadline)
    except TimeoutError as late:
        raise TooSlow(call.service) from late
    except (OSError, http.client.HTTPException, ValueError) as fault:
        raise ProviderFailed(f"{call.service}: {type(fault).__name__}") from fault


def send(
    method: str,
    url: str,
    body: bytes | None,
    headers: Mapping[str, str],
    deadline: float,
    *,
    most: int = MOST_BYTES,
) -> tuple[int, bytes]:
    """A connection that lay idle may have been closed meanwhile: then once more on a new one."""
    parts = urlsplit(url)
    idle = _idle.setdefault((parts.scheme, parts.netloc), SimpleQueue())
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        line, fresh = idle.get_nowait(), False
    except Empty:
        line, fresh = _connect(parts), True
    while True:
        try:
            line.timeout = _left(deadline)
            if line.sock is not None:
                line.sock.settimeout(line.timeout)
            line.response_class = partial(_Answer, deadline=deadline)  # type: ignore[assignment]
            line.request(method, path, body, dict(headers))
            answer = line.getresponse()
            content = _read(answer, most)
        except (ConnectionError, http.client.BadStatusLine, http.client.CannotSendRequest):
            line.close()
            if fresh:
                raise
            line, fresh = _connect(parts), True
        except BaseException:
            line.close()
            raise
        else:
            if not answer.will_close:
                idle.put(line)
            return answer.status, content


def _connect(parts: Any) -> Connection:
    if parts.scheme == "https":
        return http.client.HTTPSConnection(
            parts.hostname, parts.port, context=ssl.create_default_context()
        )
    return http.client.HTTPConnection(parts.hostname, parts.port)


class _Answer(http.client.HTTPResponse):
    """An answer whose head and body end at one moment: a socket's own limit begins anew with each byte that drips in."""

    def __init__(self, sock: socket.socket, *args: Any, deadline: float, **more: Any) -> None:
        super().__init__(sock, *args, **more)
        self.fp = io.BufferedReader(_Until(sock, deadline))


class _Until(io.RawIOBase):
    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock, self._deadline = sock, deadline
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(_left(self._deadline))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _read(answer: http.client.HTTPResponse, most: int) -> bytes:
    """All of it, unless it is too much."""
    pieces: list[bytes] = []
    size = 0
    while True:
        piece = answer.read1(PIECE)
        if not piece:
            if answer.length:
                raise http.client.IncompleteRead(b"", answer.length)
            answer.close()
            return b"".join(pieces)
        pieces.append(piece)
        size += len(piece)
        if size > most:
            raise ValueError("the answer is too long")


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
