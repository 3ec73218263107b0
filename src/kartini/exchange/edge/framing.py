"""What of a head is refused before anybody reads it (RFC 9112)."""

import re
from collections.abc import Sequence

from kartini.exchange.edge.http import MOST_HEADERS, Header, Refused

TOO_LARGE = Refused(431, "Headers too large", f"At most {MOST_HEADERS} bytes of headers.")
NOT_HTTP = Refused(400, "Bad request", "This is not HTTP/1.1.")
NO_HOST = Refused(400, "Bad request", "One Host is needed.")
NO_TUNNEL = Refused(405, "Method not allowed", "This is no proxy.", allow="GET, POST")
LONG_TARGET = Refused(414, "Address too long", f"At most {MOST_HEADERS} bytes.")
OTHER_CODING = Refused(501, "Not implemented", "Of the transfer codings, only chunked is known.")
OTHER_VERSION = Refused(505, "HTTP version not supported", "Use HTTP/1.1.")
TOO_SLOW = Refused(408, "Too slow", "The request did not come in time.")
TOO_MANY = Refused(503, "Too many connections", "Come again in a moment.", **{"retry-after": "5"})
_HOST = re.compile(rb"[\w.~%!$&'()*+,;=:\[\]-]*")


def wrong(target: bytes, headers: Sequence[Header], version: str, method: str) -> Refused | None:
    """What RFC 9112 wants refused, and the parser lets through."""
    if version not in {"1.0", "1.1"}:
        return OTHER_VERSION
    if method == "CONNECT":
        return NO_TUNNEL
    if len(target) > MOST_HEADERS:
        return LONG_TARGET
    hosts = [value for name, value in headers if name == b"host"]
    coded = [value for name, value in headers if name == b"transfer-encoding"]
    if len(hosts) > 1 or (not hosts and version == "1.1"):
        return NO_HOST
    if hosts and not _HOST.fullmatch(hosts[0]):
        return NO_HOST
    if coded and (len(coded) > 1 or coded[0].strip().lower() != b"chunked"):
        return OTHER_CODING
    return NOT_HTTP if coded and version == "1.0" else None


def is_expected(headers: Sequence[Header]) -> bool:
    return any(name == b"expect" and value.lower() == b"100-continue" for name, value in headers)
