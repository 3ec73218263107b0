"""What JOSS (permits) states and answers. No personal data in events."""

from datetime import date, datetime
from typing import Literal

from kartini.contracts.base import Contract, Event, Query


class ApplicationMoved(Event):
    """A permit application reached another state: ``submitted``, ``returned``, ``recommendation``,
    ``survey``, ``assessment``, ``payment``, ``verification``, ``decision``, ``issued``, ``refused``,
    ``withdrawn``, ``lapsed`` (returned, and not mended in the time that the rules leave).

    ``holder`` names whose turn it is now: the member code of an agency, ``applicant``, or empty at the end.
    ``due_on`` is the promised day of the decision, ``None`` until the file is complete; it moves while the
    applicant holds the file.
    """

    name = "joss.application-moved.v1"
    ordered_by = "application"
    example = {
        "application": "JOSS-2026-000123",
        "permit_type": "sip-perawat-mandiri",
        "title": "SIP Perawat – praktik mandiri",
        "state": "recommendation",
        "holder": "dinkes",
        "village_code": "33.20.11.2012",
        "due_on": "2026-12-03",
        "at": "2026-11-24T02:14:00Z",
    }

    application: str
    permit_type: str
    title: str
    state: str
    holder: str
    village_code: str
    due_on: date | None = None
    at: datetime


class PermitIssued(Event):
    """A permit was signed and is in force."""

    name = "joss.permit-issued.v1"
    ordered_by = "application"
    example = {
        "application": "JOSS-2026-000123",
        "permit_number": "500.16.7/0123/SIPP/2026",
        "permit_type": "sip-perawat-mandiri",
        "title": "SIP Perawat – praktik mandiri",
        "agency": "dpmptsp",
        "village_code": "33.20.11.2012",
        "working_days": 5,
        "promised_days": 7,
        "valid_until": "2031-11-24",
        "issued_at": "2026-11-24T06:30:00Z",
    }

    application: str
    permit_number: str
    permit_type: str
    title: str
    agency: str
    village_code: str
    working_days: int
    promised_days: int
    valid_until: date | None = None
    issued_at: datetime


class PermitRevoked(Event):
    """A permit lost its force before its time."""

    name = "joss.permit-revoked.v1"
    ordered_by = "application"
    example = {
        "application": "JOSS-2026-000123",
        "permit_number": "500.16.7/0123/SIPP/2026",
        "permit_type": "sip-perawat-mandiri",
        "village_code": "33.20.11.2012",
        "revoked_at": "2027-02-01T03:00:00Z",
    }

    application: str
    permit_number: str
    permit_type: str
    village_code: str
    revoked_at: datetime


class PermitSuspended(Event):
    """A permit is out of force for a time."""

    name = "joss.permit-suspended.v1"
    ordered_by = "application"
    example = {
        "application": "JOSS-2026-000123",
        "permit_number": "500.16.7/0123/SIPP/2026",
        "permit_type": "sip-perawat-mandiri",
        "village_code": "33.20.11.2012",
        "suspended_at": "2027-01-11T03:00:00Z",
    }

    application: str
    permit_number: str
    permit_type: str
    village_code: str
    suspended_at: datetime


class PermitResumed(Event):
    """A suspended permit is in force again."""

    name = "joss.permit-resumed.v1"
    ordered_by = "application"
    example = {
        "application": "JOSS-2026-000123",
        "permit_number": "500.16.7/0123/SIPP/2026",
        "permit_type": "sip-perawat-mandiri",
        "village_code": "33.20.11.2012",
        "resumed_at": "2027-01-18T03:00:00Z",
    }

    application: str
    permit_number: str
    permit_type: str
    village_code: str
    resumed_at: datetime


class PermitStatus(Contract):
    """What may be known of a permit by anyone who has its number: the holder stays masked."""

    example = {
        "found": True,
        "permit_number": "500.16.7/0123/SIPP/2026",
        "title": "SIP Perawat – praktik mandiri",
        "state": "valid",
        "holder_masked": "S*** N** A*****",
        "valid_until": "2031-11-24",
    }

    found: bool
    permit_number: str | None = None
    title: str | None = None
    state: Literal["valid", "suspended", "revoked", "expired"] | None = None
    holder_masked: str | None = None
    valid_until: date | None = None


class PermitByNumber(Query[PermitStatus]):
    """Is the permit with this number in force?"""

    name = "joss.permit-by-number.v1"
    example = {"permit_number": "500.16.7/0123/SIPP/2026"}

    permit_number: str


class PermitFigures(Contract):
    """Counts of applications: open ones, late ones (past ``due_on``), issued this year and the median
    working days of what was issued in the last 90 days (``None`` when nothing was)."""

    example = {
        "open": 42,
        "late": 3,
        "issued_this_year": 618,
        "median_working_days": 4.0,
        "at": "2026-11-24T02:14:00Z",
    }

    open: int | None = None
    late: int | None = None
    issued_this_year: int | None = None
    median_working_days: float | None = None
    at: datetime | None = None


class PermitFiguresNow(Query[PermitFigures]):
    """How do permits stand now, in the whole regency?"""

    name = "joss.permit-figures.v1"
    example = {}
