"""The bus: publish a fact, ask a question."""

from collections.abc import Sequence
from typing import Any, TypeVar, cast

from kartini.contracts import Contract, Event, Purpose, Query
from kartini.exchange import registry
from kartini.exchange.models import Delivery

Answer = TypeVar("Answer", bound=Contract)


class Unanswered(Exception):
    """No answer came: nobody answers, no grant allows it, or the answerer is away."""


def publish(event: Event) -> None:
    """Write one delivery per listener, in the caller's own transaction."""
    for listener in registry.listeners.get(event.name, {}):
        Delivery.objects.create(
            contract=event.name, listener=listener, body=event.model_dump(mode="json")
        )


def ask(
    query: Query[Answer],
    *,
    asker: str,
    purpose: Purpose,
    subjects: Sequence[str] = (),
    by: Any = None,
) -> Answer:
    """Ask the one system that knows.

    ``asker`` is the subsystem's code, ``subjects`` the NIKs of the persons whom it is about,
    ``by`` the account on whose behalf it is asked. Raises ``Unanswered`` (or a subclass that says why).
    """
    try:
        answer = registry.answerers[query.name]
    except KeyError:
        raise Unanswered(query.name) from None
    return cast("Answer", answer(query))
