"""A call on its way: what the log will say of it, whichever way it takes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter_ns

from kartini.exchange import bodies, published
from kartini.exchange.log import Entry, NotDurable, message
from kartini.exchange.log.keys import Keys
from kartini.exchange.snapshot import Right
from kartini.kit.ids import new_name

_PERSON, _DIGITS = re.compile(rb'"([0-9]{16})"'), re.compile(rb"[0-9]{16,}")
_ESCAPED_DIGIT = re.compile(rb"\\u003([0-9])")
#: whoever asks of more at once, or answers of more, is refused: nobody may be left out of the log
MOST_PERSONS = 1000


@dataclass
class Call:
    """``client`` and ``service`` are full names; ``question`` is the body that was sent. ``basis`` is that of a call
    for which no grant is needed."""

    keys: Keys
    at: datetime
    method: str
    client: str
    service: str
    question: bytes
    purpose: str = ""
    organisation: str = ""
    request: str = ""
    persons: Iterable[str] = ()
    right: Right | None = None
    basis: str = ""
    id: str = field(default_factory=new_name)
    begun: int = field(default_factory=perf_counter_ns)

    def keep(self, answer: bytes) -> None:
        """Where the policy of the service says so. Raises ``NotDurable``."""
        body = bodies.Body(self.question, answer)
        try:
            bodies.keep(
                self.keys,
                contract=self.service.rpartition("/")[2],
                id_=self.id,
                at=self.at,
                body=body,
            )
        except OSError as fault:
            raise NotDurable("the body cannot be kept") from fault

    def entry(self, status: int, answer: bytes = b"") -> Entry:
        """Whom it is about is what the caller said, and every NIK that stands in the bodies."""
        took = (perf_counter_ns() - self.begun) // 1000
        known = published.is_known(self.service.rpartition("/")[2])
        bodies_ = persons_in(self.question, known) | persons_in(answer, known)
        found = sorted({*self.persons, *bodies_})
        refused = status >= 400 and not answer
        subjects = [self.keys.subject(nik) for nik in (found[:MOST_PERSONS] if refused else found)]
        right = self.right
        return Entry(
            message(
                at=self.at,
                id=self.id,
                method=self.method,
                client=self.client,
                service=self.service,
                status=status,
                organisation=self.organisation,
                purpose=self.purpose,
                basis=right.basis if right else self.basis,
                grant_id=right.grant_id if right else "",
                fields=right.fields_text if right else "",
                request=self.request,
                request_digest=self.keys.digest(self.question) if self.question else "",
                response_digest=self.keys.digest(answer) if answer else "",
                request_bytes=len(self.question),
                response_bytes=len(answer),
                microseconds=took,
                subjects=subjects,
            ),
            subjects,
        )


def persons_in(body: bytes, is_known: bool = True) -> set[str]:
    """Every NIK, however its digits are written. What is no contract of ours may write it as a number, or in a form."""
    if b"\\u003" in body:
        body = _ESCAPED_DIGIT.sub(rb"\1", body)
    if is_known:
        return {found.decode() for found in _PERSON.findall(body)}
    return {found.decode() for found in _DIGITS.findall(body) if len(found) == 16}


def names_too_many(body: bytes) -> bool:
    return len(body) > 16 * MOST_PERSONS and len(persons_in(body, is_known=False)) > MOST_PERSONS
