"""Which address leads where."""

import asyncio
import logging
from contextlib import nullcontext
from time import perf_counter

from kartini.exchange import log, metrics
from kartini.exchange.edge import (
    answering,
    events,
    faults,
    meta,
    public_log,
    r1,
    state,
    tokens,
    witnessing,
)
from kartini.exchange.edge.http import Refused, Reply, Request, problem
from kartini.kit import logs

logger = logging.getLogger(__name__)
BROKEN = 500
PROBES = {"/live", "/ready", "/metrics"}
OAUTH = {
    "/oauth2/token": (tokens.token, "POST"),
    "/oauth2/introspect": (tokens.introspect, "POST"),
    "/oauth2/jwks": (tokens.jwks, "GET"),
    "/exchange/keys": (tokens.exchange_keys, "GET"),
    "/.well-known/oauth-authorization-server": (tokens.metadata, "GET"),
}


class Edge:
    """What it knows is read at the first request, then kept fresh."""

    def __init__(self) -> None:
        self._known: tuple[state.State, tokens.Tokens] | None = None
        self._beginning = asyncio.Lock()
        self._fresh: asyncio.Task[None] | None = None

    async def reply(self, request: Request) -> Reply:
        """Every answer has a body that says what happened; nothing unnamed leaves."""
        begun = perf_counter()
        given = request.given_id
        with logs.request(given) if given else nullcontext():
            try:
                reply = await self._signed(request)
            except Exception:
                logger.exception("the edge broke down")
                reply = problem(500, "Internal error", "This is our fault. It was recorded.")
            level = logging.WARNING if reply.status >= BROKEN else logging.DEBUG
            logger.log(level, "%s %s: %s", request.method, request.path, reply.status)
        metrics.answered("edge", reply.status, perf_counter() - begun)
        return reply

    def turned_away(self, refused: Refused, address: str) -> None:
        """What never became a request is counted too, so that the console shows it."""
        if self._known is not None:
            self._known[0].log.refusals.count(faults.of(refused).kind, address)

    def begin(self, known: state.State) -> None:
        """With what is known already: for tests."""
        self._known = known, tokens.Tokens(known)

    async def _signed(self, request: Request) -> Reply:
        """Every answer but those to who only looks whether we live."""
        try:
            reply = await self._answer(request)
        except Refused as refusal:
            reply = refusal.reply
        if request.path in PROBES or "signature" in reply.headers:
            return reply
        speaker = self._known[0] if self._known else answering.Voice(log.the_log().keys.voice)
        return answering.signed(reply, {}, speaker)

    async def _answer(self, request: Request) -> Reply:
        if request.path.startswith("/r1/"):
            return await r1.answer(request, *(self._known or await self._ready()))
        if request.path == "/events":
            return await events.answer(request, *await self._ready())
        if request.path in OAUTH:
            handler, method = OAUTH[request.path]
            _only(request, method)
            return await handler(request, *await self._ready())
        if request.path == "/listClients":
            _only(request, "GET")
            return meta.list_clients(request, (await self._ready())[0])
        if request.path == witnessing.ADD:
            _only(request, "POST")
            return await witnessing.add(request)
        route = public_log.ROUTES.get(request.path)
        if route is None:
            raise Refused(404, "Not found", "There is nothing at this address.")
        _only(request, "GET", "HEAD")
        return await route(request)

    async def _ready(self) -> tuple[state.State, tokens.Tokens]:
        async with self._beginning:
            if self._known is None:
                self.begin(await asyncio.to_thread(state.of_this_house))
                self._fresh = asyncio.create_task(self.begun[0].keep_fresh())
        return self.begun

    @property
    def begun(self) -> tuple[state.State, tokens.Tokens]:
        assert self._known is not None  # noqa: S101 — by ``begin``
        return self._known


def _only(request: Request, *methods: str) -> None:
    if request.method not in methods:
        allow = ", ".join(methods)
        raise Refused(405, "Method not allowed", f"Use {methods[0]}.", allow=allow)


application = Edge()
