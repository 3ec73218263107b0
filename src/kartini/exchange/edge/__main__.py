"""The edge as a process: ``python -m kartini.exchange.edge``.

It listens by itself, or at the open socket that KARTINI_EXCHANGE_DOOR numbers: so several share one address.
"""

import asyncio
import gc
import logging.config
import os
import socket

import uvloop
from django.conf import settings

from kartini.exchange.edge import application
from kartini.exchange.edge.server import Server


def main() -> None:
    logging.config.dictConfig(settings.LOGGING)
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(Server(application.reply).run(door()))


def door() -> socket.socket:
    given = os.environ.get("KARTINI_EXCHANGE_DOOR")
    if given:
        return socket.socket(fileno=int(given))
    address = os.environ.get("KARTINI_BIND", "127.0.0.1"), settings.EXCHANGE_PORT
    return socket.create_server(address, backlog=1024)


if __name__ == "__main__":
    main()
