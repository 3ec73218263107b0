"""Does it live, is it ready, what did it do: ``/live``, ``/ready`` and ``/metrics`` of web and worker.

The edge has its own. None of them names a person; ``/metrics`` is for this machine or who bears the token.
"""

import json
import logging
import shutil
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection

from kartini.exchange import log, metrics

LEAST_ROOM = 1 << 20
PATHS = frozenset({"/live", "/ready", "/metrics"})
logger = logging.getLogger(__name__)


class Told(NamedTuple):
    status: int
    body: bytes
    kind: str = "application/json"


def answer(path: str, peer: str, headers: Mapping[str, str], ready: Callable[[], str]) -> Told:
    """``ready`` says what is missing, or nothing."""
    if path == "/live":
        return _said(200, live=True)
    if path == "/metrics":
        if not metrics.may_read(peer, headers):
            return _said(404, detail="There is nothing at this address.")
        return Told(200, metrics.text(), metrics.KIND)
    missing = ready()
    return _said(503, ready=False, missing=missing) if missing else _said(200, ready=True)


def _said(status: int, **words: object) -> Told:
    return Told(status, json.dumps(words).encode())


def web_ready() -> str:
    """The web process needs its database and the log, and room to write both."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as fault:
        return f"database: {type(fault).__name__}"
    try:
        log.the_log().store.checkpoint()
    except Exception as fault:
        logger.exception("the message log cannot be read")
        return f"message log: {type(fault).__name__}"
    return unwritten()


def unwritten() -> str:
    """What keeps this process from writing: no room, or what the log's last try met. Strangers may read it too."""
    if shutil.disk_usage(settings.DATA_DIR).free < LEAST_ROOM:
        return "the disk is full"
    trouble = log.the_log().trouble()
    return f"the message log cannot be written: {trouble}" if trouble else ""


def serve(port: int, ready: Callable[[], str]) -> ThreadingHTTPServer | None:
    """Answer on this machine only; None when the port is taken (by another worker) or 0."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            headers = {name.lower(): value for name, value in self.headers.items()}
            told = (
                answer(path, self.client_address[0], headers, ready)
                if path in PATHS
                else _said(404, detail="There is nothing at this address.")
            )
            connection.close()
            self.send_response(told.status)
            self.send_header("Content-Type", told.kind)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the base class's name
            return

    if not port:
        return None
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    except OSError as fault:
        logger.warning("the worker's probes cannot listen on port %s: %s", port, fault.strerror)
        return None
    threading.Thread(target=server.serve_forever, name="probes", daemon=True).start()
    return server
