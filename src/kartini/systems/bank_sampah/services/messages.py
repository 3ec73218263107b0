"""Messages to depositors: what was weighed and credited, and how their withdrawal stands."""

from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from kartini.kit import formats
from kartini.office import notices
from kartini.people import phones
from kartini.people.models import User
from kartini.systems.bank_sampah.engine import chart
from kartini.systems.bank_sampah.models import Account, Deposit, Depositor, Withdrawal


def account_of(depositor: Depositor) -> User | None:
    """Whoever sees the passbook: the account that holds it, else that of its person."""
    found: User | None = depositor.holder or getattr(depositor.person, "account", None)
    return found


def of_deposit(*, deposit: UUID, at: datetime) -> None:
    """Weight, rupiah and balance, to whoever sees the passbook. Nothing where it was taken back meanwhile."""
    rows = Deposit.objects.select_related("depositor__unit", "depositor__holder", "depositor__person__account", "depositor__phone_consent")  # fmt: skip
    found = rows.filter(pk=deposit, reversed_at=None).first()
    if found is None or not _hears(found.depositor):
        return
    to = account_of(found.depositor)
    savings = Account.objects.filter(depositor=found.depositor, kind=chart.SAVINGS.code).first()
    words = {
        "kilograms": formats.number(
            found.total_grams / 1000, language=(to and to.language) or "id"
        ),
        "rupiah": formats.rupiah(found.total_rupiah),
        "balance": formats.rupiah(savings.balance if savings else 0),
    }
    _tell(found.depositor, "deposit", words, at)


def of_withdrawal(*, withdrawal: Withdrawal, at: datetime) -> None:
    """Approved, paid, refused or lapsed; in the transaction in which it became so. Not what they took back themselves."""
    if withdrawal.reason == "depositor" or not _hears(withdrawal.depositor):
        return
    words = {
        "state": str(withdrawal.state),
        "rupiah": formats.rupiah(withdrawal.amount_rupiah),
        "reason": withdrawal.reason,
        "by_bank": withdrawal.way == Withdrawal.Way.BANK,
    }
    _tell(withdrawal.depositor, "withdrawal", words, at)


def _hears(depositor: Depositor) -> bool:
    """Is there an account, or a telephone with consent?"""
    return account_of(depositor) is not None or hasattr(depositor, "phone_consent")


def _tell(depositor: Depositor, template: str, words: dict[str, Any], at: datetime) -> None:
    """To the account that sees the passbook; where there is none, to the telephone."""
    words |= {"unit": depositor.unit.name, "number": depositor.passbook}
    how: dict[str, Any] = {"template": f"bank_sampah/{template}", "words": words, "at": at}
    to = account_of(depositor)
    if to is not None:
        link = reverse("bank_sampah:passbook", args=[depositor.pk])
        notices.tell(to=to, link=link, **how)
        return
    with suppress(phones.NoPhone):
        words["by_phone"] = True
        notices.tell_phone(phone=phones.clean(depositor.phone), **how)
