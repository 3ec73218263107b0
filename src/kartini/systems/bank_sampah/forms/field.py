"""What a phone sends after hours without signal, row by row: one bad row spoils only itself."""

from datetime import datetime
from typing import Annotated, Any, Literal
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


class Heard(_Sent):
    """The server's moment that the phone heard last, and the seconds since then by its own clock."""

    at: AwareDatetime
    seconds: Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]


class Opens(_Sent):
    """A passbook opened on the phone. ``sure``: a person said that it is somebody else of the same name."""

    name: Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$")]  # fmt: skip
    kind: Literal["household", "group", "company"] = "household"
    phone: Annotated[str, Field(max_length=20)] = ""
    told: bool = False
    consent: bool
    sure: bool = False


class Newcomer(_Sent):
    """Somebody who saves from now on; the id is that of the passbook, and weighings of the same batch name it."""

    id: UUID
    opens: Opens


class Row(_Sent):
    """One weighing. ``depositor`` is an id, or ``number`` the passbook number where the phone knew no names."""

    id: UUID
    depositor: UUID | None = None
    number: Whole | None = None
    part: Whole | None = None
    price_list: UUID | None = None
    bags: Annotated[list[Bag], Field(min_length=1, max_length=40)]
    weighed_at: AwareDatetime
    heard: Heard | None = None
    photo: Annotated[str | None, Field(max_length=MOST_PHOTO)] = None


class Batch(_Sent):
    """``sent_at`` is the phone's clock: from it a slow clock is put right."""

    sent_at: AwareDatetime
    rows: Annotated[list[dict[str, Any]], Field(max_length=MOST_ROWS)]


def batch(body: bytes) -> tuple[datetime, list[tuple[str, Row | Newcomer | None]]]:
    """Each row with its id as sent; ``None`` where it cannot be read. Raises ``ValidationError``."""
    sent = Batch.model_validate_json(body)
    return sent.sent_at, [(str(row.get("id", ""))[:40], _row(row)) for row in sent.rows]


def _row(sent: dict[str, Any]) -> Row | Newcomer | None:
    try:
        return (Newcomer if "opens" in sent else Row).model_validate(sent)
    except ValidationError:
        return None
