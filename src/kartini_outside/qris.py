"""A QRIS payment provider: makes codes, answers whether one was paid, and tells the merchant when it was.

Its "phone" page lets those who try the demo pay: right, a wrong amount, without telling, or telling twice.
"""

import hashlib
import hmac
import json
import os
import secrets
import threading
import time
from base64 import b64encode
from datetime import UTC, datetime
from html import escape
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from kartini_outside.look import page
from kartini_outside.server import Answer, Request, json_answer
from kartini_outside.shelf import Shelf

NAME = "Dompet QRIS (tiruan)"
DEVELOPMENT_KEY = "development-key-not-for-production-0123456789"
CALLBACK = "/tagihan/qris-callback/"
PAUSES = (0.0, 1.0, 3.0, 10.0, 30.0)
shelf = Shelf("qris")
_turn = threading.Lock()


def answer(request: Request) -> Answer:
    if request.path.startswith("/v1.0/"):
        return _interface(request)
    if request.path.startswith("/bayar/"):
        reference = unquote(request.path.removeprefix("/bayar/"))
        return _pay(reference, request.form()) if request.method == "POST" else _phone(reference)
    return _list()


# -- the merchant's interface


def _interface(request: Request) -> Answer:
    moment = request.headers.get("x-timestamp", "")
    path = f"/qris{request.path}"
    expected = sign(request.method, path, request.body, moment)
    if not hmac.compare_digest(request.headers.get("x-signature", ""), expected):
        return json_answer(
            {"responseCode": "4014700", "responseMessage": "Unauthorized. Signature"}, 401
        )
    try:
        said = request.json()
        if request.path == "/v1.0/qr/qr-mpm-generate":
            return json_answer(_generate(said, request.headers.get("x-partner-id", "")))
        if request.path == "/v1.0/qr/qr-mpm-query":
            return _query(str(said["originalPartnerReferenceNo"]))
    except (ValueError, KeyError, TypeError):
        return json_answer(
            {"responseCode": "4004701", "responseMessage": "Invalid Field Format"}, 400
        )
    return json_answer({"responseCode": "4044700", "responseMessage": "Not found"}, 404)


def _generate(said: dict[str, Any], merchant: str) -> dict[str, Any]:
    reference = str(said["partnerReferenceNo"])
    amount = int(str(said["amount"]["value"]).partition(".")[0])
    code = {
        "merchant": merchant,
        "amount": amount,
        "description": str((said.get("additionalInfo") or {}).get("description", "")),
        "until": str(said["validityPeriod"]),
        "content": emv(reference, amount),
        "paid": None,
    }
    shelf.keep(reference, code)
    kept = shelf.get(reference) or code
    return {
        "responseCode": "2004700",
        "responseMessage": "Successful",
        "partnerReferenceNo": reference,
        "qrContent": kept["content"],
    }


def _query(reference: str) -> Answer:
    code = shelf.get(reference)
    if code is None:
        return json_answer({"responseCode": "4045101", "responseMessage": "Not found"}, 404)
    if not code["paid"]:
        return json_answer(
            {"originalPartnerReferenceNo": reference, "latestTransactionStatus": "03"}
        )
    return json_answer(_news(reference, code))


def _news(reference: str, code: dict[str, Any]) -> dict[str, Any]:
    paid = code["paid"]
    return {
        "originalPartnerReferenceNo": reference,
        "originalReferenceNo": paid["reference"],
        "latestTransactionStatus": "00",
        "transactionStatusDesc": "Success",
        "amount": {"value": f"{paid['amount']}.00", "currency": "IDR"},
        "paidTime": paid["at"],
        "additionalInfo": {"payerName": paid["name"]},
    }


def sign(method: str, path: str, body: bytes, moment: str) -> str:
    secret = os.environ.get("KARTINI_QRIS_SECRET", DEVELOPMENT_KEY).encode()
    said = f"{method}:{path}:{hashlib.sha256(body).hexdigest()}:{moment}".encode()
    return b64encode(hmac.new(secret, said, hashlib.sha512).digest()).decode()


def emv(reference: str, amount: int) -> str:
    """The content of a dynamic QRIS code (EMVCo merchant presented mode, checksum CRC-16)."""
    merchant = _tag("00", "ID.CO.QRIS.WWW") + _tag("02", "ID1020260000001") + _tag("03", "URE")
    content = "".join(
        (
            _tag("00", "01"),
            _tag("01", "12"),
            _tag("51", merchant),
            _tag("52", "9399"),
            _tag("53", "360"),
            _tag("54", str(amount)),
            _tag("58", "ID"),
            _tag("59", "PEMKAB JEPARA (TIRUAN)"),
            _tag("60", "JEPARA"),
            _tag("62", _tag("01", reference[:25])),
            "6304",
        )
    )
    return content + f"{_crc16(content.encode()):04X}"


