"""Not every signed root is kept for ever: of the older ones the last of each minute, then the last of each hour.

The sealer signs one a second under traffic. A later root says all that an earlier one said, since the tree only
grows, and proofs are made from the tiles. Kept for ever are those on which something outside the table rests: what
was cosigned or stamped, and where an archive begins or ends (at midnight, by the last root of an hour). The newest
are not touched whatever the clock says, since a witness may be looking at one of them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from kartini.exchange.log import attested, note
from kartini.exchange.log.store import Store

EVERY_ONE, EACH_MINUTE = timedelta(days=7), timedelta(days=60)
MINUTE, HOUR = len("2026-11-24T02:14"), len("2026-11-24T02")
PAGE, NEWEST = 2000, 1000


def thin(store: Store, at: datetime) -> int:
    """Drop the roots that a later one of the same minute (after a week) or hour (after 60 days) makes needless;
    how many went. It may be stopped and begun again at any time."""
    kept, dropped = _kept_for_ever(store), 0
    ages = [(at - age).astimezone(UTC).isoformat() for age in (EVERY_ONE, EACH_MINUTE)]
    for page in _pages(store):
        needless = [
            (size,)
            for (size, sealed), (_next, later) in pairwise(page)
            if size not in kept and _needless(sealed, later, *ages)
        ]
        if needless:
            store.write(("DELETE FROM checkpoint WHERE size = ?", needless))
        dropped += len(needless)
    return dropped


def _kept_for_ever(store: Store) -> set[int]:
    ends = {end for first, until, *_rest in store.archived() for end in (first, until)}
    return ends.union(size for size, _name in attested.sizes(store))


def _needless(sealed: str, later: str, young: str, old: str) -> bool:
    """``later`` is when the next root was signed: it stays, or another one after it stands for both."""
    same = HOUR if later < old else MINUTE
    return later < young and sealed[:same] == later[:same]


def _pages(store: Store) -> Iterator[list[tuple[int, str]]]:
    """Sizes and times in order; each page begins with the root that ended the one before."""
    newest = store.rows("SELECT size FROM checkpoint ORDER BY size DESC LIMIT 1 OFFSET ?", NEWEST)
    sql = "SELECT size, note FROM checkpoint WHERE size BETWEEN ? AND ? ORDER BY size LIMIT ?"
    first, last = 0, newest[0][0] if newest else -1
    while True:
        rows = store.rows(sql, first, last, PAGE)
        yield [(int(size), note.parse(text).at) for size, text in rows]
        if len(rows) < PAGE:
            return
        first = int(rows[-1][0])
