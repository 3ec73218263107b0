"""The terms: limits and periods, changed from a day on, with a reason that stays readable."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from kartini.people import trail
from kartini.systems.bank_sampah.models import Terms, TermsChange
from kartini.systems.bank_sampah.services import turn


class NothingChanged(Exception):
    """Every limit is as it was."""


class FromThePast(Exception):
    """A limit cannot have counted before it was decided."""


@turn.writing()
def change(
    *, terms: Terms, limits: Mapping[str, int], reason: str, from_on: date, by: Any, at: datetime
) -> list[TermsChange]:
    """Decide what counts from a day on. A later decision about the same limit replaces one that still waits."""
    if from_on < timezone.localdate(at):
        raise FromThePast
    terms = Terms.objects.select_for_update(no_key=True).get(pk=terms.pk)
    wanted = {name: value for name, value in limits.items() if getattr(terms, name) != value}
    if not wanted:
        raise NothingChanged
    TermsChange.objects.filter(terms=terms, limit__in=wanted, done_at=None).delete()
    made = [
        TermsChange.objects.create(
            terms=terms, limit=name, was=getattr(terms, name), becomes=value, from_on=from_on, reason=reason,
            decided_at=at, decided_by=by,
        )
        for name, value in wanted.items()
    ]  # fmt: skip
    for one in made:
        _trail(one, "decided", by, at)
    put_in_force(at=at)
    return made


@turn.writing()
def put_in_force(*, at: datetime) -> int:
    """Let those count whose day has come; how many those are."""
    due = TermsChange.objects.filter(done_at=None, from_on__lte=timezone.localdate(at))
    found = list(due.select_for_update(no_key=True).order_by("from_on", "pk"))
    for one in found:
        terms = Terms.objects.select_for_update(no_key=True).get(pk=one.terms_id)
        one.was, one.done_at = getattr(terms, one.limit), at
        setattr(terms, one.limit, one.becomes)
        terms.save(update_fields=[one.limit])
        one.save(update_fields=["was", "done_at"])
    return len(found)


@turn.writing()
def withdraw(*, change: TermsChange, by: Any, at: datetime) -> bool:
    """Drop a change whose day has not come; False where it counts already."""
    gone, _rows = TermsChange.objects.filter(pk=change.pk, done_at=None).delete()
    if gone:
        _trail(change, "withdrawn", by, at)
    return bool(gone)


def _trail(one: TermsChange, what: str, by: Any, at: datetime) -> None:
    verb, thing = f"bank-sampah.terms-{what}", f"bank-sampah.terms:{one.terms_id}"
    note = f"{one.limit}: {one.was} → {one.becomes}, {one.from_on}; {one.reason}"
    trail.did(by=by, verb=verb, thing=thing, at=at, note=note)
