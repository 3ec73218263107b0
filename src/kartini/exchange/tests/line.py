"""The edge's own server on a line in memory: bytes in, bytes out."""

import asyncio
import json
from typing import Any

from kartini.exchange.edge.application import Edge
from kartini.exchange.edge.server import Connection, Server


class Line(asyncio.Transport):
    """Remembers what was written and that it was closed."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 50_000)})
        self.sent, self.is_closed, self.is_paused = b"", False, False

    def write(self, data: Any) -> None:
        self.sent += bytes(data)

    def close(self) -> None:
        self.is_closed = True

    abort = write_eof = close

    def is_closing(self) -> bool:
        return self.is_closed

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False


class Answer:
    def __init__(self, sent: bytes) -> None:
        head, _gap, self.body = sent.partition(b"\r\n\r\n")
        first, *fields = head.decode("latin-1").split("\r\n")
        self.status = int(first.split()[1])
        self.headers = dict(field.split(": ", 1) for field in fields)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        assert self.json["type"] == self.headers["x-road-error"]
        assert self.json["message"]
        return str(self.json["type"])


def request(method: str, target: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    lines = [
        f"{method} {target} HTTP/1.1",
        "Host: x",
        *(f"{name}: {headers[name]}" for name in headers),
    ]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}\r\n\r\n"]).encode("latin-1") + body


async def talk(edge: Edge, *pieces: bytes, ends: bool = False) -> Line:
    """Say these one after the other, then wait until all is answered."""
    line, connection = Line(), Connection(Server(edge.reply))
    connection.connection_made(line)
    for piece in pieces:
        connection.data_received(piece)
        await asyncio.sleep(0)
    if ends:
        connection.eof_received()
    while connection._is_answering:
        await asyncio.sleep(0.001)
    connection.connection_lost(None)
    await asyncio.sleep(0)
    return line
