"""BSrE's e-sign client service: the document goes there and comes back signed.

The regency's own BSrE node signs with the signatory's certificate after their passphrase; nothing of it
is kept here. Paths and field names follow published clients of the service (ASSUMPTION until tried
against a regency's node): POST /api/sign/pdf, multipart, basic authentication.
"""

import json
import secrets
from base64 import b64encode
from collections.abc import Mapping

from django.conf import settings

from kartini.office import wire
from kartini.office.signing.signer import Consent, Signatory, SigningRefused
from kartini.office.typesetting import Spot

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
        if consent is None:
            raise SigningRefused("passphrase")
        fields = {"nik": consent.nik, "passphrase": consent.passphrase, **_appearance(spot)}
        reply = self._send(
            pdf,
            {
                **fields,
                "reason": signatory.title,
                "linkQR": link,
                "location": settings.REGENCY_SHORT,
            },
        )
        if reply.status == 200 and reply.body.startswith(b"%PDF-"):
            return reply.body
        raise _refusal(reply)

    def _send(self, pdf: bytes, fields: Mapping[str, str]) -> wire.Reply:
        border = secrets.token_hex(16)
        login = b64encode(f"{settings.BSRE_USER}:{settings.BSRE_PASSWORD}".encode()).decode()
        headers = {
            "Authorization": f"Basic {login}",
            "Content-Type": f"multipart/form-data; boundary={border}",
        }
        try:
            return wire.call(
                "POST",
                f"{settings.BSRE_URL}/api/sign/pdf",
                body=_multipart(border, pdf, fields),
                headers=headers,
            )
        except wire.Unreachable as fault:
            raise SigningRefused("away", str(fault)) from None


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


def _refusal(reply: wire.Reply) -> SigningRefused:
    if reply.status >= 500:
        return SigningRefused("away", str(reply.status))
    try:
        said = json.loads(reply.body)
        code, detail = int(said.get("status_code", 0)), str(said.get("error", ""))[:200]
    except (ValueError, TypeError, AttributeError):
        return SigningRefused("rejected", str(reply.status))
    return SigningRefused(REASONS.get(code, "rejected"), detail)
