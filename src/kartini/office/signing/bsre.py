"""BSrE's e-sign client service: the document goes there and comes back signed.

The regency's own BSrE node signs with the signatory's certificate after their passphrase; nothing of it
is kept here. Paths and field names follow published clients of the service (ASSUMPTION until tried
against a regency's node): POST /api/sign/pdf, multipart, basic authentication.
That it minds an ``Idempotency-Key`` is an ASSUMPTION too; where it does not, a second try makes a second signature
over the same bytes, of which the register takes one.
"""

import hashlib
import json
import secrets
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from kartini.exchange import dispatch
from kartini.office import sealing, wire
from kartini.office.signing.pades import is_signed
from kartini.office.signing.signer import Consent, Signatory, SigningRefused
from kartini.office.typesetting import Spot

VERB = "bsre.sign-document.v1"
REASONS = {2031: "passphrase", 2011: "certificate", 2021: "certificate"}


class BSrE:
    """Signs through ``KARTINI_BSRE_URL`` as ``KARTINI_BSRE_USER``."""

    certified = True
    needs_consent = True

    def sign(
        self,
        pdf: bytes,
        *,
        signatory: Signatory,
        spot: Spot | None,
        picture: bytes,
        link: str,
        consent: Consent | None,
    ) -> bytes:
        """The same bytes are signed once: a signature that came and was not taken up is kept for a day."""
        if consent is None:
            raise SigningRefused("passphrase")
        fields = {
            "nik": consent.nik,
            "passphrase": consent.passphrase,
            **_appearance(spot),
            "reason": signatory.title,
            "linkQR": link,
            "location": settings.REGENCY_SHORT,
        }
        try:
            kept = dispatch.do(
                VERB,
                to=settings.BSRE_URL,
                key=f"sign:{hashlib.sha256(pdf).hexdigest()}",
                body=pdf,
                carry=lambda errand: _signed(pdf, fields, errand.key),
                subjects=[consent.nik],
                at=timezone.now(),
            )
        except dispatch.Refused as refused:
            raise SigningRefused(refused.reason, refused.detail) from None
        except dispatch.Rubbish:
            raise SigningRefused("rejected") from None
        except dispatch.Undone as fault:
            raise SigningRefused("away", str(fault)) from None
        return sealing.fetch(kept)


def forget(*, before: datetime) -> None:
    """Drop signed bytes that came back before this moment; the register has its own."""
    for kept in dispatch.forget(before=before, verb=VERB):
        sealing.drop(kept)


def _signed(pdf: bytes, fields: Mapping[str, str], key: str) -> str:
    """Where the signed document is kept that came back."""
    border = secrets.token_hex(16)
    login = b64encode(f"{settings.BSRE_USER}:{settings.BSRE_PASSWORD}".encode()).decode()
    headers = {
        "Authorization": f"Basic {login}",
        "Content-Type": f"multipart/form-data; boundary={border}",
        "Idempotency-Key": key,
    }
    url, body = f"{settings.BSRE_URL}/api/sign/pdf", _multipart(border, pdf, fields)
    reply = wire.call("POST", url, body=body, headers=headers)
    if reply.status != 200:
        raise _refusal(reply)
    if not _is_ours(reply.body, pdf, fields["linkQR"]) or not is_signed(reply.body):
        raise dispatch.Rubbish("not this document, signed")
    return sealing.keep(reply.body, "signed")


def _is_ours(signed: bytes, pdf: bytes, link: str) -> bool:
    """It begins with what was sent, or, where the node wrote the file anew, bears its code."""
    code = link.rstrip("/").rpartition("/")[2].encode()
    return signed.startswith(pdf) or (signed.startswith(b"%PDF-") and bool(code) and code in signed)


def _appearance(spot: Spot | None) -> dict[str, str]:
    if spot is None:
        return {"tampilan": "invisible"}
    left, bottom, _right, _top = spot.box
    return {
        "tampilan": "visible",
        "image": "false",
        "page": str(spot.page),
        "xAxis": f"{left:.0f}",
        "yAxis": f"{bottom:.0f}",
        "width": f"{spot.width:.0f}",
        "height": f"{spot.height:.0f}",
    }


def _multipart(border: str, pdf: bytes, fields: Mapping[str, str]) -> bytes:
    parts = [
        f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = (
        f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="dokumen.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    )
    return b"".join([*parts, head.encode(), pdf, f"\r\n--{border}--\r\n".encode()])


def _refusal(reply: wire.Reply) -> dispatch.Refused:
    try:
        said = json.loads(reply.body)
        code, detail = int(said.get("status_code", 0)), str(said.get("error", ""))[:200]
    except (ValueError, TypeError, AttributeError):
        return dispatch.Refused("rejected", str(reply.status))
    return dispatch.Refused(REASONS.get(code, "rejected"), detail)
