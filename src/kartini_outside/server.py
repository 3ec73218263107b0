"""One small threaded HTTP server; each institution is a module that answers below its own first path part."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

MOST_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class Request:
    """``path`` is what follows the institution's name, always beginning with a slash."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body or b"null")

    def form(self) -> dict[str, str]:
        return {k: v[0] for k, v in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_answer(data: Any, status: int = 200) -> Answer:
    return Answer(
        status, json.dumps(data, default=str).encode(), {"Content-Type": "application/json"}
    )


def html_answer(text: str, status: int = 200) -> Answer:
    csp = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self' *"
    return Answer(
        status,
        text.encode(),
        {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": csp},
    )


Institution = Callable[[Request], Answer]


def make_server(institutions: Mapping[str, Institution], port: int) -> ThreadingHTTPServer:
    """A server on loopback that hands each request to the institution named by the first path part."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            parts = urlsplit(self.path)
            name, _, rest = parts.path.lstrip("/").partition("/")
            length = int(self.headers.get("Content-Length") or 0)
            if length > MOST_BYTES or name not in institutions:
                self.close_connection = True
                self.reply(Answer(413 if length > MOST_BYTES else 404))
                return
            body = self.rfile.read(length)
            query = parse_qs(parts.query, keep_blank_values=True)
            headers = {k.lower(): v for k, v in self.headers.items()}
            self.reply(institutions[name](Request(self.command, "/" + rest, query, headers, body)))

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 — the base class's names

        def reply(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 — the base class's name
            return

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)
