"""Messages to depositors: what was weighed and credited, and how their withdrawal stands."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from kartini.kit import formats
from kartini.office import notices
from kartini.people.models import User
from kartini.systems.bank_sampah.engine import chart
from kartini.systems.bank_sampah.models import Account, Deposit, Depositor, Withdrawal


def account_of(depositor: Depositor) -> User | None:
    """Whoever sees the passbook: the account that holds it, else that of its person."""
    found: User | None = depositor.holder or getattr(depositor.person, "account", None)
    return found


def of_deposit(*, deposit: UUID, at: datetime) -> None:
    """Weight, rupiah and balance, to whoever sees the passbook. Nothing where it was taken back meanwhile."""
    rows = Deposit.objects.select_related("depositor__unit", "depositor__holder", "depositor__person__account")  # fmt: skip
    found = rows.filter(pk=deposit, reversed_at=None).first()
    to = account_of(found.depositor) if found else None
    if found is None or to is None:
        return
    savings = Account.objects.filter(depositor=found.depositor, kind=chart.SAVINGS.code).first()
    words = {
        "kilograms": formats.number(found.total_grams / 1000, language=to.language or "id"),
        "rupiah": formats.rupiah(found.total_rupiah),
        "balance": formats.rupiah(savings.balance if savings else 0),
    }
    _tell(to, found.depositor, "deposit", words, at)


def of_withdrawal(*, withdrawal: Withdrawal, at: datetime) -> None:
    """Approved, paid, refused or lapsed; in the transaction in which it became so. Not what they took back themselves."""
    to = account_of(withdrawal.depositor)
    if to is None or withdrawal.reason == "depositor":
        return
    words = {
        "state": str(withdrawal.state),
        "rupiah": formats.rupiah(withdrawal.amount_rupiah),
        "reason": withdrawal.reason,
        "by_bank": withdrawal.way == Withdrawal.Way.BANK,
    }
    _tell(to, withdrawal.depositor, "withdrawal", words, at)


def _tell(
    to: User, depositor: Depositor, template: str, words: dict[str, Any], at: datetime
) -> None:
    words |= {"unit": depositor.unit.name, "number": depositor.passbook}
    link = reverse("bank_sampah:passbook", args=[depositor.pk])
    notices.tell(to=to, template=f"bank_sampah/{template}", words=words, at=at, link=link)
