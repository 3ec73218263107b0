"""Does a system at an address answer as a contract says? Asked with the contract's own examples, before anybody depends on it.

The examples are of synthetic persons. Each try is a message in the log, as every call is.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from http.client import HTTPException, IncompleteRead
from ssl import SSLError
from time import perf_counter
from typing import Any

import orjson
from pydantic import ValidationError

from kartini.contracts import Contract, Purpose, Query
from kartini.exchange import grants, log, providers, registry, remote
from kartini.exchange.call import Call
from kartini.exchange.errors import TooSlow, Unanswered

ASKER = "console"
OK = 200
#: what breaks a call, from the most exact to the least
CAUSES: tuple[tuple[type[Exception], str], ...] = (
    (IncompleteRead, "cut"),
    (ConnectionError, "unreachable"),
    (HTTPException, "no-http"),
    (SSLError, "certificate"),
    (OSError, "unreachable"),
    (ValueError, "too-long"),
)


@dataclass(frozen=True)
class Difference:
    """One field: what this house says to the example, and what is said there."""

    field: str
    here: str
    there: str


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``code`` names it; ``facts`` are what a page says it with."""

    code: str
    passed: bool
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """All of it. ``differences`` are no faults: another register may know other things."""

    findings: tuple[Finding, ...]
    differences: tuple[Difference, ...]
    milliseconds: float

    @property
    def passed(self) -> bool:
        return all(finding.passed for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class _Tried:
    status: int
    body: bytes
    milliseconds: float
    fault: str = ""


def check(query: type[Query[Any]], *, url: str, seconds: float, at: datetime) -> Outcome:
    """Ask every example, and one question that fits no contract. Never inside a transaction."""
    findings: list[Finding] = []
    differences: list[Difference] = []
    slowest = 0.0
    for number, example in enumerate(_examples(query), start=1):
        question = query.model_validate(example)
        tried = _try(query, question.model_dump_json().encode(), url, seconds, at)
        slowest = max(slowest, tried.milliseconds)
        judged = list(_judge(query, number, tried))
        findings += judged
        if all(finding.passed for finding in judged):
            differences += _differences(query, question, orjson.loads(tried.body))
    if query.model_json_schema().get("required"):
        findings.append(_refuses(_try(query, b"{}", url, seconds, at)))
    return Outcome(tuple(findings), tuple(differences), slowest)


def _examples(query: type[Query[Any]]) -> list[Any]:
    return [query.example, *getattr(query, "more_examples", ())]


def _try(query: type[Query[Any]], body: bytes, url: str, seconds: float, at: datetime) -> _Tried:
    view = grants.snapshot()
    call = Call(
        keys=log.the_log().keys,
        at=at,
        method="CHECK",
        client=view.name(ASKER),
        service=view.service(query.name),
        question=body,
        purpose=str(Purpose.GOVERNANCE),
    )
    begun = perf_counter()
    try:
        status, answer = remote.reply(call, url, seconds)
        tried = _Tried(status, answer, (perf_counter() - begun) * 1000)
    except Unanswered as fault:
        tried = _Tried(fault.status, b"", (perf_counter() - begun) * 1000, _cause(fault))
    log.append(call.entry(tried.status, tried.body))
    return tried


def _cause(fault: Unanswered) -> str:
    """Why nothing came, as a word for the page."""
    found = next((word for kinds, word in CAUSES if isinstance(fault.__cause__, kinds)), "")
    return "slow" if isinstance(fault, TooSlow) else found or "unreachable"


def _judge(query: type[Query[Any]], number: int, tried: _Tried) -> Iterator[Finding]:
    facts = {"number": number, "status": tried.status, "milliseconds": round(tried.milliseconds)}
    answered = not tried.fault and tried.status == OK
    yield Finding("answers", answered, facts | {"fault": tried.fault})
    if not answered:
        return
    try:
        said = orjson.loads(tried.body)
    except orjson.JSONDecodeError:
        yield Finding("json", False, facts)
        return
    yield Finding("json", isinstance(said, dict), facts)
    try:
        query.answer_type().model_validate(said)
    except ValidationError as fault:
        faults = [
            {
                "field": ".".join(map(str, one["loc"])) or "(body)",
                "fault": one["msg"],
                "kind": one["type"],
            }
            for one in fault.errors(include_input=False, include_url=False)[:20]
        ]
        yield Finding("fits", False, facts | {"faults": faults})
        return
    unknown = sorted(said.keys() - query.answer_type().model_fields.keys())
    yield Finding("fits", True, facts | {"unknown": unknown[:20]})


def _refuses(tried: _Tried) -> Finding:
    """A question that does not fit is the asker's fault, and the answerer says so."""
    return Finding(
        "refuses", 400 <= tried.status < 500 and not tried.fault, {"status": tried.status}
    )


def _differences(query: type[Query[Any]], question: Query[Any], there: Any) -> Iterator[Difference]:
    here = _here(query, question)
    for name in query.answer_type().model_fields:
        said = Difference(name, _shown(here, name), _shown(there, name))
        if said.here != said.there:
            yield said


def _here(query: type[Query[Any]], question: Query[Any]) -> dict[str, Any]:
    """What this house says; where it does not answer, what the contract shows."""
    if query.name in registry.answerers:
        try:
            answer: Contract = providers.in_this_house(question)
        except Unanswered:
            return dict(query.answer_type().example)
        return answer.model_dump(mode="json", exclude_unset=True)
    return dict(query.answer_type().example)


def _shown(said: dict[str, Any], name: str) -> str:
    if name not in said:
        return "–"
    return orjson.dumps(said[name]).decode()[:200]
