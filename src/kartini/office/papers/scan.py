"""The virus-scan hook: a function of the regency's own, or clamd over its socket.

``KARTINI_VIRUS_SCAN`` is empty (no scan), ``clamd:/path/of/the.socket``, ``clamd:host:port``, or the dotted
path of a function ``f(content: bytes) -> str`` that returns the name of what it found, or an empty text.
"""

import socket
import struct
from collections.abc import Callable

from django.conf import settings
from django.utils.module_loading import import_string

from kartini.office.papers.refusals import PaperRefused

PIECE = 64 * 1024
SECONDS = 15


def scan(content: bytes) -> str:
    """Who scanned it (empty: nobody). Raises ``PaperRefused`` for what is infected or could not be scanned."""
    hook: str = settings.VIRUS_SCAN
    if not hook:
        return ""
    try:
        found = (
            clamd(hook.removeprefix("clamd:"), content)
            if hook.startswith("clamd:")
            else _own(hook)(content)
        )
    except (OSError, EOFError, ValueError):
        raise PaperRefused("not-scanned") from None
    if found:
        raise PaperRefused("infected", found=found)
    return hook.partition(":")[0]


def _own(path: str) -> Callable[[bytes], str]:
    function: Callable[[bytes], str] = import_string(path)
    return function


def clamd(address: str, content: bytes) -> str:
    """Ask clamd (INSTREAM). Returns the name of what it found, or an empty text."""
    with _connected(address) as line:
        line.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), PIECE):
            piece = content[start : start + PIECE]
            line.sendall(struct.pack("!I", len(piece)) + piece)
        line.sendall(struct.pack("!I", 0))
        said = line.makefile("rb").read(4096).rstrip(b"\0\n").decode("ascii", "replace")
    _stream, _, verdict = said.partition(": ")
    if verdict == "OK":
        return ""
    if verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND")
    raise ValueError(said)


def _connected(address: str) -> socket.socket:
    if address.startswith("/"):
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(SECONDS)
        line.connect(address)
        return line
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=SECONDS)
