"""The door of the edge: a listening socket, its own or one that several processes share."""

import asyncio
import logging
import os
import resource
import socket
from collections.abc import Callable

from django.conf import settings

logger = logging.getLogger(__name__)


def opened() -> socket.socket:
    """The open socket that KARTINI_EXCHANGE_DOOR numbers, so that several share one address; else one of our own."""
    given = os.environ.get("KARTINI_EXCHANGE_DOOR")
    if given:
        return socket.socket(fileno=int(given))
    address = os.environ.get("KARTINI_BIND", "127.0.0.1"), settings.EXCHANGE_PORT
    return socket.create_server(address, backlog=1024)


async def let_in(door: socket.socket, connection: Callable[[], asyncio.Protocol]) -> None:
    """One caller each time round: of several processes at one door, who has less to do takes more."""
    loop = asyncio.get_running_loop()
    door.setblocking(False)
    while True:
        try:
            line, _peer = await loop.sock_accept(door)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.connect_accepted_socket(connection, line)
        except OSError as fault:
            logger.warning("a caller could not be let in: %s", fault)
            await asyncio.sleep(0.1)


def allow_many_files(connections: int) -> None:
    """Each caller may need a line to a provider as well."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * connections + 200
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
