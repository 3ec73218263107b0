"""The books: lock the accounts, post what moves together, hold and settle, take back."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid5

from django.db import IntegrityError, connection, transaction

from kartini.systems.bank_sampah.engine import ledger
from kartini.systems.bank_sampah.engine.chart import Place
from kartini.systems.bank_sampah.engine.ledger import Phase
from kartini.systems.bank_sampah.models import Account, Transfer
from kartini.systems.bank_sampah.services import turn

Found = TypeVar("Found")
# what the database says when it refuses, on SQLite and on PostgreSQL, and what it means
REFUSALS: tuple[tuple[str, type[ledger.Refused]], ...] = (
    ("_cover_", ledger.Overdrawn),
    ("books: overdrawn", ledger.Overdrawn),
    ("books: key used", ledger.KeyUsed),
    ("books: two ledgers", ledger.TwoLedgers),
    ("books: nothing pending", ledger.NothingPending),
    ("books_settles_what_pends", ledger.NothingPending),
    ("settles_id", ledger.NothingPending),
    ("books: not reversible", ledger.NotReversible),
    ("books_reversal_is_single", ledger.NotReversible),
    ("reverses_id", ledger.NotReversible),
    ("books: period closed", ledger.PeriodClosed),
    ("books: not an amount", ledger.NotAnAmount),
    ("books_amount_is_an_amount", ledger.NotAnAmount),
    ("books_two_accounts", ledger.SameAccount),
    ("bank_sampah_transfer_key", ledger.KeyUsed),
)


@dataclass(frozen=True)
class Leg:
    """One transfer to be made, between two accounts. ``settles`` and ``reverses`` are earlier transfers."""

    debit: int
    credit: int
    amount: int
    phase: Phase = Phase.SINGLE
    settles: int | None = None
    reverses: int | None = None


def lock(places: Iterable[Place]) -> dict[Place, Account]:
    """The accounts at these places, opened where missing, locked in the order of their ids: no deadlock."""
    rows = Account.objects.select_for_update(no_key=True).order_by("pk")
    return _with_missing(places, lambda words: {a.place: a for a in rows.filter(place__in=words)})


def find(places: Iterable[Place]) -> dict[Place, int]:
    """Their ids, before a transaction: who they are, not what lies in them. ``hold`` them when it has begun."""
    return _with_missing(places, _ids)


def _with_missing(
    places: Iterable[Place], at: Callable[[Collection[str]], dict[str, Found]]
) -> dict[Place, Found]:
    wanted = {str(place): place for place in places}
    found = at(wanted)
    if missing := wanted.keys() - found.keys():
        _open(wanted[word] for word in missing)
        found = at(wanted)
    return {place: found[word] for word, place in wanted.items()}


def _ids(places: Collection[str]) -> dict[str, int]:
    """Asked at each weighing, so in plain SQL."""
    asked = f"SELECT place, id FROM bank_sampah_account WHERE place IN ({_marks(places)})"  # noqa: S608 — no words
    with connection.cursor() as cursor:
        cursor.execute(asked, [*places])
        return dict(cursor.fetchall())


def hold(accounts: Collection[int]) -> None:
    """Lock what was found, in the order of the ids. SQLite's only writer holds everything already."""
    if not connection.features.has_select_for_update:
        return
    asked = f"SELECT 1 FROM bank_sampah_account WHERE id IN ({_marks(accounts)}) ORDER BY id FOR NO KEY UPDATE"  # noqa: S608 — no words
    with connection.cursor() as cursor:
        cursor.execute(asked, [*accounts])


def _marks(words: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(words))


@turn.writing()
def _open(places: Iterable[Place]) -> None:
    Account.objects.bulk_create(
        [
            Account(
                place=str(place),
                kind=place.kind.code,
                ledger=place.kind.ledger,
                side=place.kind.side,
                unit_id=place.unit_id,
                depositor_id=place.depositor_id,
                material_id=place.material_id,
            )
            for place in sorted(places, key=str)  # all in one order: no deadlock
        ],
        ignore_conflicts=True,
    )


def post(
    *,
    deed: UUID,
    kind: str,
    legs: Sequence[Leg],
    booked_on: date,
    by: Any,
    at: datetime,
    key: UUID | None = None,
) -> list[Transfer]:
    """Make these transfers together, or none: a refusal ends the verb that asked for them.

    Each transfer's idempotency key follows from ``key`` (else the deed), kind, phase and its place in the row.
    Raises a ``ledger.Refused``.
    """
    made = transfers(deed=deed, kind=kind, legs=legs, booked_on=booked_on, by=by, at=at, key=key)
    with refusals_named():
        return Transfer.objects.bulk_create(made)


def transfers(
    *,
    deed: UUID,
    kind: str,
    legs: Sequence[Leg],
    booked_on: date,
    by: Any,
    at: datetime,
    key: UUID | None = None,
) -> list[Transfer]:
    """What ``post`` will make; nothing is written yet."""
    return [
        Transfer(
            key=uuid5(key or deed, f"{kind}:{leg.phase}:{number}"),
            debit_id=leg.debit,
            credit_id=leg.credit,
            amount=leg.amount,
            phase=leg.phase,
            settles_id=leg.settles,
            reverses_id=leg.reverses,
            kind=kind,
            deed=deed,
            booked_on=booked_on,
            at=at,
            by_id=by and by.pk,
        )
        for number, leg in enumerate(legs)
        if leg.amount
    ]


class refusals_named:  # noqa: N801 — reads as a verb: ``with refusals_named():``
    """Within: what the database refuses is raised by its name."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _where: object) -> None:
        if isinstance(error, IntegrityError):
            for said, refusal in REFUSALS:
                if said in str(error):
                    raise refusal from error


def take_back(*, deed: UUID, key: UUID, booked_on: date, by: Any, at: datetime) -> list[Transfer]:
    """Reverse every transfer of a deed, the last first. Raises ``NotReversible`` the second time."""
    with transaction.atomic():
        moved = list(
            Transfer.objects.filter(
                deed=deed, phase__in=[Phase.SINGLE, Phase.POST], reverses=None
            ).order_by("-pk")
        )
        if not moved:
            raise ledger.NotReversible
        hold({one for t in moved for one in (t.debit_id, t.credit_id)})
        legs = [Leg(t.credit_id, t.debit_id, t.amount, reverses=t.pk) for t in moved]
        return post(
            deed=deed, kind="reversal", legs=legs, booked_on=booked_on, by=by, at=at, key=key
        )
