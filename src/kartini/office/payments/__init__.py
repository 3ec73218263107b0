"""Payments: bills, QRIS, and the fact that a bill was paid."""

from kartini.office.payments.desk import (
    AlreadyHandled,
    NotLate,
    NotVoidable,
    UnknownCode,
    accept_late,
    bill,
    expire_overdue,
    give_back,
    hear,
    look,
    receipt_words,
    refresh,
    show_code,
    void,
)
from kartini.office.payments.qris import Forged, ProviderAway

__all__ = [
    "AlreadyHandled",
    "Forged",
    "NotLate",
    "NotVoidable",
    "ProviderAway",
    "UnknownCode",
    "accept_late",
    "bill",
    "expire_overdue",
    "give_back",
    "hear",
    "look",
    "receipt_words",
    "refresh",
    "show_code",
    "void",
]
