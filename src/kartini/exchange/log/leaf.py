"""A message, and the leaf that it becomes: canonical bytes of its columns, without personal data.

The order of the columns is version 1 of the leaf and never changes; a new column makes version 2.
``kartini_verify`` holds a second, independent writing of the same rule.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from kartini.kit.ids import new_name

VERSION = 1


class Subject(NamedTuple):
    """A person whom a message is about: the HMAC of the NIK, and which key made it."""

    key: str
    mac: str


class Message(NamedTuple):
    """One call, as the log keeps it.

    ``method`` is ``ASK``, ``EVENT``, ``DO`` (asked of an institution outside) or ``KEEP`` (upkeep of the log itself)
    inside the house, and the HTTP method at the edge. ``status`` is
    an HTTP status. ``organisation`` is the member on whose behalf an account asked, ``request`` the id that
    the caller gave, ``fields`` what the grant lets through (``*`` is everything). Digests are keyed, so
    that nobody can guess a short body from them.
    """

    version: int
    id: str
    at: str
    method: str
    client: str
    service: str
    status: int
    organisation: str = ""
    purpose: str = ""
    basis: str = ""
    grant_id: str = ""
    fields: str = ""
    request: str = ""
    request_digest: str = ""
    response_digest: str = ""
    request_bytes: int = 0
    response_bytes: int = 0
    microseconds: int = 0
    subjects: str = ""

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)

    @property
    def asker(self) -> str:
        """The code of the subsystem that asked or heard."""
        return self.client.rpartition("/")[2]

    @property
    def member(self) -> str:
        """The organisation whose subsystem that is."""
        return self.client.rpartition("/")[0].rpartition("/")[2]

    @property
    def contract(self) -> str:
        return self.service.rpartition("/")[2]


COLUMNS = Message._fields


def message(
    *,
    at: datetime,
    id: str = "",  # noqa: A002
    subjects: Iterable[Subject] = (),
    **columns: Any,
) -> Message:
    """A message of now, with a fresh id unless it has one already."""
    return Message(
        version=VERSION,
        id=id or new_name(),
        at=written(at),
        subjects=subjects_digest(subjects),
        **columns,
    )


def written(at: datetime) -> str:
    """In UTC, always to the microsecond: as ``isoformat`` has it, in a third of the time."""
    at = at.astimezone(UTC)
    day, time = (at.year, at.month, at.day), (at.hour, at.minute, at.second, at.microsecond)
    return "%04d-%02d-%02dT%02d:%02d:%02d.%06d+00:00" % (*day, *time)  # noqa: UP031


def leaf(columns: Iterable[str | int]) -> bytes:
    """The bytes that are hashed into the tree: a JSON array of the columns in their order."""
    return orjson.dumps([*columns])


def subjects_digest(subjects: Iterable[Subject]) -> str:
    """What the leaf says of its side table; empty when the message is about nobody."""
    lines = sorted(f"{key}:{mac}\n" for key, mac in subjects)
    return hashlib.sha256("".join(lines).encode()).hexdigest() if lines else ""
