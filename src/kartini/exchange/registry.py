"""Who speaks for which member, who hears which fact, who answers which question, what runs by the clock.

Filled by each system's ``handlers.py`` while Django starts; read by the bus, the worker and the catalogue.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from kartini.contracts import Event, Purpose, Query

E = TypeVar("E", bound=Event)
Q = TypeVar("Q", bound=Query[Any])
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Subsystem:
    """An information system of a member: ``JPR/GOV/<member>/<code>``."""

    code: str
    member: str
    title: str


@dataclass(frozen=True)
class Listener:
    """``id`` never changes: open deliveries bear it. Its part before the dot is the subsystem."""

    id: str
    event: type[Event]
    handler: Callable[[Any], None]


@dataclass(frozen=True)
class Need:
    """A grant that a system asks for when it is first started. ``fields`` empty means the whole answer."""

    asker: str
    contract: type[Event] | type[Query[Any]]
    purpose: Purpose
    basis: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Periodic:
    id: str
    title: Any
    seconds: float
    work: Callable[[], object]


subsystems: dict[str, Subsystem] = {}
listeners: dict[str, dict[str, Listener]] = {}
answerers: dict[str, Callable[[Any], Any]] = {}
queries: dict[str, type[Query[Any]]] = {}
needed: dict[tuple[str, str, str], Need] = {}
periodic: dict[str, Periodic] = {}
_organisation_of: Callable[[Any], str] | None = None


def subsystem(code: str, *, member: str, title: str) -> Subsystem:
    """Say which member (organisation code) this system belongs to."""
    subsystems[code] = Subsystem(code, member, title)
    return subsystems[code]


def subscribes(event: type[E], *, id: str) -> Callable[[Callable[[E], None]], Callable[[E], None]]:  # noqa: A002
    """Hear a fact. The handler runs in the same transaction as the tick of its delivery."""

    def register(handler: Callable[[E], None]) -> Callable[[E], None]:
        listeners.setdefault(event.name, {})[id] = Listener(id, event, handler)
        return handler

    return register


def answers(query: type[Q]) -> Callable[[Callable[[Q], Any]], Callable[[Q], Any]]:
    """Answer a question. Exactly one system may."""

    def register(handler: Callable[[Q], Any]) -> Callable[[Q], Any]:
        known = answerers.get(query.name)
        if known is not None and known.__module__ != handler.__module__:
            raise RuntimeError(f"{query.name} is already answered by {known.__module__}")
        answerers[query.name] = handler
        queries[query.name] = query
        return handler

    return register


def needs(
    contract: type[Event] | type[Query[Any]],
    *,
    asker: str,
    purpose: Purpose,
    basis: str,
    fields: tuple[str, ...] = (),
) -> None:
    """Declare a grant that this system cannot work without (or works worse without).

    ``basis`` is the legal basis as a person would cite it. The demo approves what is declared;
    in production it is listed for approval.
    """
    needed[asker, contract.name, purpose] = Need(asker, contract, purpose, basis, fields)


def speaks_for(organisation_of: Callable[[Any], str]) -> Callable[[Any], str]:
    """Tell the exchange how to find the member on whose behalf an account acts (``people`` does)."""
    global _organisation_of
    _organisation_of = organisation_of
    return organisation_of


def on_behalf_of(by: Any) -> str:
    """The organisation code of an account; empty for a citizen, a machine, or nobody."""
    return _organisation_of(by) if by is not None and _organisation_of else ""


def every(seconds: float, *, id: str, title: Any) -> Callable[[F], F]:  # noqa: A002
    """Have the worker call this by the clock. It must bear a second run. ``title`` says it in a few words."""

    def register(work: F) -> F:
        periodic[id] = Periodic(id, title, seconds, work)
        return work

    return register
