"""The trail of a person's data: what officers looked at, and what systems asked each other, merged by time.

Two sources: the trail of this house, and the message log of the exchange. Both are read lazily, newest
first, so that a page costs what it shows.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kartini.exchange import log
from kartini.people import persons, roles, words
from kartini.people.models import Person, TrailLine, User

PIECE = 100
MOST = 1000
ASKED, LOOKED = "asked", "looked"
INSIDE = {"ASK", "DO", "EVENT"}
_SAYS = _("%(system)s, in the name of %(agency)s by its own account")


@dataclass(frozen=True)
class Trace:
    """One line of a citizen's page. ``key`` names it for questions; ``agency`` is an organisation's code."""

    key: str
    at: datetime
    kind: str
    agency: str
    agency_name: str
    who: Any
    what: Any
    about: str
    purpose: Any
    basis: str

    @property
    def unexplained(self) -> bool:
        return not self.basis or not self.purpose


@dataclass(frozen=True)
class Filter:
    """Which lines: one agency, one kind, since a day. Empty means all."""

    agency: str = ""
    kind: str = ""
    since: date | None = None

    def lets_through(self, trace: Trace) -> bool:
        return (not self.agency or trace.agency == self.agency) and (
            not self.kind or trace.kind == self.kind
        )


def about(
    person: Person,
    *,
    wanted: Filter,
    viewer: User | None = None,
    names: dict[str, str] | None = None,
) -> Iterator[Trace]:
    """Every trace of a person, newest first. What the person did with their own data is left out.

    Whoever is not confirmed sees only what officers looked at since the account was made, and no messages
    about a NIK that may be somebody else's. ``names`` are those of the agencies, where they are at hand.
    """
    names = words.agencies() if names is None else names
    sources = [_looks(person, names, viewer)]
    if person.verified_at is not None:
        sources.append(_messages(persons.nik_of(person), names))
    for trace in heapq.merge(*sources, key=lambda trace: trace.at, reverse=True):
        if wanted.since and timezone.localdate(trace.at) < wanted.since:
            return
        if wanted.lets_through(trace):
            yield trace


@dataclass(frozen=True)
class Gap:
    """A time of which the messages cannot be shown: their file is away, or was erased by a rule (``basis``)."""

    first_at: datetime | None
    last_at: datetime | None
    erased: bool
    basis: str


def gaps(person: Person) -> list[Gap]:
    """Oldest first, joined where one follows another; whether anything in them was about this person, nobody can say."""
    if person.verified_at is None:
        return []
    found: list[Gap] = []
    for archive in reversed(log.the_log().shelf.misses()):
        gap = _gap(archive)
        if found and (found[-1].erased, found[-1].basis) == (gap.erased, gap.basis):
            gap = replace(gap, first_at=found.pop().first_at)
        found.append(gap)
    return found


def _gap(archive: log.Archive) -> Gap:
    first, last = (
        datetime.fromisoformat(at) if at else None for at in (archive.begin, archive.end)
    )
    said = log.the_log().message(archive.erased) if archive.erased else None
    return Gap(first, last, bool(archive.erased), said[1].basis if said else "")


def page(traces: Iterator[Trace], number: int, size: int) -> tuple[list[Trace], bool]:
    """One page, and whether there is another."""
    found = list(islice(traces, (number - 1) * size, number * size + 1))
    return found[:size], len(found) > size


@dataclass(frozen=True)
class Summary:
    """A month at a glance."""

    asked: int
    looked: int
    agencies: int
    unexplained: int


def summary(traces: Iterator[Trace]) -> Summary:
    """Count these traces (at most ``MOST``)."""
    found = list(islice(traces, MOST))
    return Summary(
        asked=sum(trace.kind == ASKED for trace in found),
        looked=sum(trace.kind == LOOKED for trace in found),
        agencies=len({trace.agency for trace in found}),
        unexplained=sum(trace.unexplained for trace in found),
    )


def find(person: Person, key: str) -> Trace | None:
    """One trace of this person by its key; None when it is nobody's or another's."""
    names = words.agencies()
    kind, _colon, value = key.partition(":")
    if kind == "line" and value.isascii() and value.isdigit() and len(value) < 19:
        line = TrailLine.objects.filter(pk=int(value), person=person, kind=TrailLine.Kind.LOOKED)
        return next((_of_line(found, names) for found in line), None)
    if kind == "message" and person.verified_at is not None:
        messages = _messages(persons.nik_of(person), names)
        return next((trace for trace in messages if trace.key == key), None)
    return None


def _looks(person: Person, names: dict[str, str], viewer: User | None) -> Iterator[Trace]:
    lines = TrailLine.objects.filter(person=person, kind=TrailLine.Kind.LOOKED)
    if viewer is not None:
        lines = lines.exclude(by=viewer)
        if person.verified_at is None:
            lines = lines.filter(at__gte=viewer.date_joined)
    for start in range(0, 10**9, PIECE):
        piece = lines.order_by("-at", "-pk")[start : start + PIECE]
        found = list(piece)
        yield from (_of_line(line, names) for line in found)
        if len(found) < PIECE:
            return


def _of_line(line: TrailLine, names: dict[str, str]) -> Trace:
    code = line.organisation_id or ""
    return Trace(
        key=f"line:{line.pk}",
        at=line.at,
        kind=LOOKED,
        agency=code,
        agency_name=names.get(code, code),
        who=roles.title_of(line.role_kind) if line.role_kind else _("An officer"),
        what=words.of_verb(line.verb),
        about=line.thing.partition(":")[2],
        purpose=words.of_purpose(line.purpose),
        basis=line.basis,
    )


def _messages(nik: str, names: dict[str, str]) -> Iterator[Trace]:
    before = ""
    while True:
        found = log.messages_about(nik, limit=PIECE, before=before)
        yield from (_of_message(message, names) for message in found)
        if len(found) < PIECE:
            return
        before = found[-1].id


def _of_message(message: log.Message, names: dict[str, str]) -> Trace:
    """A system of this house asks for its account's agency. Of a system outside only its own member is proved: in
    whose name it says to ask is shown as what it says."""
    proved, said = _member(message.client), message.organisation or _member(message.client)
    member = said if message.method in INSIDE else proved
    who: Any = words.of_subsystem(message.client)
    if said != member:
        who = _SAYS % {"system": who, "agency": names.get(said, said)}
    return Trace(
        key=f"message:{message.id}",
        at=datetime.fromisoformat(message.at),
        kind=ASKED,
        agency=member,
        agency_name=names.get(member, member),
        who=who,
        what=words.of_service(message.service),
        about=_answered(message),
        purpose=words.of_purpose(message.purpose),
        basis=message.basis,
    )


def _member(client: str) -> str:
    parts = client.split("/")
    return parts[2] if len(parts) == 4 else ""


def _answered(message: log.Message) -> str:
    """What went over in the answer; a question without answer gave nothing away."""
    if message.status >= 400:
        return gettext("Not done") if message.method == "DO" else gettext("Not answered")
    return words.of_fields(message.fields, message.service)
