"""The bus: publish a fact, ask a question.

A question takes one way, whoever answers: grant → provider → log → answer.
"""

import logging
from collections.abc import Sequence
from time import perf_counter_ns
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from kartini.contracts import Contract, Event, Purpose, Query
from kartini.exchange import grants, log, outbox, providers, registry
from kartini.exchange.errors import (
    NobodyAnswers,
    NotGranted,
    NotLogged,
    ProviderFailed,
    TooOften,
    TooSlow,
    Unanswered,
)
from kartini.kit import logs

__all__ = [
    "NobodyAnswers",
    "NotGranted",
    "NotLogged",
    "ProviderFailed",
    "TooOften",
    "TooSlow",
    "Unanswered",
    "ask",
    "publish",
]
Answer = TypeVar("Answer", bound=Contract)
logger = logging.getLogger(__name__)


def publish(event: Event) -> None:
    """State a fact, in the caller's own transaction: what is rolled back was never said."""
    outbox.put(event, at=timezone.now())


def ask(
    query: Query[Answer],
    *,
    asker: str,
    purpose: Purpose,
    subjects: Sequence[str] = (),
    by: Any = None,
) -> Answer:
    """Ask the one system that knows.

    ``asker`` is the subsystem's code, ``subjects`` the NIKs of the persons whom it is about, ``by`` the
    account on whose behalf it is asked. Raises ``Unanswered`` (or a subclass that says why). What the grant
    withholds is absent from the answer's ``model_fields_set``. Never inside a transaction: a slow
    neighbour must not hold the write lock.
    """
    _outside_any_transaction()
    call = _Call(query, asker, purpose, subjects, by)
    try:
        answer: Answer = call.answer()
    except Unanswered as refusal:
        call.write(refusal.status)
        raise
    call.write(200, answer.model_dump_json(exclude_unset=True).encode())
    return answer


def _outside_any_transaction() -> None:
    """The transaction that a test wraps around itself does not count."""
    blocks = transaction.get_connection().atomic_blocks
    if any(not getattr(block, "_from_testcase", False) for block in blocks):
        raise RuntimeError(
            "ask first, then call the verb with the answer: not inside a transaction"
        )


class _Call:
    """One question on its way."""

    def __init__(
        self, query: Query[Any], asker: str, purpose: Purpose, subjects: Sequence[str], by: Any
    ) -> None:
        self.query, self.asker, self.purpose, self.by = query, asker, purpose, by
        self.subjects = [log.the_log().keys.subject(nik) for nik in {*subjects}]
        self.at, self.begun = timezone.now(), perf_counter_ns()
        self.view = grants.snapshot()
        self.right: grants.Right | None = None

    def answer(self) -> Any:
        contract = self.query.name
        self.right = self.view.to_ask(self.asker, contract, self.purpose)
        if self.right is None:
            raise NotGranted(contract)
        if not grants.meter.allows(self.right):
            raise TooOften(contract)
        return self.right.let_through(
            providers.provide(self.query, self.view.urls.get(contract, ""))
        )

    def write(self, status: int, body: bytes = b"") -> None:
        """Nothing is answered before this is on disk."""
        took = (perf_counter_ns() - self.begun) // 1000
        question = self.query.model_dump_json().encode()
        keys, right = log.the_log().keys, self.right
        message = log.message(
            at=self.at,
            method="ASK",
            client=self.view.name(self.asker),
            service=self.view.service(self.query.name),
            status=status,
            organisation=registry.on_behalf_of(self.by),
            purpose=str(self.purpose),
            basis=right.basis if right else "",
            grant_id=right.grant_id if right else "",
            fields=right.fields_text if right else "",
            request=logs.current_request.get(),
            request_digest=keys.digest(question),
            response_digest=keys.digest(body) if body else "",
            request_bytes=len(question),
            response_bytes=len(body),
            microseconds=took,
            subjects=self.subjects,
        )
        try:
            log.append(log.Entry(message, self.subjects))
        except log.NotDurable as fault:
            raise NotLogged(self.query.name) from fault
