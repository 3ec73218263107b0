"""Start every stand-in on one port: python -m kartini_outside."""

import importlib
import os
import pkgutil
import signal
import sys

import kartini_outside
from kartini_outside.server import Institution, make_server


def institutions() -> dict[str, Institution]:
    """Each module with an ``answer`` is an institution; its name is the first part of the path.

    One that also listens elsewhere (a mail server) does so in its ``start``.
    """
    found = {}
    for module in pkgutil.iter_modules(kartini_outside.__path__):
        if module.name in {"server", "__main__"}:
            continue
        room = importlib.import_module(f"kartini_outside.{module.name}")
        if hasattr(room, "answer"):
            found[module.name] = room.answer
    return found


def start_listeners() -> None:
    for name in institutions():
        room = importlib.import_module(f"kartini_outside.{name}")
        if hasattr(room, "start"):
            room.start()


def main() -> None:
    port = int(os.environ.get("KARTINI_OUTSIDE_PORT", "8010"))
    server = make_server(institutions(), port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    start_listeners()
    server.serve_forever()


if __name__ == "__main__":
    main()
