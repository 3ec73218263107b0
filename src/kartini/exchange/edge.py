"""The edge: raw ASGI without Django in the request path."""

from collections.abc import Awaitable, Callable
from typing import Any

from kartini.kit.processes import die_with_parent

die_with_parent()


async def application(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})
