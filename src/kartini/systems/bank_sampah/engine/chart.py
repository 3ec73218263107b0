"""The chart of accounts: which kinds there are, in which ledger, whose they are, and which side must cover.

Rupiah: a deposit debits ``trade`` and credits ``savings``; a sale debits ``cash`` or ``bank`` and credits
``trade``; a withdrawal is held against ``payouts`` and then paid out of ``cash`` or ``bank``.
Grams: a deposit debits ``stock`` and credits ``brought``; what leaves goes to ``sold``, ``residue`` or ``miscounted``.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from kartini.systems.bank_sampah.engine.ledger import Side


class LedgerCode(StrEnum):
    RUPIAH = "rupiah"
    GRAMS = "grams"


class Owner(StrEnum):
    """An account belongs to a unit, and there perhaps to one depositor or one material."""

    UNIT = "unit"
    DEPOSITOR = "depositor"
    MATERIAL = "material"


@dataclass(frozen=True)
class Kind:
    code: str
    ledger: LedgerCode
    owner: Owner
    side: Side


class Place(NamedTuple):
    """Where an account stands: its kind, its unit, and there perhaps a depositor or a material."""

    kind: Kind
    unit_id: int
    depositor_id: UUID | None = None
    material_id: int | None = None

    def __str__(self) -> str:
        """``trade:7``, ``stock:7:12``, ``savings:0193…``: the word by which the account is found."""
        if self.depositor_id is not None:
            return f"{self.kind.code}:{self.depositor_id}"
        if self.material_id is not None:
            return f"{self.kind.code}:{self.unit_id}:{self.material_id}"
        return f"{self.kind.code}:{self.unit_id}"


_R, _G = LedgerCode.RUPIAH, LedgerCode.GRAMS
SAVINGS = Kind("savings", _R, Owner.DEPOSITOR, Side.CREDIT)
TRADE = Kind("trade", _R, Owner.UNIT, Side.FREE)
CASH = Kind("cash", _R, Owner.UNIT, Side.DEBIT)
BANK = Kind("bank", _R, Owner.UNIT, Side.DEBIT)
PAYOUTS = Kind("payouts", _R, Owner.UNIT, Side.FREE)
CAPITAL = Kind("capital", _R, Owner.UNIT, Side.FREE)
OLD_BOOKS = Kind("old-books", _R, Owner.UNIT, Side.FREE)
DIFFERENCES = Kind("differences", _R, Owner.UNIT, Side.FREE)
BROUGHT = Kind("brought", _G, Owner.DEPOSITOR, Side.CREDIT)
STOCK = Kind("stock", _G, Owner.MATERIAL, Side.DEBIT)
SOLD = Kind("sold", _G, Owner.UNIT, Side.FREE)
RESIDUE = Kind("residue", _G, Owner.UNIT, Side.FREE)
MISCOUNTED = Kind("miscounted", _G, Owner.UNIT, Side.FREE)

KINDS = {
    kind.code: kind
    for kind in (
        SAVINGS, TRADE, CASH, BANK, PAYOUTS, CAPITAL, OLD_BOOKS, DIFFERENCES,
        BROUGHT, STOCK, SOLD, RESIDUE, MISCOUNTED,
    )
}  # fmt: skip

_BOXES = (CASH.code, BANK.code)
_HEAPS = (STOCK.code, RESIDUE.code), (STOCK.code, MISCOUNTED.code)
SHAPES: dict[str, frozenset[tuple[str, str]]] = {
    "deposit": frozenset({(TRADE.code, SAVINGS.code), (STOCK.code, BROUGHT.code)}),
    "withdrawal": frozenset(
        {(SAVINGS.code, PAYOUTS.code), *((PAYOUTS.code, box) for box in _BOXES)}
    ),
    "sale": frozenset(
        {
            *((box, TRADE.code) for box in _BOXES),
            *((TRADE.code, box) for box in _BOXES),
            (STOCK.code, STOCK.code),
            (SOLD.code, STOCK.code),
        }
    ),
    "count": frozenset({*_HEAPS, *((other, heap) for heap, other in _HEAPS)}),
    "cash-move": frozenset(
        {
            *((box, CAPITAL.code) for box in _BOXES),
            (CAPITAL.code, CASH.code),
            (BANK.code, CASH.code),
            (CASH.code, BANK.code),
        }
    ),
    "cash-count": frozenset({(CASH.code, DIFFERENCES.code), (DIFFERENCES.code, CASH.code)}),
    "merge": frozenset({(SAVINGS.code, SAVINGS.code), (BROUGHT.code, BROUGHT.code)}),
    "opening": frozenset({(OLD_BOOKS.code, SAVINGS.code)}),
}
"""Between which kinds of account (debit, credit) each kind of deed moves."""
