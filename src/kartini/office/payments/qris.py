"""The payment provider's interface: make a QR code, ask about it, believe what it tells us.

The shape follows SNAP BI's "QR MPM" (merchant presented mode): generate, query, notify; each call bears
``X-TIMESTAMP`` and ``X-SIGNATURE`` (HMAC-SHA-512 over method, path, body digest and time) under a secret
shared with the provider. ASSUMPTION: a regency's bank will differ in paths and in how tokens are got.
"""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from kartini.exchange import dispatch
from kartini.exchange.models import Errand
from kartini.office import wire
from kartini.office.models import Bill

SKEW = timedelta(minutes=5)
LIFE = timedelta(minutes=30)
SUCCESS = "00"


class ProviderAway(Exception):
    """The provider gave no usable answer."""


class Forged(Exception):
    """A message that the provider did not sign, or signed for another moment."""


@dataclass(frozen=True)
class Code:
    reference: str
    content: str
    until: datetime


@dataclass(frozen=True)
class Received:
    """The provider says that money came in."""

    qr_reference: str
    provider_reference: str
    amount_rupiah: int
    paid_at: datetime
    payer_name: str = ""


def reference_of(bill: Bill, now: datetime) -> str:
    """What a bill's code is called: the same in one half hour, the life of a code, whoever asks how often."""
    window = int(now.timestamp() // LIFE.total_seconds())
    return f"K{hashlib.sha256(f'{bill.pk}:{window}'.encode()).hexdigest()[:24].upper()}"


def make_code(bill: Bill, *, now: datetime) -> Code:
    """Have the provider make a QR code for this amount. Raises ``ProviderAway``."""
    reference = reference_of(bill, now)

    def carry(errand: Errand) -> str:
        until = (errand.begun_at + LIFE).isoformat()
        asked = {
            "partnerReferenceNo": reference,
            "amount": {"value": f"{bill.amount_rupiah}.00", "currency": "IDR"},
            "merchantId": settings.QRIS_MERCHANT,
            "validityPeriod": until,
            "additionalInfo": {"description": bill.description[:80]},
        }
        content = str(_post("/v1.0/qr/qr-mpm-generate", asked, now=now).get("qrContent", ""))
        if not content or len(content) > 512:
            raise dispatch.Rubbish("no code")
        return json.dumps({"content": content, "until": until})

    try:
        receipt = dispatch.do(
            "qris.make-code.v1",
            to=settings.QRIS_URL,
            key=f"qris:{reference}",
            body=f"{reference} {bill.amount_rupiah}".encode(),
            carry=carry,
            at=now,
        )
    except dispatch.Undone as fault:
        raise ProviderAway(str(fault)) from None
    made = json.loads(receipt)
    return Code(reference, made["content"], datetime.fromisoformat(made["until"]))


def ask(reference: str, *, now: datetime) -> Received | None:
    """Was this code paid? ``None``: not yet. Raises ``ProviderAway``."""

    def carry() -> str:
        said = _post("/v1.0/qr/qr-mpm-query", {"originalPartnerReferenceNo": reference}, now=now)
        return json.dumps(said)

    try:
        answer = dispatch.consult(
            "qris.payment-status.v1",
            to=settings.QRIS_URL,
            body=reference.encode(),
            carry=carry,
            at=now,
        )
        said = json.loads(answer)
        return _received(said) if said.get("latestTransactionStatus") == SUCCESS else None
    except dispatch.Undone as fault:
        raise ProviderAway(str(fault)) from None
    except (KeyError, TypeError, ValueError):
        raise ProviderAway("rubbish") from None


def read_notification(
    body: bytes, headers: Mapping[str, str], path: str, *, now: datetime
) -> Received | None:
    """What a callback says, if it is the provider's; ``None`` for news other than a payment.

    Raises ``Forged`` for a wrong or stale signature, ``ValueError`` for a body that makes no sense.
    """
    moment = headers.get("X-TIMESTAMP", "")
    expected = signature("POST", path, body, moment)
    if not hmac.compare_digest(headers.get("X-SIGNATURE", "").encode(), expected.encode()):
        raise Forged
    try:
        said_at = datetime.fromisoformat(moment)
        if abs(now - said_at) > SKEW:
            raise Forged
        said = json.loads(body)
        return _received(said) if said["latestTransactionStatus"] == SUCCESS else None
    except (KeyError, TypeError, ValueError) as fault:
        raise ValueError("not a notification") from fault


def signature(method: str, path: str, body: bytes, moment: str) -> str:
    digest = hashlib.sha256(body).hexdigest()
    said = f"{method}:{path}:{digest}:{moment}".encode()
    mac = hmac.new(settings.QRIS_SECRET.encode(), said, hashlib.sha512)
    return b64encode(mac.digest()).decode()


def _received(said: Mapping[str, Any]) -> Received:
    whole, _, rest = str(said["amount"]["value"]).partition(".")
    if said["amount"]["currency"] != "IDR" or rest.strip("0") or not whole.isascii():
        raise ValueError("amount")
    paid_at = datetime.fromisoformat(said["paidTime"])
    if paid_at.tzinfo is None:
        raise ValueError("paidTime")
    return Received(
        qr_reference=str(said["originalPartnerReferenceNo"])[:64],
        provider_reference=str(said["originalReferenceNo"])[:64],
        amount_rupiah=int(whole),
        paid_at=paid_at,
        payer_name=str((said.get("additionalInfo") or {}).get("payerName", ""))[:100],
    )


def _post(path: str, data: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    url, body = f"{settings.QRIS_URL}{path}", json.dumps(data, separators=(",", ":")).encode()
    moment = now.isoformat(timespec="seconds")
    headers = {
        "Content-Type": "application/json",
        "X-PARTNER-ID": settings.QRIS_MERCHANT,
        "X-TIMESTAMP": moment,
        "X-SIGNATURE": signature("POST", urlsplit(url).path, body, moment),
    }
    reply = wire.call("POST", url, body=body, headers=headers)
    if reply.status != 200:
        raise dispatch.Refused(str(reply.status))
    return reply.json()
