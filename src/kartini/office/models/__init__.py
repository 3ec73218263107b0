"""The counter's tables, one noun per file."""

from kartini.office.models.bill import Bill, Payment, PaymentCode
from kartini.office.models.calendar import HolidayOverride
from kartini.office.models.document import Document
from kartini.office.models.notice import Notice, Parcel
from kartini.office.models.paper import Paper

__all__ = [
    "Bill",
    "Document",
    "HolidayOverride",
    "Notice",
    "Paper",
    "Parcel",
    "Payment",
    "PaymentCode",
]
