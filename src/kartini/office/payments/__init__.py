"""Payments: bills, QRIS, and the fact that a bill was paid."""

from kartini.office.payments.desk import (
    NotLate,
    NotVoidable,
    UnknownCode,
    accept_late,
    bill,
    expire_overdue,
    hear,
    receipt_words,
    refresh,
    show_code,
    void,
)
from kartini.office.payments.qris import Forged, ProviderAway

__all__ = [
    "Forged",
    "NotLate",
    "NotVoidable",
    "ProviderAway",
    "UnknownCode",
    "accept_late",
    "bill",
    "expire_overdue",
    "hear",
    "receipt_words",
    "refresh",
    "show_code",
    "void",
]
