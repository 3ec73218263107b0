"""A call on its way: what the log will say of it, whichever way it takes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter_ns

from kartini.exchange import bodies, published
from kartini.exchange.log import Entry, Message, NotDurable, Subject
from kartini.exchange.log.keys import Keys
from kartini.exchange.log.leaf import VERSION, subjects_digest, written
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
        subjects, right = self._subjects(status, answer), self.right
        row = Message(  # in the order of the columns: by name it would take four times as long
            VERSION,
            self.id,
            written(self.at),
            self.method,
            self.client,
            self.service,
            status,
            self.organisation,
            self.purpose,
            right.basis if right else self.basis,
            right.grant_id if right else "",
            right.fields_text if right else "",
            self.request,
            self.keys.digest(self.question) if self.question else "",
            self.keys.digest(answer) if answer else "",
            len(self.question),
            len(answer),
            took,
            subjects_digest(subjects),
        )
        return Entry(row, subjects)

    def _subjects(self, status: int, answer: bytes) -> list[Subject]:
        known = published.is_known(self.service.rpartition("/")[2])
        found = persons_in(self.question, known) | persons_in(answer, known)
        if not (found or self.persons):
            return []
        named = sorted(found.union(self.persons))
        refused = status >= 400 and not answer
        return [self.keys.subject(nik) for nik in (named[:MOST_PERSONS] if refused else named)]


def persons_in(body: bytes, is_known: bool = True) -> set[str]:
    """Every NIK, however its digits are written. What is no contract of ours may write it as a number, or in a form."""
    if b"\\u003" in body:
        body = _ESCAPED_DIGIT.sub(rb"\1", body)
    if is_known:
        return {found.decode() for found in _PERSON.findall(body)}
    return {found.decode() for found in _DIGITS.findall(body) if len(found) == 16}


def names_too_many(body: bytes) -> bool:
    return len(body) > 16 * MOST_PERSONS and len(persons_in(body, is_known=False)) > MOST_PERSONS
