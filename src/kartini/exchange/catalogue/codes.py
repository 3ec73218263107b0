"""Reference data: lists of codes with their versions. A change is a fact that every system may hear.

A list that has an owner in the house is declared over the owner's own table (``code_list``) and brought up to
date from it; one without is imported from a file (``imported_list``). Nobody copies it: it is asked here.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kartini.contracts.reference import CodeChanged
from kartini.exchange import bus
from kartini.exchange.models import Code
from kartini.exchange.registry import every

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
TEN_MINUTES = timedelta(minutes=10).total_seconds()
Change = Literal["added", "renamed", "changed", "ended"]


@dataclass(frozen=True)
class Entry:
    """A code that holds: its title and what else is known. ``facts`` are words by the names of the list's facts."""

    code: str
    title: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CodeList:
    """A list of codes. ``steward`` is the organisation that looks after it, ``facts`` names what each entry
    says beside its title, ``broader`` the fact that holds the code above it, ``notations`` the facts that
    hold the code of the same thing in another list, ``words`` what people call the values of facts."""

    slug: str
    title: Any
    description: Any
    steward: str
    regulation: str
    facts: Mapping[str, Any]
    broader: str = ""
    notations: tuple[str, ...] = ()
    note: Any = ""
    words: Mapping[str, Any] = field(default_factory=dict)
    current: Callable[[], Iterable[Entry]] | None = None


class CodesRefused(Exception):
    """The entries cannot stand as they are; nothing was written. ``faults`` are (code, what is wrong)."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = list(faults)


code_lists: dict[str, CodeList] = {}
Current = Callable[[], Iterable[Entry]]


def code_list(slug: str, **said: Any) -> Callable[[Current], Current]:
    """Declare a list over the table of its owner: the function below yields what holds today."""

    def register(current: Current) -> Current:
        code_lists[slug] = CodeList(slug=slug, current=current, **said)
        return current

    return register


def imported_list(slug: str, **said: Any) -> CodeList:
    """Declare a list that has no owner in the house and is imported from a file."""
    code_lists[slug] = CodeList(slug=slug, **said)
    return code_lists[slug]


@transaction.atomic
def publish(
    *,
    of: CodeList,
    entries: Sequence[Entry],
    on: date,
    at: datetime,
    regulation: str = "",
    ended: Mapping[str, Sequence[str]] | None = None,
    whole: bool = True,
) -> list[CodeChanged]:
    """Let these entries hold from that day on; what changed is stated as facts.

    ``ended`` names codes that end and what follows them. With ``whole``, a code that is not among the
    entries ends too. The first entries of a list are no change: they hold since before they were recorded.
    """
    by, going = regulation or of.regulation, dict(ended or {})
    known = {code.code: code for code in _open(of)}
    if whole:
        going |= dict.fromkeys(known.keys() - {e.code for e in entries} - going.keys(), ())
    _check(of, entries, going, known)
    if not Code.objects.filter(code_list=of.slug).exists():
        Code.objects.bulk_create(_version(of, entry, None, by, at) for entry in entries)
        return []
    changes = [_hold(of, entry, known.get(entry.code), on, by, at) for entry in entries]
    changes += [_end(of, known[code], followers, on, by, at) for code, followers in going.items()]
    stated = [change for change in changes if change]
    for change in stated:
        bus.publish(change)
    return stated


def synchronise(of: CodeList, *, at: datetime, **how: Any) -> list[CodeChanged]:
    """Bring a list up to date with the table of its owner."""
    if of.current is None:
        return []
    on = how.pop("on", timezone.localdate(at))
    return publish(of=of, entries=[*of.current()], on=on, at=at, **how)


@every(TEN_MINUTES, id="catalogue.codes", title=_("Reference lists kept in step"))
def synchronise_all() -> None:
    """What owners changed in their tables becomes a version, and a fact."""
    for one in code_lists.values():
        synchronise(one, at=timezone.now())


def _open(of: CodeList) -> Iterable[Code]:
    return Code.objects.filter(code_list=of.slug, valid_until=None).select_for_update()


def _check(
    of: CodeList,
    entries: Sequence[Entry],
    going: Mapping[str, Sequence[str]],
    known: Mapping[str, Code],
) -> None:
    codes = [entry.code for entry in entries]
    staying = {*codes, *known} - going.keys()
    faults = [(entry.code, fault) for entry in entries if (fault := _fault(of, entry, staying))]
    faults += [(code, "stands twice") for code in sorted({c for c in codes if codes.count(c) > 1})]
    faults += [(code, "ends, and is no code that holds") for code in going.keys() - known.keys()]
    faults += [(code, "ends, and holds all the same") for code in going.keys() & {*codes}]
    faults += [
        (code, f"is followed by {follower!r}, which is no code that holds")
        for code, followers in going.items()
        for follower in followers
        if follower not in staying
    ]
    if faults:
        raise CodesRefused(faults)


def _fault(of: CodeList, entry: Entry, known: set[str]) -> str:
    if not CODE.fullmatch(entry.code):
        return "is no code: letters, digits, dot, dash, underscore, at most 40"
    if not entry.title.strip() or len(entry.title) > 200:
        return "needs a title of at most 200 characters"
    if strange := entry.facts.keys() - of.facts.keys():
        return f"says what the list does not have: {', '.join(sorted(strange))}"
    above = entry.facts.get(of.broader, "")
    if above and above not in known:
        return f"lies in {above!r}, which is no code that holds"
    return ""


def _hold(
    of: CodeList, entry: Entry, old: Code | None, on: date, by: str, at: datetime
) -> CodeChanged | None:
    """The entry as it holds now; nothing is written where nothing changed."""
    if old is None:
        _version(of, entry, on, by, at).save(force_insert=True)
        return _change(of, entry, "added", on, by, at)
    if (old.title, old.facts) == (entry.title, dict(entry.facts)):
        return None
    change: Change = "renamed" if old.title != entry.title else "changed"
    if old.valid_from and old.valid_from >= on:  # a slip, mended on the day itself
        Code.objects.filter(pk=old.pk).update(title=entry.title, facts=dict(entry.facts))
    else:
        Code.objects.filter(pk=old.pk).update(valid_until=on, replaced_by=[entry.code], ended_by=by)
        _version(of, entry, on, by, at).save(force_insert=True)
    return _change(of, entry, change, on, by, at, former_title=old.title)


def _end(
    of: CodeList, old: Code, followers: Sequence[str], on: date, by: str, at: datetime
) -> CodeChanged:
    if old.valid_from and old.valid_from >= on:
        raise CodesRefused([(old.code, f"ends on {on} and begins on {old.valid_from}")])
    Code.objects.filter(pk=old.pk).update(valid_until=on, replaced_by=[*followers], ended_by=by)
    entry = Entry(old.code, old.title)
    return _change(of, entry, "ended", on, by, at, followed_by=[*followers])


def _version(of: CodeList, entry: Entry, on: date | None, by: str, at: datetime) -> Code:
    return Code(
        code_list=of.slug,
        code=entry.code,
        title=entry.title,
        facts=dict(entry.facts),
        valid_from=on,
        regulation=by,
        entered_at=at,
    )


def _change(
    of: CodeList, entry: Entry, change: Change, on: date, by: str, at: datetime, **more: Any
) -> CodeChanged:
    return CodeChanged(
        code_list=of.slug,
        code=entry.code,
        change=change,
        title=entry.title,
        valid_from=on,
        regulation=by,
        at=at,
        **more,
    )
