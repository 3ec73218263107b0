"""Depositors whom a phone registered without a signal: each passbook is opened once, or refused with a question."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kartini.people import phones
from kartini.people.phones import NoPhone
from kartini.systems.bank_sampah.models import Depositor, Unit
from kartini.systems.bank_sampah.services import contacts, depositors, turn
from kartini.systems.bank_sampah.services.deposits import NoLongerSaving

__all__ = ["ElsewhereKnown", "Newcomer", "NoPhone", "SameName", "receive"]


class SameName(Exception):
    """Somebody of this name saves here already: are they one? Nothing was overwritten."""

    def __init__(self, passbooks: list[str]) -> None:
        super().__init__(passbooks)
        self.passbooks = passbooks


class ElsewhereKnown(Exception):
    """A passbook of another unit bears this id."""


@dataclass(frozen=True)
class Newcomer:
    """One passbook as a phone asked for it. ``sure``: a person answered that it is somebody else."""

    id: UUID
    name: str
    kind: str
    phone: str
    told: bool
    consent: bool
    sure: bool


def receive(
    *, unit: Unit, newcomers: Sequence[Newcomer], by: Any, at: datetime
) -> dict[UUID, Exception]:
    """Open the passbooks, each by itself; the refusals of those that wait for a person."""
    refused: dict[UUID, Exception] = {}
    for newcomer in newcomers:
        try:
            _open(unit, newcomer, by, at)
        except (SameName, ElsewhereKnown, NoPhone, NoLongerSaving, depositors.NoConsent) as refusal:
            refused[newcomer.id] = refusal
    return refused


@turn.writing()
def _open(unit: Unit, newcomer: Newcomer, by: Any, at: datetime) -> None:
    known = Depositor.objects.filter(pk=newcomer.id).first()
    if known is not None:
        if known.unit_id != unit.pk:
            raise ElsewhereKnown
        return
    if unit.closed_on is not None:
        raise NoLongerSaving
    name = " ".join(newcomer.name.split())
    phone = phones.clean(newcomer.phone) if newcomer.phone.strip() else ""
    same = Depositor.objects.saving().filter(unit=unit, name__iexact=name).select_related("unit")
    if not newcomer.sure and (found := [one.passbook for one in same.order_by("number")[:3]]):
        raise SameName(found)
    made = depositors.register(
        id=newcomer.id, unit=unit, name=name, kind=newcomer.kind, consent=newcomer.consent, phone=phone, by=by, at=at
    )  # fmt: skip
    if newcomer.told:
        contacts.agree(depositor=made, by=by, at=at)
