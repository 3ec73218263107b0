"""Deeds asked of institutions outside: sign this, make a code to pay by, send this letter.

    dispatch.do(verb, to=…, key=…, body=…, carry=…)      done once for each key, whoever is killed when
    dispatch.consult(verb, to=…, body=…, carry=…)        the same way for a question, which has no key

A deed is known by its key in this house and outside: asked again under the same key, what was done is not done
again, and the first answer is given. Each try is a message in the log (method ``DO``), on disk before anybody
is told that it is done. Who fails too often is left alone for a while, by all processes.

``carry`` makes the one call, within a time limit of its own, and gives a receipt: what must be known of the
answer, and no personal data. Trying again later is for whoever asked: the worker for letters, the person who
waits for a code to pay by or for a signature.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from kartini.exchange import bus, grants, log
from kartini.exchange.call import Call
from kartini.exchange.models import Errand, Institution
from kartini.exchange.snapshot import owner
from kartini.kit import logs

HELD = timedelta(seconds=30)
FAILURES = 5
REST, LONGEST_REST = timedelta(seconds=10), timedelta(minutes=5)
A_MINUTE = timedelta(minutes=1)
Carry = Callable[[Errand], str]


class Undone(Exception):
    """It was not done, or nobody said so. Under the same key it may be asked again."""

    status = 502


class Away(Undone):
    """Nobody is there, the call broke off, or the institution broke down (5xx)."""


class Late(Undone):
    """No answer came in time; it may have been done all the same."""

    status = 504


class Rubbish(Undone):
    """What came is no answer to this."""


class Refused(Undone):
    """The institution said no. ``reason`` is one word, ``forever``: asking again will not help."""

    status = 422

    def __init__(self, reason: str, detail: str = "", *, forever: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.detail, self.forever = reason, detail, forever


class LeftAlone(Undone):
    """It failed too often and has its rest; nothing was sent."""

    status = 503


class UnderWay(Undone):
    """Another process is at it, or was killed at it less than ``HELD`` ago; nothing was sent."""

    status = 409


class SaidDifferently(Undone):
    """Under this key something else was asked before; nothing was sent."""

    status = 409


class NotLogged(Undone):
    """The message log could not be written, so that it must not be told as done."""

    status = 503


@dataclass(frozen=True)
class Party:
    """An institution outside, as the log names it: ``JPR/<kind>/<member>/<code>``. Its verbs begin with the code."""

    code: str
    member: str
    kind: str
    title: Any


@dataclass(frozen=True)
class Deed:
    """A verb in plain words, what it is done for and by which right: so the persons concerned read it."""

    title: Any
    purpose: str
    basis: str


parties: dict[str, Party] = {}
deeds: dict[str, Deed] = {}


def party(code: str, *, member: str, kind: str, title: Any) -> None:
    """Declare an institution outside that is asked to do something. ``kind``: GOV, COM or NGO."""
    parties[code] = Party(code, member, kind, title)


def deed(verb: str, *, title: Any, purpose: str, basis: str) -> None:
    """Declare what an institution is asked to do; nothing else is asked of it."""
    deeds[verb] = Deed(title, purpose, basis)


def do(
    verb: str,
    *,
    to: str,
    key: str,
    body: bytes,
    carry: Carry,
    at: datetime,
    subjects: Sequence[str] = (),
) -> str:
    """Have it done once; the receipt. Raises ``Undone``, never inside a transaction.

    ``body`` is what is asked, without what differs from try to try (time, signature, passphrase).
    ``carry`` gets the errand: its ``key`` is told to the institution, ``begun_at`` is when it was first asked.
    """
    bus.outside_any_transaction()
    errand = _claimed(verb, to, key, body, at)
    if errand.done_at is not None:
        return errand.receipt
    mine = Errand.objects.filter(pk=key, attempts=errand.attempts, done_at=None)
    call = _call(verb, body, at, subjects)
    try:
        receipt = _tried(call, to, lambda: carry(errand), at)
    except Undone:
        mine.update(held_until=at)
        raise
    if not mine.update(done_at=timezone.now(), receipt=receipt):
        return Errand.objects.get(pk=key).receipt or receipt
    return receipt


def consult(verb: str, *, to: str, body: bytes, carry: Callable[[], str], at: datetime) -> str:
    """Ask what may be asked as often as one likes. Raises ``Undone``."""
    bus.outside_any_transaction()
    return _tried(_call(verb, body, at), to, carry, at)


def standing() -> list[tuple[Institution, Any]]:
    """How those stand that were asked so far, with their titles."""
    rows = Institution.objects.filter(code__in=parties).order_by("code", "address")
    return [(row, parties[row.code].title) for row in rows]


def forget(*, before: datetime, verb: str = "") -> list[str]:
    """Forget errands that were last tried before this moment, of one verb or of all; the receipts of what was done."""
    old = Errand.objects.filter(tried_at__lt=before, **({"verb": verb} if verb else {}))
    receipts = list(old.exclude(done_at=None).values_list("receipt", flat=True))
    old.delete()
    return receipts


@transaction.atomic
def _claimed(verb: str, to: str, key: str, body: bytes, at: datetime) -> Errand:
    """The errand, held by this process or done already."""
    digest = log.the_log().keys.digest(body)
    errand, _new = Errand.objects.get_or_create(
        key=key,
        defaults={
            "verb": verb,
            "address": _address(to),
            "digest": digest,
            "begun_at": at,
            "tried_at": at,
            "held_until": at,
        },
    )
    if errand.verb != verb or _differ(errand.digest, digest):
        raise SaidDifferently(key)
    held = Q(held_until__gt=at, held_until__lte=at + 10 * HELD)  # later: by a clock that ran ahead
    free = Errand.objects.filter(pk=key, done_at=None).exclude(held)
    taken = free.update(held_until=at + HELD, tried_at=at, attempts=F("attempts") + 1)
    errand.refresh_from_db()
    if errand.done_at is None and not taken:
        raise UnderWay(key)
    return errand


def _differ(one: str, other: str) -> bool:
    """Digests made by different keys (one was replaced meanwhile) tell nothing."""
    return one != other and one.partition(":")[0] == other.partition(":")[0]


def service(verb: str) -> str:
    """The whole name of a verb, as the log has it."""
    known = parties[owner(verb)]
    return f"{settings.INSTANCE}/{known.kind}/{known.member}/{known.code}/{verb}"


def _call(verb: str, body: bytes, at: datetime, subjects: Sequence[str] = ()) -> Call:
    told = deeds[verb]
    return Call(
        keys=log.the_log().keys,
        at=at,
        method="DO",
        client=grants.snapshot().name("office"),
        service=service(verb),
        question=body,
        purpose=told.purpose,
        basis=told.basis,
        request=logs.current_request.get(),
        persons=subjects,
    )


def _tried(call: Call, to: str, carry: Callable[[], str], at: datetime) -> str:
    """One try: let through by the breaker, made, logged, remembered."""
    address = _address(to)
    if not _lets(address, at):
        raise LeftAlone(address)
    status = 500
    try:
        receipt = carry()
        status = 200
    except Undone as fault:
        status = fault.status
        _went(address, call.service, fault, at)
        raise
    finally:
        if status != 200:
            _log(call, status)
    _log(call, status, receipt.encode())
    _went(address, call.service, None, at)
    return receipt


def _log(call: Call, status: int, receipt: bytes = b"") -> None:
    try:
        log.append(call.entry(status, receipt))
    except log.NotDurable as fault:
        raise NotLogged(call.service) from fault


def _address(url: str) -> str:
    """What a breaker is kept for: scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _lets(address: str, at: datetime) -> bool:
    """In its rest nobody asks it; after that one may try, and the rest begins anew for the others."""
    resting = Institution.objects.filter(pk=address, rests_until__isnull=False)
    found = resting.values_list("rests_until", flat=True).first()
    if found is None:
        return True
    if at < found <= at + 2 * LONGEST_REST:  # later: by a clock that ran ahead
        return False
    return resting.filter(rests_until=found).update(rests_until=at + REST) == 1


def _went(address: str, service: str, fault: Undone | None, at: datetime) -> None:
    """Remember how it stands; a good answer is written down once a minute."""
    code = service.split("/")[3]
    row, _new = Institution.objects.get_or_create(address=address, defaults={"code": code})
    found = Institution.objects.filter(pk=address)
    if fault is None or isinstance(fault, Refused):
        if row.failures or row.answered_at is None or at - row.answered_at > A_MINUTE:
            found.update(failures=0, rests_until=None, answered_at=at, fault="")
        return
    failures = row.failures + 1
    rest = min(REST * 2 ** min(max(failures - FAILURES, 0), 8), LONGEST_REST)
    found.update(
        failures=failures,
        failed_at=at,
        fault=type(fault).__name__.lower(),
        rests_until=at + rest if failures >= FAILURES else None,
    )
