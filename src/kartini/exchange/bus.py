"""The bus: publish a fact, ask a question.

A question takes one way, whoever answers: grant → provider → log → answer.
"""

from collections.abc import Sequence
from typing import Any, TypeVar, cast

from django.db import transaction
from django.utils import timezone

from kartini.contracts import Contract, Event, Purpose, Query
from kartini.exchange import grants, log, outbox, providers, registry
from kartini.exchange.call import Call
from kartini.exchange.errors import (
    NobodyAnswers,
    NotGranted,
    NotLogged,
    ProviderFailed,
    TooOften,
    TooSlow,
    Unanswered,
)
from kartini.exchange.snapshot import Right, Snapshot
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
    outside_any_transaction()
    view, contract = grants.snapshot(), query.name
    call = Call(
        keys=log.the_log().keys,
        at=timezone.now(),
        method="ASK",
        client=view.name(asker),
        service=view.service(contract),
        question=query.model_dump_json().encode(),
        purpose=str(purpose),
        organisation=registry.on_behalf_of(by),
        request=logs.current_request.get(),
        persons=subjects,
    )
    try:
        call.right = _right(view, asker, contract, purpose)
        answerer = view.services.get(contract)
        found = providers.provide(cast("Query[Contract]", query), call, answerer)
    except Unanswered as refusal:
        _write(call.entry(refusal.status))
        raise
    answer = call.right.let_through(found)
    body = answer.model_dump_json(exclude_unset=True).encode()
    _write(call.entry(200, body), call if answerer and answerer.keeps_bodies else None, body)
    return cast("Answer", answer)


def _right(view: Snapshot, asker: str, contract: str, purpose: str) -> Right:
    right = view.to_ask(asker, contract, purpose)
    if right is None:
        raise NotGranted(contract)
    if not grants.meter.allows(right):
        raise TooOften(contract)
    return right


def _write(entry: log.Entry, kept: Call | None = None, answer: bytes = b"") -> None:
    """Nothing is answered before this is on disk."""
    try:
        if kept is not None:
            _keep(kept, answer)
        log.append(entry)
    except log.NotDurable as fault:
        raise NotLogged(entry.message.contract) from fault


def _keep(call: Call, answer: bytes) -> None:
    """Where it cannot be kept, nothing is told; that it was asked is logged all the same."""
    try:
        call.keep(answer)
    except log.NotDurable:
        log.append(call.entry(NotLogged.status))
        raise


def outside_any_transaction() -> None:
    """The transaction that a test wraps around itself does not count."""
    blocks = transaction.get_connection().atomic_blocks
    if any(not getattr(block, "_from_testcase", False) for block in blocks):
        raise RuntimeError(
            "ask first, then call the verb with the answer: not inside a transaction"
        )
