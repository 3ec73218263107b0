"""What a caller of the actions asked for: parameters, and the query language as far as harvesters use it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from kartini.exchange.catalogue.ckan.things import identifier
from kartini.exchange.catalogue.declared import datasets
from kartini.exchange.catalogue.finding import Wish

Words = Mapping[str, Any]
MOST_ROWS = 1000
_TERM = re.compile(r'([+-]?)([a-z_]+):("[^"]*"|\[[^\]]*\]|\([^)]*\)|\S+)')
_FIELDS = {"organization": "organisation", "owner_org": "organisation", "groups": "topic", "res_format": "form", "tags": "keyword"}  # fmt: skip
_ANYTHING = {"", "*:*", "*"}
_TAKEN_FOR_GRANTED = {"state", "type", "dataset_type", "capacity", "private"}


class NotFound(Exception):
    """There is no such thing."""


class Unreadable(Exception):
    """A parameter cannot be read: its name and why."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field, self.why = field, why


def wish(q: str, fq: str) -> tuple[Wish, set[str], str]:
    """What is looked for, whose datasets are not wanted, and since when they must have changed."""
    sought, barred, since, words = Wish(), set(), "", [_TERM.sub(" ", q)]
    for n, (sign, field, raw) in enumerate(_TERM.findall(q) + _TERM.findall(fq)):
        value = raw.strip('"()')
        if field == "metadata_modified":
            since = max(since, _moment(raw))
        elif field == "organization" and sign == "-":
            barred.add(value)
        elif field in _FIELDS:
            sought = replace(sought, **{_FIELDS[field]: _as_we_name_it(field, value)})
        elif field not in _TAKEN_FOR_GRANTED:
            if n >= len(_TERM.findall(q)):
                raise Unreadable("fq", f"undefined field {field}")
            words.append(f"{field}:{raw}")
    kept = [word for word in " ".join(words).split() if word not in {*_ANYTHING, "AND", "+"}]
    return replace(sought, words=" ".join(kept)), barred, since


def _moment(span: str) -> str:
    """The beginning of ``[2026-11-24T00:00:00Z TO *]``."""
    begin = span.strip("[]").split(" ")[0].removesuffix("Z")
    if begin != "*" and not begin[:4].isdigit():
        raise Unreadable("fq", f"metadata_modified: {begin}")
    return begin.replace("*", "")


def _as_we_name_it(field: str, value: str) -> str:
    if field == "owner_org":
        names = {offered.publisher for offered in datasets.values()}
        return next((n for n in names if identifier("organization", n) == value), value)
    return value.lower() if field == "res_format" else value


def in_order(found: list[dict[str, Any]], how: str) -> list[dict[str, Any]]:
    field, _space, order = how.partition(",")[0].strip().partition(" ")
    key = {"title_string": "title", "score": "", "": ""}.get(field, field)
    if key and key not in {"id", "name", "title", "metadata_modified", "metadata_created"}:
        raise Unreadable("sort", f"undefined field {field}")
    return (
        sorted(found, key=lambda p: str(p[key]), reverse=order.lower() == "desc") if key else found
    )


def counted(names: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return counts


def cut(rows: list[Any], words: Words) -> list[Any]:
    start, most = number(words, "offset", 0), number(words, "limit", MOST_ROWS)
    return rows[start : start + most]


def number(words: Words, name: str, default: int) -> int:
    raw = words.get(name)
    if raw in (None, ""):
        return default
    try:
        number = int(str(raw))
    except ValueError:
        raise Unreadable(name, "Invalid integer") from None
    if not 0 <= number < 2**31:
        raise Unreadable(name, "Must be a natural number")
    return number


def flag(words: Words, name: str) -> bool:
    return str(words.get(name, "")).lower() in {"true", "1", "yes"}


def listed(raw: Any) -> str:
    return " ".join(map(str, raw)) if isinstance(raw, list) else str(raw or "")


def listed_names(words: Words, name: str) -> list[str]:
    raw = words.get(name) or []
    return [str(one) for one in raw] if isinstance(raw, list) else str(raw).split(",")


def needed(words: Words, *names: str) -> str:
    for name in names:
        if words.get(name):
            return str(words[name])
    raise Unreadable(names[0], "Missing value")


def by_id(kind: str, name: str, names: set[str]) -> str:
    """By name, or by the identifier that the catalogue itself gave."""
    for one in names:
        if name in (one, identifier(kind, one)):
            return one
    raise NotFound
