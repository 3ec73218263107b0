"""What a permit type is. One TOML file says all of it; these frozen models say what such a file may say."""

import hashlib
import json
import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,59}$")]
FieldCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Days = Annotated[int, Field(ge=0, le=365)]
Bound = Annotated[
    str, StringConstraints(pattern=r"^(today|field:[a-z0-9_]+)([+-][0-9]{1,4}[dmy])?$")
]
Mark = Literal["FACT", "BK", "ASSUMPTION"]
Widget = Literal[
    "text",
    "paragraph",
    "number",
    "money",
    "date",
    "time",
    "choice",
    "village",
    "phone",
    "email",
    "point",
    "yes",
]


class Piece(BaseModel):
    """Unknown keys are faults: a misspelt key must not be ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Text(Piece):
    """A text in the two languages of the house."""

    id: Words
    en: Words

    def say(self, language: str) -> str:
        return self.en if language.startswith("en") else self.id


class Marked(Piece):
    """Something that somebody claims. Only ``FACT`` is shown as known; the rest bears "not verified"."""

    mark: Mark = "ASSUMPTION"
    source: str = ""

    @property
    def verified(self) -> bool:
        return self.mark == "FACT"


class Basis(Marked):
    """A legal basis as a person would cite it."""

    text: Text


class Promise(Marked):
    """Working days from a complete file to the decision."""

    working_days: Annotated[int, Field(ge=1, le=365)]


class Cost(Marked):
    """``free``, ``fixed`` (``amount_rupiah``) or ``assessed`` (an agency works out the amount)."""

    kind: Literal["free", "fixed", "assessed"]
    amount_rupiah: Annotated[int, Field(ge=0)] = 0
    text: Text


class Validity(Marked):
    """How long the permit holds. ``until-field`` ends on a date that the applicant gave."""

    kind: Literal["years", "months", "days", "until-field", "permanent"]
    amount: Annotated[int, Field(ge=0, le=120)] = 0
    field: Code | None = None
    text: Text


class Owner(Piece):
    """The agency that issues, and the part of it that answers for the page."""

    agency: Code
    unit: Text


class Condition(Piece):
    """True when an earlier answer is one of these values."""

    field: Code
    one_of: Annotated[tuple[str | bool, ...], Field(strict=False, min_length=1)]

    def holds(self, answers: dict[str, Any]) -> bool:
        return answers.get(self.field) in self.one_of


class Choice(Piece):
    value: Code
    label: Text
    hint: Text | None = None


class FieldSpec(Piece):
    """One question. ``schema`` is its JSON Schema; ``message`` says in plain words what is wrong when it does
    not fit; ``not_before`` and ``not_after`` bound a date (``today``, ``today-3m``, ``field:starts_on+30d``)."""

    code: FieldCode
    label: Text
    hint: Text | None = None
    widget: Widget = "text"
    shape: Annotated[dict[str, Any], Field(alias="schema")] = {}
    required: bool = True
    choices: Annotated[tuple[Choice, ...], Field(strict=False)] = ()
    message: Text | None = None
    not_before: Bound | None = None
    not_after: Bound | None = None
    unit: Text | None = None
    short: bool = False


class Step(Piece):
    """One page of the wizard: one topic."""

    code: Code
    title: Text
    short: Text
    lead: Text | None = None
    when: Condition | None = None
    fields: Annotated[tuple[FieldSpec, ...], Field(alias="field", strict=False, min_length=1)]


class PaperSpec(Piece):
    """A paper to upload. ``kinds`` are content types as the house sniffs them."""

    code: Code
    title: Text
    hint: Text
    required: bool = True
    kinds: Annotated[
        tuple[Literal["application/pdf", "image/jpeg", "image/png"], ...],
        Field(strict=False, min_length=1),
    ] = ("application/pdf",)
    most_megabytes: Annotated[int, Field(ge=1, le=20)] = 5
    when: Condition | None = None


class Stage(Piece):
    """A turn of one agency. The first stage is the check for completeness; its days come before the promise."""

    kind: Literal["verification", "recommendation", "assessment", "decision"]
    agency: Code
    working_days: Days
    role: Literal["front-office", "verifier"] = "front-office"
    survey: bool = False
    title: Text
    note: Text | None = None


class Row(Piece):
    """A line on the certificate; ``value`` is text with ``{answer codes}`` or ``{identity.…}``."""

    label: Text
    value: Words


class Certificate(Marked):
    """What is signed at the end. ``number`` needs ``{serial}`` and ``{year}``; ``{month}`` is Roman."""

    template: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+\.typ$")]
    number: Annotated[str, StringConstraints(min_length=5, max_length=80)]
    title: Text
    opening: Text
    rows: Annotated[tuple[Row, ...], Field(alias="row", strict=False, min_length=1)]
    duties: Annotated[tuple[Text, ...], Field(alias="duty", strict=False)] = ()
    closing: Text | None = None


class Waiting(Marked):
    """How long a returned file waits for its applicant: reminded after so many working days, and again after
    as many; it lapses after ``lapse_days`` working days, or never."""

    remind_days: Annotated[int, Field(ge=1, le=90)] = 5
    lapse_days: Annotated[int, Field(ge=5, le=365)] | None = None


class Definition(Piece):
    """A whole permit type, as pinned to each application that is made with it."""

    code: Code
    version: Annotated[int, Field(ge=1)]
    checked_on: date
    sector: Text
    moment: Code
    title: Text
    name: Text
    summary: Text
    owner: Owner
    promise: Promise
    cost: Cost
    validity: Validity
    minutes: Annotated[int, Field(ge=1, le=240)] = 15
    village: Code | None = None
    who: Annotated[tuple[Text, ...], Field(strict=False, min_length=1)]
    basis: Annotated[tuple[Basis, ...], Field(strict=False, min_length=1)]
    steps: Annotated[tuple[Step, ...], Field(alias="step", strict=False, min_length=1)]
    papers: Annotated[tuple[PaperSpec, ...], Field(alias="paper", strict=False)] = ()
    stages: Annotated[tuple[Stage, ...], Field(alias="stage", strict=False, min_length=2)]
    survey: Annotated[tuple[FieldSpec, ...], Field(strict=False)] = ()
    waiting: Waiting = Waiting()
    certificate: Certificate

    def dump(self) -> dict[str, Any]:
        """As stored with an application: reads back with ``Definition.read``."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    @classmethod
    def read(cls, data: dict[str, Any]) -> "Definition":
        return cls.model_validate_json(json.dumps(data))

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical form: sorted keys, no blanks, UTF-8."""
        text = json.dumps(self.dump(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def agencies(self) -> frozenset[str]:
        """Every agency that takes a turn."""
        return frozenset(stage.agency for stage in self.stages)

    @property
    def fields(self) -> dict[str, FieldSpec]:
        return {field.code: field for step in self.steps for field in step.fields}

    def paper(self, code: str) -> PaperSpec | None:
        return next((paper for paper in self.papers if paper.code == code), None)

    def titled(self, about: str, code: str) -> Text | None:
        """What a ``field`` or a ``paper`` is called; ``None`` for anything else."""
        if about == "field":
            return self.fields[code].label if code in self.fields else None
        paper = self.paper(code) if about == "paper" else None
        return paper.title if paper else None


BOUND = re.compile(r"(today|field:(?P<field>[a-z0-9_]+))((?P<amount>[+-][0-9]+)(?P<unit>[dmy]))?")
PLACEHOLDER = re.compile(r"\{([a-z0-9_.-]+)(?::[0-9]+)?\}")
