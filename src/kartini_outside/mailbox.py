"""A mail server that delivers nowhere: it takes every mail and shows it to those who try the demo."""

import os
import socketserver
import threading
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html import escape

from kartini_outside.look import page, with_links
from kartini_outside.server import Answer, Request
from kartini_outside.shelf import Shelf

NAME = "Kotak surat (tiruan)"
MOST_BYTES = 2 * 1024 * 1024
shelf = Shelf("mailbox")


class Conversation(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a sender needs. One conversation, many mails."""

    timeout = 60

    def handle(self) -> None:
        self.to: list[str] = []
        self.say("220 kotak-surat.invalid siap")
        while line := self.rfile.readline(1002):
            verb = line[:4].upper().decode("ascii", "replace").strip()
            if verb == "QUIT":
                self.say("221 sampai jumpa")
                return
            if verb == "DATA":
                self.take() if self.to else self.say("503 siapa penerimanya?")
            else:
                self.say(self.reply(verb, line))

    def reply(self, verb: str, line: bytes) -> str:
        if verb == "RCPT":
            self.to.append(line.partition(b":")[2].decode("utf-8", "replace").strip()[:254])
            return "250 baik"
        if verb in {"MAIL", "RSET"}:
            self.to = []
        known = {"HELO", "EHLO", "MAIL", "RSET", "NOOP"}
        return "250 baik" if verb in known else "502 tidak dikenal"

    def take(self) -> None:
        self.say("354 silakan")
        content, size = [], 0
        while (line := self.rfile.readline(65536)) not in (b".\r\n", b".\n", b""):
            size += len(line)
            if size <= MOST_BYTES:
                content.append(line[1:] if line.startswith(b"..") else line)
        if size > MOST_BYTES:
            self.say("552 terlalu besar")
            return
        keep(b"".join(content), self.to)
        self.to = []
        self.say("250 diterima")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def start() -> None:
    """Listen for mail, beside the pages."""
    server = Server(("127.0.0.1", int(os.environ.get("KARTINI_MAIL_PORT", "8025"))), Conversation)
    threading.Thread(target=server.serve_forever, daemon=True, name="mailbox").start()


def keep(content: bytes, to: list[str]) -> None:
    """Keep a mail once for each message id."""
    mail = message_from_bytes(content, policy=policy.default)
    body = mail.get_body(preferencelist=("plain",))
    now = datetime.now(UTC).isoformat()
    shelf.keep(
        str(mail["Message-ID"] or now),
        {
            "to": ", ".join(one.strip("<>") for one in to),
            "from": str(mail["From"]),
            "subject": str(mail["Subject"]),
            "text": body.get_content() if body else "",
            "at": now,
        },
    )


def answer(request: Request) -> Answer:
    wanted = request.query.get("untuk", [""])[0]
    mails = [m for _key, m in shelf.all(newest_first=True) if wanted in m["to"]]
    items = "".join(
        f'<li class="card"><h2>{escape(m["subject"])}</h2><p class="quiet">Kepada {escape(m["to"])}, dari {escape(m["from"])}, '
        f"{datetime.fromisoformat(m['at']).astimezone():%d.%m.%Y %H.%M}</p><pre>{with_links(m['text'])}</pre></li>"
        for m in mails
    )
    return page(NAME, "Surel", f"<ul>{items}</ul>" if items else "<p>Belum ada surel.</p>")
