"""What a phone sends after hours without signal, row by row: one bad row spoils only itself."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

MOST_ROWS = 100
MOST_PHOTO = 400_000
Whole = Annotated[int, Field(ge=1, le=2**31 - 1)]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Bag(_Sent):
    material: Whole
    grams: Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]


class Row(_Sent):
    """One weighing. ``depositor`` is an id, or ``number`` the passbook number where the phone knew no names."""

    id: UUID
    depositor: UUID | None = None
    number: Whole | None = None
    part: Whole | None = None
    price_list: UUID | None = None
    bags: Annotated[list[Bag], Field(min_length=1, max_length=40)]
    weighed_at: AwareDatetime
    photo: Annotated[str | None, Field(max_length=MOST_PHOTO)] = None


class Batch(_Sent):
    """``sent_at`` is the phone's clock: from it a slow clock is put right."""

    sent_at: AwareDatetime
    rows: Annotated[list[dict[str, Any]], Field(max_length=MOST_ROWS)]


def batch(body: bytes) -> tuple[datetime, list[tuple[str, Row | None]]]:
    """Each row with its id as sent; ``None`` where it cannot be read. Raises ``ValidationError``."""
    sent = Batch.model_validate_json(body)
    return sent.sent_at, [(str(row.get("id", ""))[:40], _row(row)) for row in sent.rows]


def _row(sent: dict[str, Any]) -> Row | None:
    try:
        return Row.model_validate(sent)
    except ValidationError:
        return None
