"""This node as a witness of other logs, for those logs (C2SP ``tlog-witness``)."""

import asyncio

from django.utils import timezone

from kartini.exchange import log
from kartini.exchange.edge.http import Refused, Reply, Request, text
from kartini.exchange.log import witness

ADD, KEY = "/witness/add-checkpoint", "/witness/key"
MOST_BODY = 16 * 1024


async def add(request: Request) -> Reply:
    """``old <size>``, consistency proof, empty line, checkpoint: answered with our signature line."""
    body = await request.body(MOST_BODY)
    try:
        return text(await asyncio.to_thread(_add, body))
    except witness.SawAnother as no:
        return Reply(no.status, no.body.encode(), "text/x.tlog.size")
    except witness.Refused as no:
        raise Refused(no.status, "Not cosigned", f"{no}.") from None


async def key(_request: Request) -> Reply:
    """The public key of this witness (vkey)."""
    return text(f"{await asyncio.to_thread(_vkey)}\n")


def _add(body: bytes) -> str:
    old, proof, signed = witness.read_request(body)
    return log.the_log().witness.add(old, proof, signed, timezone.now())


def _vkey() -> str:
    return log.the_log().witness.vkey
