"""The two shapes that may cross the exchange: a fact (Event) and a question (Query)."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

Answer = TypeVar("Answer", bound="Contract")


class Contract(BaseModel):
    """Immutable data, readable by a system that knows an older version.

    Every published contract carries an ``example`` that validates against it; the catalogue shows it.
    One that is on its way out says since when (``deprecated_on``), until when it is answered (``ends_on``),
    and which contract takes its place. ``changes`` says what was added since its first version, by the day
    (``2027-01-01``).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    example: ClassVar[Mapping[str, Any]] = {}
    deprecated_on: ClassVar[date | None] = None
    ends_on: ClassVar[date | None] = None
    replaced_by: ClassVar[str] = ""
    changes: ClassVar[Mapping[str, str]] = {}


class Event(Contract):
    """Something that has happened. Many may listen; nobody may refuse.

    ``ordered_by`` names the field whose value keeps deliveries in order. It is never a person.
    """

    name: ClassVar[str]
    ordered_by: ClassVar[str] = ""

    @property
    def ordering_key(self) -> str:
        return str(getattr(self, self.ordered_by)) if self.ordered_by else ""


class Query(Contract, Generic[Answer]):
    """Something that one system needs to know. Exactly one system answers.

    Every field of the answer that a grant can withhold is optional: withheld (absent from
    ``model_fields_set``) differs from unknown (``None``).
    """

    name: ClassVar[str]

    @classmethod
    def answer_type(cls) -> type[Answer]:
        """The contract of the answer, read from ``Query[Answer]``."""
        for base in cls.__mro__:
            arguments = getattr(base, "__pydantic_generic_metadata__", {}).get("args")
            if arguments:
                return arguments[0]  # type: ignore[no-any-return]
        raise TypeError(f"{cls.__name__} does not say what it is answered with: Query[Answer]")
