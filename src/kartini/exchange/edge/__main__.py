"""The edge as a process: ``python -m kartini.exchange.edge``."""

import asyncio
import gc
import logging.config

import uvloop
from django.conf import settings

from kartini.exchange.edge import application, door
from kartini.exchange.edge.server import Server


def main() -> None:
    logging.config.dictConfig(settings.LOGGING)
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(Server(application.reply, application.turned_away).run(door.opened()))


if __name__ == "__main__":
    main()
