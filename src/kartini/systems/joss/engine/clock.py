"""The clock: working days, kept for each party. It starts when the file is complete and stands still
while the applicant holds it. Pure: what a working day is comes in as functions of dates."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

Between = Callable[[date, date], int]
Add = Callable[[date, int], date]


@dataclass(frozen=True)
class Stay:
    """How long one party held the file. ``until_on`` is ``None`` while it still does.

    ``counted`` says whether the days belong to the promise to the applicant.
    """

    holder: str
    from_on: date
    until_on: date | None
    counted: bool


def days_of(stay: Stay, today: date, between: Between) -> int:
    """Working days of a stay: those after its first day, up to and with its last. So the days of
    consecutive stays add up to the days of the whole, whatever the hour at which the file changed hands."""
    return max(0, between(stay.from_on, max(stay.from_on, stay.until_on or today)))


def account(stays: Iterable[Stay], today: date, between: Between) -> dict[str, int]:
    """Working days by party, in the order in which they first held the file."""
    book: dict[str, int] = {}
    for stay in stays:
        book[stay.holder] = book.get(stay.holder, 0) + days_of(stay, today, between)
    return book


def spent(stays: Iterable[Stay], today: date, between: Between) -> int:
    """Working days of the promise that are used up."""
    return sum(days_of(stay, today, between) for stay in stays if stay.counted)


def moved(due_on: date, stay: Stay, today: date, between: Between, add: Add) -> date:
    """The promised day after a stay that is not counted: later by the working days of that stay."""
    return due_on if stay.counted else add(due_on, days_of(stay, today, between))
