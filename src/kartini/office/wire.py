"""Small HTTP calls to providers outside the regency: bounded in time and size, never followed elsewhere."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

SECONDS = 8
MOST_BYTES = 20 * 1024 * 1024


class Unreachable(Exception):
    """No usable answer: refused, timed out, broken off, or too long."""


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as an object. Raises ``Unreachable`` when it is none."""
        try:
            said = json.loads(self.body)
        except ValueError:
            raise Unreachable("not JSON") from None
        if not isinstance(said, dict):
            raise Unreachable("not an object")
        return said


def call(
    method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Reply:
    """One request. Raises ``Unreachable``."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    line = kind(parts.hostname or "", parts.port, timeout=SECONDS)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        line.request(method, path, body, dict(headers or {}))
        answer = line.getresponse()
        content = answer.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise Unreachable("too long")
        return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, content)
    except (OSError, HTTPException) as fault:
        raise Unreachable(type(fault).__name__) from None
    finally:
        line.close()


def post_json(url: str, data: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Reply:
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    return call(
        "POST", url, body=body, headers={"Content-Type": "application/json", **(headers or {})}
    )
