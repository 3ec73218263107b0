"""The published language as a list: every contract by name, found in ``kartini.contracts`` without Django."""

import importlib
import inspect
import pkgutil
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from functools import cache
from typing import Any

from pydantic import ValidationError

from kartini import contracts
from kartini.contracts import Event, Query

MOST_TOLD, MOST_LETTERS = 5, 600


def misfits(fault: ValidationError) -> str:
    """Which fields do not fit, and why: for who wrote them. No value is repeated, for it may be a person's."""
    found = fault.errors(include_input=False, include_url=False, include_context=False)
    told = [f"{_place(one['loc'])}{one['msg']}" for one in found[:MOST_TOLD]]
    more = f" and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""
    return ("; ".join(told) + more)[:MOST_LETTERS]


def _place(steps: tuple[int | str, ...]) -> str:
    return f"{'.'.join(map(str, steps))}: " if steps else ""


@cache
def queries() -> dict[str, type[Query[Any]]]:
    return {kind.name: kind for kind in _kinds() if issubclass(kind, Query)}


@cache
def events() -> dict[str, type[Event]]:
    return {kind.name: kind for kind in _kinds() if issubclass(kind, Event)}


def is_known(contract: str) -> bool:
    return contract in queries() or contract in events()


@cache
def required_fields(contract: str) -> frozenset[str]:
    """What an answer (or an event) cannot do without, and no grant withholds."""
    query, event = queries().get(contract), events().get(contract)
    if query is None and event is None:
        return frozenset()
    fields = (query.answer_type() if query else event).model_fields  # type: ignore[union-attr]
    return frozenset(name for name, field in fields.items() if field.is_required())


def farewell(contract: str) -> dict[str, str]:
    """What an answer says of a contract that is on its way out: ``Deprecation`` (RFC 9745), ``Sunset`` (RFC 8594)."""
    kind = queries().get(contract) or events().get(contract)
    if kind is None or kind.deprecated_on is None:
        return {}
    said = {"deprecation": f"@{int(_midnight(kind.deprecated_on).timestamp())}"}
    if kind.ends_on is not None:
        said["sunset"] = format_datetime(_midnight(kind.ends_on), usegmt=True)
    return said


def retirement(contract: str) -> dict[str, bool | str]:
    """The same in a fact: the extension *deprecation* of CloudEvents."""
    kind = events().get(contract)
    if kind is None or kind.deprecated_on is None:
        return {}
    days = {"deprecationfrom": kind.deprecated_on, "deprecationsunset": kind.ends_on}
    return {"deprecated": True} | {name: f"{day}T00:00:00Z" for name, day in days.items() if day}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def paragraphs(kind: type[Any]) -> list[str]:
    """What a contract means, as it says it: its docstring, a line for each paragraph."""
    text = inspect.getdoc(kind) or ""
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def meanings() -> list[str]:
    """Every paragraph that the catalogue shows: these are texts to be translated."""
    answers = [query.answer_type() for query in queries().values()]
    shown = [*queries().values(), *answers, *events().values()]
    return sorted({words for kind in shown for words in paragraphs(kind)})


@cache
def _kinds() -> tuple[type[Any], ...]:
    rooms = [
        importlib.import_module(f"kartini.contracts.{room.name}")
        for room in pkgutil.iter_modules(contracts.__path__)
    ]
    things = {thing for room in rooms for thing in vars(room).values() if isinstance(thing, type)}
    named = [
        thing for thing in things if issubclass(thing, Event | Query) and "name" in vars(thing)
    ]
    return tuple(sorted(named, key=lambda kind: kind.__name__))
