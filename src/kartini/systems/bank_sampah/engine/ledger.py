"""What a ledger is, after TigerBeetle's rules: the pure model that the database's triggers obey.

A transfer moves an amount from a debit to a credit account of one ledger, once, for ever. An account keeps
only cumulative totals, never a balance. Two phases: what is ``PENDING`` counts against the account until it
is ``POST``ed or ``VOID``ed. A mistake is mended by one transfer in the other direction.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

MOST = 10**15
"""The largest amount of one transfer: totals stay whole numbers of 64 bits."""


class Side(StrEnum):
    """Which side must cover the other: the account cannot go below zero. ``FREE`` may go anywhere."""

    CREDIT = "credit"
    DEBIT = "debit"
    FREE = "free"


class Phase(StrEnum):
    SINGLE = "single"
    PENDING = "pending"
    POST = "post"
    VOID = "void"


class Refused(Exception):
    """A transfer that the books do not take. The subclass says why."""


class KeyUsed(Refused):
    """This idempotency key already stands in the books."""


class NotAnAmount(Refused):
    """An amount is a whole number above zero, and at most ``MOST``."""


class SameAccount(Refused):
    """A transfer needs two accounts."""


class TwoLedgers(Refused):
    """Rupiah do not become grams."""


class Overdrawn(Refused):
    """An account would go below zero."""


class NothingPending(Refused):
    """Only a pending transfer can be posted or voided, with its own accounts and amount, once."""


class NotReversible(Refused):
    """Only what was posted can be reversed: once, in full, and never a reversal."""


class PeriodClosed(Refused):
    """The month is closed: nothing older moves."""


@dataclass(frozen=True)
class Transfer:
    """``settles`` names the pending transfer that a POST or VOID ends; ``reverses`` the one that is taken back."""

    key: UUID
    debit: int
    credit: int
    amount: int
    phase: Phase = Phase.SINGLE
    settles: UUID | None = None
    reverses: UUID | None = None


@dataclass
class Totals:
    """An account: its ledger, its side, and what has ever gone through it."""

    ledger: str
    side: Side = Side.FREE
    debits_posted: int = 0
    credits_posted: int = 0
    debits_pending: int = 0
    credits_pending: int = 0

    def is_covered(self) -> bool:
        if self.side is Side.CREDIT:
            return self.debits_posted + self.debits_pending <= self.credits_posted
        if self.side is Side.DEBIT:
            return self.credits_posted + self.credits_pending <= self.debits_posted
        return True


@dataclass
class Ledger:
    """Books in memory: small enough to be seen through, and the judge of the real ones."""

    accounts: dict[int, Totals] = field(default_factory=dict)
    transfers: dict[UUID, Transfer] = field(default_factory=dict)

    def post(self, transfer: Transfer) -> None:
        """Take the transfer, or raise ``Refused`` and change nothing."""
        self._check_form(transfer)
        self._check_ties(transfer)
        self._move(transfer, +1)
        if not (self.accounts[transfer.debit].is_covered() and self._credit(transfer).is_covered()):
            self._move(transfer, -1)
            raise Overdrawn
        self.transfers[transfer.key] = transfer

    def _check_form(self, transfer: Transfer) -> None:
        if transfer.key in self.transfers:
            raise KeyUsed
        if not 0 < transfer.amount <= MOST:
            raise NotAnAmount
        if transfer.debit == transfer.credit:
            raise SameAccount
        if self.accounts[transfer.debit].ledger != self._credit(transfer).ledger:
            raise TwoLedgers

    def _check_ties(self, new: Transfer) -> None:
        settling = new.phase in (Phase.POST, Phase.VOID)
        if settling != (new.settles is not None) or (settling and not self._is_settled_by(new)):
            raise NothingPending
        if new.reverses is not None and not self._is_reversed_by(new):
            raise NotReversible

    def _is_settled_by(self, new: Transfer) -> bool:
        old = self.transfers.get(new.settles) if new.settles else None
        return (
            old is not None
            and old.phase is Phase.PENDING
            and (old.debit, old.credit, old.amount) == (new.debit, new.credit, new.amount)
            and all(other.settles != old.key for other in self.transfers.values())
        )

    def _is_reversed_by(self, new: Transfer) -> bool:
        old = self.transfers.get(new.reverses) if new.reverses else None
        return (
            old is not None
            and new.phase is Phase.SINGLE
            and old.phase in (Phase.SINGLE, Phase.POST)
            and old.reverses is None
            and (old.credit, old.debit, old.amount) == (new.debit, new.credit, new.amount)
            and all(other.reverses != old.key for other in self.transfers.values())
        )

    def _credit(self, transfer: Transfer) -> Totals:
        return self.accounts[transfer.credit]

    def _move(self, transfer: Transfer, sign: int) -> None:
        posted, pending = EFFECTS[transfer.phase]
        amount = sign * transfer.amount
        debit, credit = self.accounts[transfer.debit], self._credit(transfer)
        debit.debits_posted += posted * amount
        debit.debits_pending += pending * amount
        credit.credits_posted += posted * amount
        credit.credits_pending += pending * amount


EFFECTS = {
    Phase.SINGLE: (1, 0),
    Phase.PENDING: (0, 1),
    Phase.POST: (1, -1),
    Phase.VOID: (0, -1),
}
"""How each phase moves an account's totals: posted, pending."""
