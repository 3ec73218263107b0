"""Whoever answers: a handler in this process, or a system at an address of its own. The caller cannot tell."""

import logging

from pydantic import ValidationError

from kartini.contracts import Contract, Query
from kartini.exchange import registry, remote
from kartini.exchange.breaker import Breaker
from kartini.exchange.call import Call
from kartini.exchange.errors import NobodyAnswers, ProviderFailed, TooSlow, Unanswered
from kartini.exchange.snapshot import Answerer

logger = logging.getLogger(__name__)
breaker = Breaker()


def provide(query: Query[Contract], call: Call, answerer: Answerer | None) -> Contract:
    """The answer, or the named reason why there is none."""
    if answerer is None or not answerer.url:
        return in_this_house(query)
    who = query.name, answerer.url
    if not breaker.lets(who):
        raise ProviderFailed(f"{query.name} failed too often and is left alone for a while")
    try:
        answer = _elsewhere(query, call, answerer)
    except Unanswered:
        breaker.went(who, well=False)
        raise
    breaker.went(who, well=True)
    return answer


def in_this_house(query: Query[Contract]) -> Contract:
    """What the built-in answerer says."""
    handler = registry.answerers.get(query.name)
    if handler is None:
        raise NobodyAnswers(query.name)
    try:
        answer: object = handler(query)
    except Unanswered:
        raise
    except TimeoutError as late:
        raise TooSlow(query.name) from late
    except Exception as fault:
        logger.exception("%s broke down", query.name)
        raise ProviderFailed(query.name) from fault
    kind: type[Contract] = query.answer_type()
    if not isinstance(answer, kind):
        raise ProviderFailed(f"{query.name}: {type(answer).__name__} is no answer to it")
    return answer


def _elsewhere(query: Query[Contract], call: Call, answerer: Answerer) -> Contract:
    body = remote.ask(call, answerer.url, answerer.seconds)
    try:
        answer: Contract = query.answer_type().model_validate_json(body)
    except ValidationError as fault:
        raise ProviderFailed(
            f"{query.name}: {fault.error_count()} fault(s) in the answer"
        ) from None
    return answer
