"""Depositors: registered with consent, known by number and card, verified where they wish, and one each."""

import secrets
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from kartini.people import trail
from kartini.people.models import Person, User
from kartini.systems.bank_sampah.engine import chart, ledger
from kartini.systems.bank_sampah.engine.chart import Place
from kartini.systems.bank_sampah.models import Card, Depositor, Merge, Part, Unit, Withdrawal
from kartini.systems.bank_sampah.services import books, turn
from kartini.systems.bank_sampah.services.books import Leg

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


class NoConsent(Exception):
    """Nobody's data is kept without consent (UU 27/2022)."""


class NumberTaken(Exception):
    """This passbook number belongs to somebody else at this unit."""


class AlreadySavesHere(Exception):
    """This person already has a passbook at this unit: merge the two."""

    def __init__(self, known: Depositor) -> None:
        super().__init__(known.pk)
        self.known = known


class CannotMerge(Exception):
    """Two different open passbooks of one unit can be merged, neither with an open withdrawal."""


class CannotUndo(Exception):
    """The merge was undone already, or the savings that came with it are spent."""


class SavingsLeft(Exception):
    """Pay out the savings before the passbook is closed."""


@turn.writing()
def register(
    *,
    id: UUID,  # noqa: A002
    unit: Unit,
    name: str,
    kind: str = Depositor.Kind.HOUSEHOLD,
    consent: bool,
    number: int | None = None,
    by: Any,
    at: datetime,
    **more: Any,
) -> Depositor:
    """Open a passbook and issue its card. The same id is the same passbook. ``more``: phone, address, holder."""
    known = Depositor.objects.filter(pk=id).first()
    if known is not None:
        return known
    if not consent:
        raise NoConsent
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    here = Depositor.objects.filter(unit=unit)
    if number is not None and here.filter(number=number).exists():
        raise NumberTaken
    depositor = Depositor.objects.create(
        id=id,
        unit=unit,
        number=number or (here.aggregate(last=Max("number"))["last"] or 0) + 1,
        kind=kind,
        name=name.strip(),
        consented_at=at,
        registered_at=at,
        registered_by=by,
        **more,
    )
    issue_card(depositor=depositor, at=at)
    _trail(depositor, "registered", by, at)
    return depositor


@turn.writing()
def issue_card(*, depositor: Depositor, at: datetime) -> Card:
    """A card with a fresh code; an earlier one is no longer valid."""
    Card.objects.filter(depositor=depositor, ended_at=None).update(ended_at=at)
    return Card.objects.create(code=new_code(), depositor=depositor, issued_at=at)


def new_code() -> str:
    """Ten letters that nobody confuses, 49 random bits: a card cannot be guessed."""
    return "".join(secrets.choice(LETTERS) for _ in range(10))


@turn.writing()
def add_part(*, group: Depositor, name: str, by: Any, at: datetime) -> Part:
    """A class of a school. Added twice, it is the same class."""
    part, created = Part.objects.get_or_create(group=group, name=name.strip())
    if created:
        _trail(group, "part-added", by, at)
    return part


@turn.writing()
def verify(*, depositor: Depositor, person: Person, by: Any, at: datetime) -> Depositor:
    """Say which person this is, after the exchange confirmed the NIK."""
    Unit.objects.select_for_update(no_key=True).get(pk=depositor.unit_id)
    same = Depositor.objects.filter(unit_id=depositor.unit_id, person=person, merged_into=None)
    other = same.exclude(pk=depositor.pk).first()
    if other is not None:
        raise AlreadySavesHere(other)
    depositor.person = person
    depositor.save(update_fields=["person"])
    _trail(depositor, "verified", by, at)
    return depositor


@turn.writing()
def entrust(*, depositor: Depositor, holder: User | None, by: Any, at: datetime) -> Depositor:
    """Say which account looks after a group's or a company's passbook."""
    depositor.holder = holder
    depositor.save(update_fields=["holder"])
    _trail(depositor, "entrusted", by, at)
    return depositor


@turn.writing()
def leave(*, depositor: Depositor, on: date, by: Any, at: datetime) -> Depositor:
    """Close a passbook whose savings are paid out."""
    place = Place(chart.SAVINGS, depositor.unit_id, depositor_id=depositor.pk)
    savings = books.lock([place])[place]
    if savings.balance or savings.debits_pending:
        raise SavingsLeft
    depositor.left_on = on
    depositor.save(update_fields=["left_on"])
    _trail(depositor, "left", by, at)
    return depositor


@turn.writing()
def merge(
    *,
    id: UUID,  # noqa: A002
    source: Depositor,
    target: Depositor,
    reason: str,
    by: Any,
    at: datetime,
) -> Merge:
    """Two passbooks are one depositor's: savings and kilograms move to ``target``, cards and late bags follow."""
    known = Merge.objects.filter(pk=id).first()
    if known is not None:
        return known
    both = Depositor.objects.select_for_update(no_key=True).order_by("pk")
    found = both.in_bulk([source.pk, target.pk])
    source, target = found[source.pk], found[target.pk]
    accounts = books.lock(_purses(source) + _purses(target))
    if not _can_be_merged(source, target):
        raise CannotMerge
    merged = Merge.objects.create(id=id, source=source, target=target, reason=reason, at=at, by=by)
    legs = [
        Leg(accounts[old].pk, accounts[new].pk, accounts[old].balance)
        for old, new in zip(_purses(source), _purses(target), strict=True)
    ]
    books.post(
        deed=merged.pk, kind="merge", legs=legs, booked_on=timezone.localdate(at), by=by, at=at
    )
    source.merged_into = target
    source.save(update_fields=["merged_into"])
    _trail(target, "merged", by, at)
    return merged


@turn.writing()
def undo_merge(*, merge: Merge, by: Any, at: datetime) -> Merge:
    """They were two after all. What was brought since stays with the one that was kept."""
    merge = Merge.objects.select_for_update(no_key=True, of=("self",)).get(pk=merge.pk)
    if merge.undone_at is not None:
        raise CannotUndo
    try:
        books.take_back(deed=merge.pk, key=merge.pk, booked_on=timezone.localdate(at), by=by, at=at)
    except ledger.Overdrawn as spent:
        raise CannotUndo from spent
    except ledger.NotReversible:
        pass  # both purses of the source were empty: nothing had moved
    merge.undone_at, merge.undone_by = at, by
    merge.save(update_fields=["undone_at", "undone_by"])
    Depositor.objects.filter(pk=merge.source_id).update(merged_into=None)
    _trail(merge.target, "merge-undone", by, at)
    return merge


def _purses(depositor: Depositor) -> list[Place]:
    unit_id = depositor.unit_id
    return [Place(k, unit_id, depositor_id=depositor.pk) for k in (chart.SAVINGS, chart.BROUGHT)]


def _can_be_merged(source: Depositor, target: Depositor) -> bool:
    waiting = Withdrawal.objects.filter(depositor=source, state__in=["asked", "approved"])
    open_both = all(d.merged_into_id is None and d.left_on is None for d in (source, target))
    return (
        source.pk != target.pk
        and source.unit_id == target.unit_id
        and open_both
        and not waiting.exists()
    )


def _trail(depositor: Depositor, what: str, by: Any, at: datetime) -> None:
    trail.did(
        by=by,
        verb=f"bank-sampah.depositor-{what}",
        thing=f"bank-sampah.depositor:{depositor.pk}",
        at=at,
        person=depositor.person,
    )
