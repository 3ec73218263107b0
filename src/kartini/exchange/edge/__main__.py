"""The edge as a process: ``python -m kartini.exchange.edge``."""

import asyncio
import gc
import logging.config
import os

import uvloop
from django.conf import settings

from kartini.exchange.edge import application
from kartini.exchange.edge.server import Server


def main() -> None:
    logging.config.dictConfig(settings.LOGGING)
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    host = os.environ.get("KARTINI_BIND", "127.0.0.1")
    server = Server(application.reply)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(server.run(host, settings.EXCHANGE_PORT))


if __name__ == "__main__":
    main()
