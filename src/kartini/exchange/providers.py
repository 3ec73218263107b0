"""Whoever answers: a handler in this process. (A system at an address of its own joins here.)"""

import logging
from typing import Any

from kartini.contracts import Contract, Query
from kartini.exchange import registry
from kartini.exchange.errors import NobodyAnswers, ProviderFailed, TooSlow, Unanswered

logger = logging.getLogger(__name__)


def provide(query: Query[Any], url: str) -> Contract:
    """The answer, or the named reason why there is none."""
    if url:
        raise ProviderFailed(query.name)
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
