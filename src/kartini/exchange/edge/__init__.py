"""The edge: raw ASGI on a port of its own, without Django in the request path.

So far the public face of the log, and the signs of life.
"""

import logging
import os
from typing import Any

from kartini.exchange.edge import public_log
from kartini.exchange.edge.http import Receive, Refused, Reply, Request, Send, problem
from kartini.kit.processes import die_with_parent

die_with_parent()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kartini.site.settings")
logger = logging.getLogger(__name__)
ROUTES = public_log.ROUTES


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Every answer has a body that says what happened; nothing unnamed leaves."""
    if scope["type"] != "http":
        return
    request = Request(scope, receive)
    try:
        reply = await _answer(request)
    except Refused as refusal:
        reply = refusal.reply
    except Exception:
        logger.exception("the edge broke down")
        reply = problem(500, "Internal error", "This is our fault. It was recorded.")
    await reply.leave(send, without_body=request.method == "HEAD")


async def _answer(request: Request) -> Reply:
    route = ROUTES.get(request.path)
    if route is None:
        raise Refused(404, "Not found", "There is nothing at this address.")
    if request.method not in {"GET", "HEAD"}:
        raise Refused(405, "Method not allowed", "Use GET.", allow="GET, HEAD")
    return await route(request)