def _tag(number: str, value: str) -> str:
    return f"{number}{len(value):02d}{value}"


def _crc16(content: bytes) -> int:
    crc = 0xFFFF
    for byte in content:
        crc ^= byte << 8
        for _bit in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
        crc &= 0xFFFF
    return crc


# -- the payer's phone


def _list() -> Answer:
    items = "".join(
        f'<li class="card"><a href="/qris/bayar/{quote(reference)}">{escape(code["description"] or reference)}</a>'
        f'<p class="quiet">{_rupiah(code["amount"])}, {"lunas" if code["paid"] else "belum dibayar"}</p></li>'
        for reference, code in shelf.all(newest_first=True)[:50]
    )
    return page(NAME, "Kode QRIS", f"<ul>{items}</ul>" if items else "<p>Belum ada kode.</p>")


def _phone(reference: str, note: str = "") -> Answer:
    code = shelf.get(reference)
    if code is None:
        return page(NAME, "Kode ini tidak dikenal", "", 404)
    lines = (
        f'<div class="card"><p class="quiet">Kepada</p><p>PEMKAB JEPARA (TIRUAN)</p><p class="quiet">Untuk</p>'
        f'<p>{escape(code["description"])}</p><p class="quiet">Jumlah</p><p><b>{_rupiah(code["amount"])}</b></p></div>'
    )
    if code["paid"]:
        done = f"<p><b>Terbayar</b> {_rupiah(code['paid']['amount'])}. {escape(note)}</p>"
        return page(NAME, "Pembayaran", lines + done + '<p><a href="/qris/">Semua kode</a></p>')
    if datetime.fromisoformat(code["until"]) <= datetime.now(UTC):
        return page(NAME, "Kode ini sudah habis waktunya", lines)
    return page(NAME, "Bayar?", lines + _buttons(reference, code["amount"]))


def _buttons(reference: str, amount: int) -> str:
    kinds = {
        "benar": ("Bayar", "main"),
        "diam": ("Bayar, tetapi kabarnya hilang", ""),
        "dua": ("Bayar, dan kabari dua kali", ""),
        "salah": (f"Bayar {_rupiah(max(1, amount - 1000))} saja", ""),
    }
    buttons = "".join(
        f'<button name="cara" value="{how}" class="{kind}">{words}</button>'
        for how, (words, kind) in kinds.items()
    )
    return f'<form method="post" action="/qris/bayar/{quote(reference)}">{buttons}</form>'


def _pay(reference: str, form: dict[str, str]) -> Answer:
    how = form.get("cara", "benar")
    with _turn:
        code = shelf.get(reference)
        if (
            code is None
            or code["paid"]
            or datetime.fromisoformat(code["until"]) <= datetime.now(UTC)
        ):
            return _phone(reference)
        code["paid"] = {
            "reference": f"Q{secrets.token_hex(10).upper()}",
            "amount": max(1, code["amount"] - 1000) if how == "salah" else code["amount"],
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "name": "PEMILIK DOMPET (TIRUAN)",
        }
        shelf.change(reference, code)
    for _time in range({"diam": 0, "dua": 2}.get(how, 1)):
        threading.Thread(target=_tell, args=(reference, code), daemon=True).start()
    return _phone(
        reference, "Penerima diberi tahu." if how != "diam" else "Kabarnya tidak dikirim."
    )


def _tell(reference: str, code: dict[str, Any]) -> None:
    """Tell the merchant, again and again for a while, until it answers with 200."""
    port = os.environ.get("KARTINI_WEB_PORT", "8000")
    base = urlsplit(os.environ.get("KARTINI_QRIS_CALLBACK", f"http://127.0.0.1:{port}"))
    body = json.dumps(_news(reference, code)).encode()
    for pause in PAUSES:
        time.sleep(pause)
        if _told(base.hostname or "127.0.0.1", base.port or 80, body):
            return


def _told(host: str, port: int, body: bytes) -> bool:
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    headers = {
        "Content-Type": "application/json",
        "X-TIMESTAMP": moment,
        "X-SIGNATURE": sign("POST", CALLBACK, body, moment),
    }
    line = HTTPConnection(host, port, timeout=10)
    try:
        line.request("POST", CALLBACK, body, headers)
        return line.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        line.close()


def _rupiah(amount: int) -> str:
    return "Rp " + f"{amount:,}".replace(",", ".")
