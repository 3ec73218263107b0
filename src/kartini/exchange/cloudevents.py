"""A fact as CloudEvents 1.0 in structured JSON, and as a message of Standard Webhooks."""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from kartini.exchange import published

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"


def envelope(
    *,
    id: UUID | str,  # noqa: A002
    source: str,
    contract: str,
    stated_at: datetime,
    ordering_key: str,
    position: int | None,
    data: Any,
) -> dict[str, Any]:
    """``source`` is the subsystem that stated it (``JPR/GOV/…``). ``partitionkey`` and ``sequence`` are the
    extensions of those names: facts with the same key come in the order in which they were stated. A contract on its
    way out says so in each fact."""
    said = {
        "specversion": "1.0",
        "id": str(id),
        "source": f"/{source}",
        "type": contract,
        "time": stated_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": data,
        **published.retirement(contract),
    }
    if ordering_key:
        said["partitionkey"] = ordering_key
    if position is not None:
        said["sequence"] = f"{position:019}"
    return said


def as_bytes(event: dict[str, Any]) -> bytes:
    return orjson.dumps(event)


def signed(id: str, body: bytes, secrets: Sequence[bytes], now: int) -> dict[str, str]:  # noqa: A002
    """The three header fields of Standard Webhooks, with a signature by each secret in force."""
    message = f"{id}.{now}.".encode() + body
    signatures = [b64encode(hmac.digest(key, message, "sha256")).decode() for key in secrets]
    return {
        "webhook-id": id,
        "webhook-timestamp": str(now),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
