"""Facts that come in: pulled, or sent to a webhook."""

import hmac
import json
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kartini_client.errors import NotTrue

OVERDUE_SECONDS = 300


@dataclass(frozen=True)
class Event:
    """A fact. ``id`` stays the same when it comes twice: keep those that you have worked off.

    ``cursor`` is where to go on from after this fact (empty in a webhook that bears none).
    """

    id: str
    type: str
    source: str
    time: str
    data: dict[str, Any]
    cursor: str = ""

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Event":
        """From CloudEvents in structured JSON. Raises ``NotTrue``."""
        try:
            if said["specversion"] != "1.0" or not isinstance(said["data"], dict):
                raise NotTrue("this is no fact in CloudEvents 1.0")
            return cls(
                id=str(said["id"]),
                type=str(said["type"]),
                source=str(said["source"]),
                time=str(said.get("time", "")),
                data=said["data"],
                cursor=str(int(said["sequence"])) if "sequence" in said else "",
            )
        except (KeyError, TypeError, ValueError):
            raise NotTrue("this is no fact in CloudEvents 1.0") from None


class Webhook:
    """The receiving end, by Standard Webhooks. Give two secrets while one replaces the other."""

    def __init__(self, *secrets: str) -> None:
        self._keys = [b64decode(secret.removeprefix("whsec_")) for secret in secrets]

    @staticmethod
    def agree(per_minute: int | None = None, origin: str = "*") -> dict[str, str]:
        """The header fields with which to answer the exchange's OPTIONS (status 200): yes, and how many a minute."""
        rate = str(per_minute) if per_minute else "*"
        return {"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": rate}

    def read(self, headers: Mapping[str, str], body: bytes) -> Event:
        """The fact, if it is from the exchange and fresh. Raises ``NotTrue``: answer 401 then."""
        fields = {name.lower(): value for name, value in headers.items()}
        id_, moment = fields.get("webhook-id", ""), fields.get("webhook-timestamp", "")
        if (
            not (moment.isascii() and moment.isdigit())
            or abs(time.time() - int(moment)) > OVERDUE_SECONDS
        ):
            raise NotTrue("the time of the message is missing or too far from ours")
        message = f"{id_}.{moment}.".encode() + body
        right = [b64encode(hmac.digest(key, message, "sha256")) for key in self._keys]
        given = [
            part.removeprefix("v1,").encode()
            for part in fields.get("webhook-signature", "").split()
            if part.startswith("v1,")
        ]
        if not any(hmac.compare_digest(one, other) for one in given for other in right):
            raise NotTrue("the signature is not true")
        try:
            event = Event.of(json.loads(body))
        except ValueError:
            raise NotTrue("the body is not JSON") from None
        if event.id != id_:
            raise NotTrue("webhook-id is not the id of the fact")
        return event
