"""What anybody may see of the log: its newest signed root, and proofs. No message, no person."""

import asyncio
import logging
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable

from kartini.exchange import log, metrics, probes
from kartini.exchange.edge import witnessing
from kartini.exchange.edge.http import Refused, Reply, Request, json, text
from kartini.exchange.log import note

logger = logging.getLogger(__name__)
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def live(_request: Request) -> Reply:
    return json({"live": True})


async def ready(_request: Request) -> Reply:
    """Ready when the log can be read and written; ``sealed_at`` is the time of its newest root."""
    try:
        newest = await asyncio.to_thread(_newest)
        missing = await asyncio.to_thread(probes.unwritten)
    except Exception:
        logger.exception("the message log cannot be read")
        raise Refused(503, "Not ready", "The message log cannot be read.") from None
    if missing:
        return json({"ready": False, "missing": missing}, status=503)
    return json({"ready": True, "sealed_at": note.parse(newest).at if newest else None})


async def figures(request: Request) -> Reply:
    """For whoever keeps watch on this machine, or bears the token."""
    if not metrics.may_read(request.peer, request.headers):
        raise Refused(404, "Not found", "There is nothing at this address.")
    return Reply(200, metrics.text(), metrics.KIND)


async def checkpoint(_request: Request) -> Reply:
    newest = await asyncio.to_thread(_newest)
    if not newest:
        raise Refused(404, "Not sealed yet", "The log has no messages yet.")
    return text(newest)


async def keys(_request: Request) -> Reply:
    """The public keys of the log, to be kept by whoever wants to check it later."""
    return text("\n".join(await asyncio.to_thread(_public_keys)) + "\n")


async def proof(request: Request) -> Reply:
    """``?id=<message>``: that this message is a leaf under the newest root, or with ``&cosigned=1`` under the
    first one that a witness cosigned.
    """
    id_, cosigned = request.query.get("id", ""), request.query.get("cosigned") == "1"
    if not _ID.fullmatch(id_):
        raise Refused(400, "Bad request", "id must be the id of a message, in lower case.")
    found = await asyncio.to_thread(log.proof, id_, cosigned=cosigned)
    if found is None:
        raise Refused(404, "Not found", await asyncio.to_thread(_missing))
    if found.position is None:
        raise Refused(409, "Not sealed yet", "Ask again in a second.", **{"retry-after": "1"})
    return json(
        {
            "id": id_,
            "position": found.position,
            "leaf_hash": _b64(found.leaf_hash),
            "path": [_b64(step) for step in found.path],
            "checkpoint": found.checkpoint,
        }
    )


async def consistency(request: Request) -> Reply:
    """``?from=<size>&to=<size>``: that the older tree is the beginning of the newer one."""
    old, new = request.number("from", 1), request.number("to", 1)
    newest = await asyncio.to_thread(_newest)
    if not old <= new <= (note.parse(newest).size if newest else 0):
        raise Refused(400, "Bad request", "from ≤ to ≤ size of the newest checkpoint.")
    path = await asyncio.to_thread(log.the_log().consistency, old, new)
    return json({"from": old, "to": new, "path": [_b64(step) for step in path]})


def _missing() -> str:
    if log.the_log().shelf.misses():
        return "No message here has this id. Older ones lie in archives elsewhere, or were erased by a rule."
    return "The log has no message with this id."


def _newest() -> str:
    return log.the_log().store.checkpoint()


def _public_keys() -> list[str]:
    return log.the_log().sealer.public_keys()


def _b64(data: bytes) -> str:
    return b64encode(data).decode()


async def signpost(_request: Request) -> Reply:
    """For a person who opens the bare address and wonders what it is."""
    return json({"what": "A data exchange, for machines. Its guide: connect-a-system.", **SIGNS})


SIGNS = {
    "token": "POST /oauth2/token",
    "who takes part": "GET /listClients",
    "ask": "POST /r1/{instance}/{class}/{member}/{system}/{service}",
    "hear": "GET /events?after=0",
    "keys that sign": "GET /exchange/keys",
    "newest root of the log": "GET /log/checkpoint",
    "state": "GET /ready",
}
ROUTES: dict[str, Callable[[Request], Awaitable[Reply]]] = {
    "/": signpost,
    "/live": live,
    "/ready": ready,
    "/metrics": figures,
    "/log/checkpoint": checkpoint,
    "/log/keys": keys,
    "/log/proof": proof,
    "/log/consistency": consistency,
    witnessing.KEY: witnessing.key,
}
