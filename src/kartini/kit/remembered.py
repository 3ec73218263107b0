"""Pages that may be answered from memory for a moment, before session, account and database are asked (ADR 0010).

A view says so with ``@remembered``. What is kept belongs to one browser session, one full address and one
set of display choices; strangers (no session) share theirs. The nonce of the content security policy is
kept as a gap, and every answer gets one of its own.

Nobody is shown what was before his own deed: an answer that wrote, and every answer to a POST, gives the
browser a cookie that outlives anything kept before it, and whoever bears it is not answered from memory,
in any process, on any machine. What others wrote shows at once on the same machine (``turn``), elsewhere
after ``FRESH_SECONDS`` at most. A page whose making wrote anything – a line of the trail – is never kept.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponse

from kartini.kit.turn import Turn

Declared = TypeVar("Declared", bound=Callable[..., HttpResponse])
View = Callable[[HttpRequest], HttpResponse]
Key = tuple[str | None, ...]
FRESH_SECONDS = 3.0
WROTE = "baru"
WROTE_SECONDS = 6
DECLARED = "kartini.remembered"
CHOICES = ("bahasa", "tema", "teks", "kontras")
LONGEST = 512
MOST_BYTES = 24_000_000
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
READS = ("SELECT", "BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "PRAGMA", "EXPLAIN", "SET")
OWN_TO_ONE_ANSWER = frozenset({"Content-Security-Policy", "Content-Length", "Set-Cookie"})
clock = time.monotonic
turn = Turn(settings.DATA_DIR / "pages.turn")


def remembered(view: Declared) -> Declared:
    """This view's pages may be kept for a moment. Not for pages that open one person's file."""

    @wraps(view)
    def declared(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.META[DECLARED] = True
        return view(request, *args, **kwargs)

    return cast("Declared", declared)


@dataclass(frozen=True)
class Kept:
    """A page in the pieces between its nonces, and until when it may be shown."""

    pieces: tuple[bytes, ...]
    headers: dict[str, str]
    until: float
    turn: bytes

    def holds(self) -> bool:
        return self.until > clock() and self.turn == turn.now()

    def answer(self, request: HttpRequest) -> HttpResponse:
        pieces = self.pieces
        nonce = str(request.csp_nonce).encode() if len(pieces) > 1 else b""  # type: ignore[attr-defined]
        return HttpResponse(nonce.join(pieces), headers=self.headers)

    @property
    def size(self) -> int:
        return sum(map(len, self.pieces))


class Memory:
    """What one process keeps. Full: everything goes, the next seconds fill it again."""

    def __init__(self) -> None:
        self.pages: dict[Key, Kept] = {}
        self.bytes = 0

    def find(self, key: Key) -> Kept | None:
        page = self.pages.get(key)
        return page if page and page.holds() else None

    def keep(self, key: Key, page: Kept) -> None:
        older = self.pages.pop(key, None)
        self.bytes += page.size - (older.size if older else 0)
        if self.bytes > MOST_BYTES:
            self.pages, self.bytes = {}, page.size
        self.pages[key] = page


def remembered_pages(get_response: View) -> View:
    """Answer from memory where a page is kept; else make it, and keep it where that is allowed."""
    memory = Memory()

    def middleware(request: HttpRequest) -> HttpResponse:
        key = _key(request)
        if key is not None and (page := memory.find(key)):
            return page.answer(request)
        began, mark = clock(), turn.now()
        with _watched() as writes:
            response = get_response(request)
        if writes or request.method not in SAFE:
            _somebody_wrote(request, response, wrote=bool(writes))
        elif key is not None and request.META.get(DECLARED) and _may_be_kept(request, response):
            memory.keep(key, _kept(request, response, began + FRESH_SECONDS, mark))
        return response

    return middleware


def _key(request: HttpRequest) -> Key | None:
    """For whom and what this page is; ``None`` where memory has no say."""
    cookies, meta = request.COOKIES, request.META
    address = request.get_full_path()
    asks_for_a_part = "HTTP_HX_REQUEST" in meta
    if request.method != "GET" or asks_for_a_part or len(address) > LONGEST:
        return None
    if WROTE in cookies or "messages" in cookies:
        return None
    session = cookies.get(settings.SESSION_COOKIE_NAME)
    token = None if session is None else cookies.get(settings.CSRF_COOKIE_NAME)
    host = meta.get("HTTP_HOST") or meta.get("SERVER_NAME")
    return (session, token, address, host, request.scheme, *map(cookies.get, CHOICES))


@contextmanager
def _watched() -> Iterator[list[bool]]:
    """Tells whether anything was written to the database meanwhile, in this thread."""
    writes: list[bool] = []

    def watch(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if not writes and not sql.lstrip(" (\n").upper().startswith(READS):
            writes.append(True)
        return execute(sql, *rest)

    with connections["default"].execute_wrapper(watch):
        yield writes


def _somebody_wrote(request: HttpRequest, response: HttpResponse, *, wrote: bool) -> None:
    if wrote and request.method not in SAFE:
        turn.move()
    if request.COOKIES or response.cookies:
        response.set_cookie(
            WROTE,
            "1",
            max_age=WROTE_SECONDS,
            samesite="Lax",
            secure=settings.SECURE_HTTPS,
            httponly=True,
        )


def _may_be_kept(request: HttpRequest, response: HttpResponse) -> bool:
    varies = {name.strip().lower() for name in response.get("Vary", "").split(",")} - {""}
    return (
        response.status_code == 200
        and not response.streaming
        and response.get("Content-Type", "").startswith("text/html")
        and "no-store" not in response.get("Cache-Control", "")
        and all(name == "cookie" or name.startswith("hx-") for name in varies)
        and _sets_nothing_new(request, response)
    )


def _sets_nothing_new(request: HttpRequest, response: HttpResponse) -> bool:
    """No cookie but the form token's, renewed as this session's browser has it already (it is in the key)."""
    name = settings.CSRF_COOKIE_NAME
    if not response.cookies:
        return True
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
    only_token = set(response.cookies) == {name}
    return has_session and only_token and response.cookies[name].value == request.COOKIES.get(name)


def _kept(request: HttpRequest, response: HttpResponse, until: float, mark: bytes) -> Kept:
    nonce = getattr(request, "_csp_nonce", None)
    body = response.content
    pieces = tuple(body.split(nonce.encode())) if nonce else (body,)
    headers = {k: v for k, v in response.headers.items() if k not in OWN_TO_ONE_ANSWER}
    return Kept(pieces, headers, until, mark)
