"""What the counter (office) states: things that any system's case may wait for."""

from datetime import datetime

from kartini.contracts.base import Event


class BillPaid(Event):
    """A bill was paid in full. ``reference`` is what the billing system called it."""

    name = "office.bill-paid.v1"
    ordered_by = "reference"
    example = {
        "reference": "joss:JOSS-2026-000124:tax",
        "amount_rupiah": 1250000,
        "paid_at": "2026-11-24T03:00:00Z",
    }

    reference: str
    amount_rupiah: int
    paid_at: datetime
