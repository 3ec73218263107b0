"""Answering: a question comes from the exchange, signed; answer it with JSON."""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kartini_client import proof
from kartini_client.errors import NotTrue

OVERDUE_SECONDS = 300


@dataclass(frozen=True)
class Question:
    """``client`` is who asks (``JPR/GOV/…``), ``service`` what, ``purpose`` why, ``represented`` in which member's name
    (its code, as the client says; often empty), ``user`` who acts and ``issue`` in which case, if the client says so;
    ``message_id`` is the number in the exchange's log."""

    client: str
    service: str
    purpose: str
    message_id: str
    data: dict[str, Any]
    represented: str = ""
    user: str = ""
    issue: str = ""


class Provider:
    """Takes questions only from the exchange whose public keys (base64) it was given, and each only once."""

    def __init__(self, exchange_keys: Iterable[str]) -> None:
        raw = [proof.unpad(key) for key in exchange_keys]
        self._keys = {proof.key_id(key): key for key in raw}
        self._seen: dict[str, int] = {}
        self._swept = int(time.time())

    def read(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Question:
        """``url`` is the whole address as the exchange knows it. Raises ``NotTrue``: answer 401 then."""
        fields = {name.lower(): value for name, value in headers.items()}
        claim = proof.Claim(fields)
        key = self._keys.get(claim.keyid)
        if key is None:
            raise NotTrue("this key is not known")
        values = {**fields, "@method": method, "@target-uri": url}
        claim.verify(values, key, body, proof.covered_by(fields))
        self._once(claim)
        try:
            data = json.loads(body)
        except ValueError:
            raise NotTrue("the body is not JSON") from None
        return Question(
            client=fields.get("x-road-client", ""),
            service=fields.get("x-road-service", ""),
            purpose=fields.get("x-kartini-purpose", ""),
            message_id=fields.get("x-road-request-id", ""),
            data=data,
            represented=fields.get("x-road-represented-party", ""),
            user=fields.get("x-road-userid", ""),
            issue=fields.get("x-road-issue", ""),
        )

    def _once(self, claim: proof.Claim) -> None:
        now = int(time.time())
        if abs(now - claim.created) > OVERDUE_SECONDS:
            raise NotTrue("the signature is too old, or a clock is wrong")
        if not claim.nonce or claim.nonce in self._seen:
            raise NotTrue("this message came before")
        if now - self._swept > 2 * OVERDUE_SECONDS:
            least, self._swept = now - 2 * OVERDUE_SECONDS, now
            self._seen = {nonce: at for nonce, at in self._seen.items() if at >= least}
        self._seen[claim.nonce] = now
