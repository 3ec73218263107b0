"""What the papers say and what the books say about each deed, side by side. For the audit."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Min, Q, Sum

from kartini.systems.bank_sampah.engine import chart
from kartini.systems.bank_sampah.engine.ledger import Phase
from kartini.systems.bank_sampah.models import (
    CashMove,
    Day,
    Deposit,
    Merge,
    OpeningBalance,
    Sale,
    StockCount,
    Transfer,
    Withdrawal,
)
from kartini.systems.bank_sampah.services.cash import day_deed

POSTED = (Phase.SINGLE, Phase.POST)
FIGURES = ("rupiah", "grams", "income", "held", "paid", "freed")
Rows = Iterator[tuple[Any, ...]]


@dataclass(frozen=True)
class Paper:
    """A deed and what the books should say: ``rupiah`` and ``grams`` moved at once, ``income`` from trade,
    and what was ``held``, then ``paid`` or ``freed``. ``within`` is what does not fit inside the paper itself.
    """

    pk: UUID
    kind: str
    taken_back: bool
    figures: dict[str, int] = field(default_factory=dict)
    within: str = ""


@dataclass(frozen=True)
class Booked:
    """What the transfers of one deed say. ``first`` is the number of its first transfer."""

    pk: UUID
    kind: str
    first: int
    reversals: int
    standing: int
    figures: dict[str, int]


def pairs() -> Iterator[tuple[Paper | None, Booked | None]]:
    """Every deed once, in the order of ids, with its paper and its booking; one of them may be missing."""
    both: Iterator[Paper | Booked] = heapq.merge(papers(), booked(), key=lambda one: one.pk)
    waiting: Paper | Booked | None = None
    for one in both:
        if waiting is not None and waiting.pk == one.pk:
            yield (waiting, one) if isinstance(waiting, Paper) else (one, waiting)  # type: ignore[misc]
            waiting = None
            continue
        if waiting is not None:
            yield _alone(waiting)
        waiting = one
    if waiting is not None:
        yield _alone(waiting)


def _alone(one: Paper | Booked) -> tuple[Paper | None, Booked | None]:
    return (one, None) if isinstance(one, Paper) else (None, one)


def booked() -> Iterator[Booked]:
    """The books, summed up by deed."""
    plain = Q(reverses=None)
    at_once = plain & Q(phase=Phase.SINGLE)
    sums: Any = Transfer.objects.values("deed").annotate(
        kind=Max("kind", filter=plain),
        first=Min("pk", filter=plain),
        reversals=Count("pk", filter=~plain),
        standing=Count("pk", filter=plain & Q(phase__in=POSTED, reversed_by=None)),
        rupiah=Sum("amount", filter=at_once & Q(debit__ledger=chart.LedgerCode.RUPIAH), default=0),
        grams=Sum("amount", filter=at_once & Q(debit__ledger=chart.LedgerCode.GRAMS), default=0),
        income=Sum("amount", filter=plain & Q(credit__kind=chart.TRADE.code), default=0),
        held=Sum("amount", filter=Q(phase=Phase.PENDING), default=0),
        paid=Sum("amount", filter=Q(phase=Phase.POST), default=0),
        freed=Sum("amount", filter=Q(phase=Phase.VOID), default=0),
    )
    for row in sums.order_by("deed").iterator():
        yield Booked(
            row["deed"], row["kind"] or "", row["first"] or 0, row["reversals"], row["standing"],
            {name: int(row[name]) for name in FIGURES},
        )  # fmt: skip


def papers() -> Iterator[Paper]:
    """All deeds, in the order of their ids."""
    kinds = (
        _deposits(),
        _sales(),
        _withdrawals(),
        _counts(),
        _moves(),
        _openings(),
        _merges(),
        _days(),
    )
    yield from heapq.merge(*kinds, key=lambda paper: paper.pk)


def _rows(model: Any, *names: str, **sums: Any) -> Rows:
    found: Rows = model.objects.values_list("pk", *names).annotate(**sums).order_by("pk").iterator()
    return found


def _lined(says: tuple[int, int], lines: tuple[int, int]) -> str:
    return "" if says == lines else f"says {says} rupiah and g; its lines {lines}"


LINES = {"r": Sum("lines__rupiah", default=0), "g": Sum("lines__grams", default=0)}


def _deposits() -> Iterator[Paper]:
    for pk, back, rupiah, grams, *lines in _rows(
        Deposit, "reversed_at", "total_rupiah", "total_grams", **LINES
    ):
        within = _lined((rupiah, grams), (lines[0], lines[1]))
        yield Paper(pk, "deposit", back is not None, {"rupiah": rupiah, "grams": grams}, within)


def _sales() -> Iterator[Paper]:
    """A sale upward is a purchase too: its price moves twice, and is the unit's income."""
    for pk, back, rupiah, grams, upward, *lines in _rows(
        Sale, "reversed_at", "total_rupiah", "total_grams", "to_unit_id", **LINES
    ):
        within = _lined((rupiah, grams), (lines[0], lines[1]))
        moved = rupiah * (2 if upward else 1)
        figures = {"rupiah": moved, "grams": grams, "income": rupiah}
        yield Paper(pk, "sale", back is not None, figures, within)


def _withdrawals() -> Iterator[Paper]:
    """Open ones are held; paid ones are paid once; the others hold nothing."""
    for pk, back, state, amount in _rows(Withdrawal, "reversed_at", "state", "amount_rupiah"):
        figures = {"held": amount}
        if state == Withdrawal.State.PAID:
            figures |= {"paid": amount, "rupiah": amount}
        elif state in (Withdrawal.State.REFUSED, Withdrawal.State.VOIDED):
            figures |= {"freed": amount}
        yield Paper(pk, "withdrawal", back is not None, figures)


def _counts() -> Iterator[Paper]:
    gap = F("counted_grams") - F("book_grams")
    for pk, back, difference in _rows(StockCount, "reversed_at", gap=gap):
        yield Paper(pk, "count", back is not None, {"grams": abs(difference)})


def _moves() -> Iterator[Paper]:
    for pk, back, amount in _rows(CashMove, "reversed_at", "amount_rupiah"):
        yield Paper(pk, "cash-move", back is not None, {"rupiah": amount})


def _openings() -> Iterator[Paper]:
    for pk, back, amount in _rows(OpeningBalance, "batch__undone_at", "amount_rupiah"):
        yield Paper(pk, "opening", back is not None, {"rupiah": amount})


def _merges() -> Iterator[Paper]:
    """What was moved is whatever there was: any amount is right."""
    for pk, back in _rows(Merge, "undone_at"):
        yield Paper(pk, "merge", back is not None)


def _days() -> Iterator[Paper]:
    """A counted day whose cash differed is a deed too."""
    closed = Day.objects.exclude(closed_at=None).exclude(cash_counted_rupiah=F("cash_book_rupiah"))
    gap = F("cash_counted_rupiah") - F("cash_book_rupiah")
    gaps = closed.annotate(gap=gap).values_list("pk", "gap")
    for pk, difference in sorted((day_deed(day), gap) for day, gap in gaps):
        yield Paper(pk, "cash-count", False, {"rupiah": abs(difference)})
