"""A WhatsApp provider: takes messages, and shows each phone's chat to those who try the demo."""

import re
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote, unquote

from kartini_outside.look import page, with_links
from kartini_outside.server import Answer, Request, json_answer
from kartini_outside.shelf import Shelf

NAME = "WhatsApp (tiruan)"
shelf = Shelf("whatsapp")


def answer(request: Request) -> Answer:
    if request.path == "/messages" and request.method == "POST":
        return _take(request)
    if request.method != "GET":
        return json_answer({"error": "method"}, 405)
    phone = unquote(request.path.strip("/"))
    return _chat(phone) if phone else _phones()


def _take(request: Request) -> Answer:
    """Take a message once for each idempotency key; answer the same to each repetition."""
    try:
        said = request.json()
        to, text = str(said["to"]), str(said["text"])
    except (ValueError, KeyError, TypeError):
        return json_answer({"error": "to and text are needed"}, 400)
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", to):
        return json_answer({"error": "not a phone number"}, 422)
    key = request.headers.get("idempotency-key") or f"{to}:{datetime.now(UTC).isoformat()}"
    shelf.keep(key, {"to": to, "text": text[:4096], "at": datetime.now(UTC).isoformat()})
    return json_answer({"id": f"wamid.{key}", "status": "accepted"}, 202)


def _phones() -> Answer:
    last: dict[str, tuple[int, str]] = {}
    for _key, message in shelf.all():
        count = last.get(message["to"], (0, ""))[0] + 1
        last[message["to"]] = (count, message["text"])
    items = "".join(
        f'<li class="card"><a href="/whatsapp/{quote(phone)}">{escape(phone)}</a> <span class="quiet">{count} pesan</span>'
        f'<p class="quiet">{escape(text[:90])}</p></li>'
        for phone, (count, text) in reversed(last.items())
    )
    return page(NAME, "Ponsel", f"<ul>{items}</ul>" if items else "<p>Belum ada pesan.</p>")


def _chat(phone: str) -> Answer:
    messages = [m for _key, m in shelf.all() if m["to"] == phone]
    if not messages:
        return page(NAME, "Tidak ada pesan untuk nomor ini", "", 404)
    bubbles = "".join(
        f'<div class="bubble"><pre>{with_links(m["text"])}</pre><p class="quiet">{_time(m["at"])}</p></div>'
        for m in messages
    )
    return page(NAME, phone, f'<p><a href="/whatsapp/">Semua ponsel</a></p>{bubbles}')


def _time(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone():%d.%m.%Y %H.%M}"
