"""What the house itself states."""

from collections.abc import Mapping
from datetime import datetime

from kartini.contracts.base import Event


class RegisterTakenIn(Event):
    """Old registers were taken in by the thousand at one go: what they are, and how many rows each table gained.

    Rows taken in so have no messages of their own; this one stands for all of them in the log.
    """

    name = "portal.register-taken-in.v1"
    ordered_by = "label"
    example = {
        "label": "demo 1.0, 2026-11-24",
        "rows": {"joss.application": 200_000, "joss.permit": 192_000},
        "began_at": "2026-11-24T02:00:00Z",
        "ended_at": "2026-11-24T02:06:00Z",
    }

    label: str
    rows: Mapping[str, int]
    began_at: datetime
    ended_at: datetime
