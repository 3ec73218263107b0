"""A request and a reply."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from functools import cached_property
from itertools import chain
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

import orjson

Header = tuple[bytes, bytes]
MOST_BODY = 2 * 1024 * 1024
MOST_HEADERS = 32 * 1024
BODY_SECONDS = 10.0
ADDED_BY_THE_PROXY = frozenset({b"x-forwarded-for", b"x-forwarded-proto", b"x-request-id"})
_PRINTABLE = bytes(code for code in range(256) if chr(code).isprintable())
_ELSEWHERE = re.compile(rb"https?://[^/?#]*/?", re.IGNORECASE)


class Reply(NamedTuple):
    status: int
    body: bytes = b""
    kind: str = "application/json"
    headers: Mapping[str, str] = MappingProxyType({})


def json(data: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(status, orjson.dumps(data), headers=headers)


def text(words: str) -> Reply:
    return Reply(200, words.encode(), "text/plain; charset=utf-8")


def problem(status: int, title: str, detail: str, **headers: str) -> Reply:
    """RFC 9457."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Reply(status, orjson.dumps(body), "application/problem+json", headers)


class Refused(Exception):
    """The request cannot be answered, and why."""

    def __init__(self, status: int, title: str, detail: str, **headers: str) -> None:
        super().__init__(title)
        self.status, self.title, self.detail, self.headers = status, title, detail, headers

    @property
    def reply(self) -> Reply:
        return problem(self.status, self.title, self.detail, **self.headers)


class Request:
    """What came in. Headers, query and body are read only when asked for. ``read`` gives the body, or refuses one
    that is longer than it is told. ``headers`` have lower-case names, ``names`` are those as they were sent."""

    def __init__(
        self,
        method: str,
        target: bytes,
        headers: Sequence[Header],
        peer: str,
        read: Callable[[int], Awaitable[bytes]],
        names: Sequence[bytes],
    ) -> None:
        self.method, self.peer = method, peer
        if target[:1] != b"/":  # with scheme and host, as one asks a proxy (RFC 9112, 3.2.2)
            target = _ELSEWHERE.sub(b"/", target, count=1)
        #: as it was sent: percent signs and all
        self.target = target.decode("ascii", "replace")
        self.raw_path, _mark, self.raw_query = self.target.partition("?")
        self.path = unquote(self.raw_path) if "%" in self.raw_path else self.raw_path
        self._headers, self._read, self._names = headers, read, names
        self._given = dict(headers)
        self._words: dict[str, str] = {}

    @property
    def given_id(self) -> str:
        """What the proxy or the caller calls this request; one id goes through all processes."""
        found = self._given.get(b"x-request-id") or self._given.get(b"x-road-id") or b""
        return found.decode("latin-1")

    @property
    def address(self) -> str:
        """Whose request it is: what the proxy on this machine says, else where the connection comes from."""
        given = self._forwarded_for
        return given.rpartition(",")[2].strip()[:45] if given else self.peer

    @property
    def _forwarded_for(self) -> str:
        """What only the proxy on this machine may say; empty when there is none between."""
        if self.peer not in {"127.0.0.1", "::1"}:
            return ""
        return self._given.get(b"x-forwarded-for", b"").decode("latin-1")

    @property
    def headers(self) -> dict[str, str]:
        """By lower-case name; where one comes several times, the last counts."""
        if not self._words:
            self._words = self._decoded()
        return self._words

    def _decoded(self) -> dict[str, str]:
        """All at once, since each turn costs: parted by line breaks, which none of them may hold."""
        pieces = [*chain.from_iterable(self._headers)]
        raw = b"\n".join(pieces)
        if len(raw) >= MOST_HEADERS + len(pieces):
            raise Refused(431, "Headers too large", f"At most {MOST_HEADERS} bytes of headers.")
        if len(raw.translate(None, _PRINTABLE)) >= max(1, len(pieces)):
            raise Refused(400, "Bad request", "A header has characters that do not belong there.")
        words = raw.decode("latin-1").split("\n")
        return dict(zip(words[::2], words[1::2], strict=False))

    def lines(self, skipped: Set[bytes]) -> list[bytes]:
        """The header as the caller sent it, line by line, without some fields."""
        if self._forwarded_for:
            skipped = skipped | ADDED_BY_THE_PROXY
        sent = zip(self._names, self._headers, strict=True)
        return [as_sent + b":" + value for as_sent, (name, value) in sent if name not in skipped]

    @cached_property
    def query(self) -> dict[str, str]:
        try:
            return dict(parse_qsl(self.raw_query, max_num_fields=20, errors="strict"))
        except ValueError:
            raise Refused(400, "Bad request", "The query cannot be read.") from None

    def number(self, name: str, least: int = 0) -> int:
        """A query value that must be a whole number of ordinary size."""
        given = self.query.get(name, "")
        if not (given.isascii() and given.isdigit() and len(given) <= 15 and int(given) >= least):
            raise Refused(400, "Bad request", f"{name} must be a whole number from {least}.")
        return int(given)

    def body(self, most: int = MOST_BODY) -> Awaitable[bytes]:
        """All of it, within size and time."""
        return self._read(most)
