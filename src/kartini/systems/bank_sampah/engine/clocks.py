"""When something happened, by the server's clock, whatever a phone's clock did meanwhile."""

from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=5)
MOST = timedelta(days=60 * 365)  # a clock that lost its battery starts in 1970

Heard = tuple[datetime, int]
"""What the server's clock said when the phone last heard it, and the seconds since then by the phone's own."""


def sane(said: datetime, at: datetime) -> datetime:
    """The moment itself, or one that can still be reckoned with."""
    return min(max(said, at - MOST), at + MOST)


def judged(
    *, said: datetime, sent_at: datetime, heard: Heard | None, not_before: datetime | None, at: datetime
) -> datetime:  # fmt: skip
    """The moment that the phone called ``said``.

    A clock that was wrong all along is put right by what it said at sending; one that was put right between the
    deed and the sending, by what the server said before the deed. A guess is believed when it lies after what
    the phone had heard and after ``not_before`` (a price list that it knew), and not in the future. Where none
    does, the clock was changed more than once: it happened now.
    """
    heard_at = min(heard[0], at) if heard else None
    earliest = max((moment for moment in (heard_at, not_before) if moment), default=at - MOST)
    off = at - sent_at
    guesses = [said + off if abs(off) > TOLERANCE else said]
    if heard and heard_at and abs(heard_at + timedelta(seconds=heard[1]) - guesses[0]) > TOLERANCE:
        guesses.insert(0, heard_at + timedelta(seconds=heard[1]))
    for guess in guesses:
        if earliest - TOLERANCE <= guess <= at + TOLERANCE:
            return min(max(guess, earliest), at)
    return at
