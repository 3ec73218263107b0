"""How the traffic stands, and where in the log a thing is to be looked for.

Both are reckoned after sealing, block by block, so that writing a message costs nothing more and a page costs the
same with a thousand messages as with a million. What is not counted yet (less than a block, as a
rule) is read from the messages themselves. Counts hold no person and outlive the messages.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from hashlib import blake2b
from itertools import accumulate
from typing import Any

from kartini.exchange.log.leaf import Message
from kartini.exchange.log.store import Store

BLOCK = 1024
MOST_BLOCKS = 300
KNOWN = ("method", "client", "service", "status")
BOUNDS = [int(100 * 1.2**step) for step in range(76)]
_PACE = (
    f"CASE {' '.join(f'WHEN microseconds <= {b} THEN {b}' for b in BOUNDS)} ELSE {BOUNDS[-1]} END"
)
GOOD = " AND method <> 'EVENT' AND status < 400"
ID = "id || ''"  # keeps SQLite from walking along all ids for what the tree's index finds
Found = list[tuple[int | None, Message]]
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Traffic:
    """Messages of one client to one service in one hour (UTC, ``2026-11-24T02``) with one status."""

    hour: str
    method: str
    client: str
    service: str
    status: int
    calls: int
    bytes: int
    newest: str

    @property
    def asks(self) -> bool:
        return self.method != "EVENT"


@dataclass(frozen=True)
class Days:
    """Whole days of the regency, both included."""

    first: date
    last: date
    zone: tzinfo

    @property
    def ends(self) -> tuple[datetime, datetime]:
        begin = datetime.combine(self.first, time.min, self.zone)
        return begin, datetime.combine(self.last, time.min, self.zone) + timedelta(days=1)

    def day_of(self, hour: str) -> str:
        """The day on which an hour (UTC) lies."""
        moment = datetime.fromisoformat(f"{hour}:00").replace(tzinfo=UTC)
        return moment.astimezone(self.zone).date().isoformat()


# -- counting


def count(store: Store, zone: tzinfo, most: int = MOST_BLOCKS) -> int:
    """Count the sealed blocks that are not counted yet; how many that were."""
    done = 0
    first = counted(store)
    last_of = "SELECT 1 FROM message WHERE tree_index = ?"
    while done < most and store.rows(last_of, first + BLOCK - 1):
        _count_block(store, first, zone)
        done, first = done + 1, first + BLOCK
    return done


def counted(store: Store) -> int:
    """How many of the sealed messages are counted: whole blocks only."""
    last = store.rows("SELECT max(number) FROM block")[0][0]
    return 0 if last is None else (int(last) + 1) * BLOCK


def _count_block(store: Store, first: int, zone: tzinfo) -> None:
    rows = store.rows(
        f"SELECT {', '.join(KNOWN)}, at, microseconds, request_bytes + response_bytes, id, request, tree_index "  # noqa: S608
        "FROM message WHERE tree_index >= ? AND tree_index < ?",
        first,
        first + BLOCK,
    )
    upsert = (
        "INSERT INTO traffic VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (span, method, client, service, status, pace) DO UPDATE SET "
        "calls = traffic.calls + excluded.calls, bytes = traffic.bytes + excluded.bytes, "
        "newest = CASE WHEN excluded.newest > traffic.newest THEN excluded.newest ELSE traffic.newest END"
    )
    numbers = [(_short(row[8]), row[9]) for row in rows if row[8]]
    store.write(
        ("INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?)", [*_places(first // BLOCK, rows)]),
        (upsert, [*_summed(rows, zone)]),
        ("INSERT INTO number VALUES (?, ?)", numbers),
    )


def _places(number: int, rows: Iterable[Row]) -> Iterator[Row]:
    """Between which ids of this block the messages of one kind lie."""
    ids: dict[Row, list[str]] = defaultdict(list)
    for row in rows:
        ids[row[:4]].append(row[7])
    for key, held in ids.items():
        yield number, *key, min(held), max(held)


def _summed(rows: Iterable[Row], zone: tzinfo) -> Iterator[Row]:
    """By hour without pace, and by day of the regency with it."""
    sums: dict[Row, list[Any]] = {}
    days = Days(date.min, date.min, zone)
    day_of: dict[str, str] = {}
    for method, client, service, status, at, microseconds, size, *_rest in rows:
        hour = at[:13]
        day = day_of.get(hour) or day_of.setdefault(hour, days.day_of(hour))
        pace = BOUNDS[min(bisect_left(BOUNDS, microseconds), len(BOUNDS) - 1)]
        for span, step in ((f"h{hour}", 0), (f"d{day}", pace)):
            held = sums.setdefault((span, method, client, service, status, step), [0, 0, ""])
            held[0] += 1
            held[1] += size
            held[2] = max(held[2], at)
    for key, held in sums.items():
        yield *key, *held


def _short(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)


# -- figures


def traffic(store: Store, since: datetime) -> list[Traffic]:
    """By hour, client, service and status."""
    low = since.astimezone(UTC).isoformat()
    summed = store.rows(
        f"SELECT substr(span, 2), {', '.join(KNOWN)}, sum(calls), sum(bytes), max(newest) FROM traffic "  # noqa: S608
        "WHERE span >= ? AND span < 'i' GROUP BY 1, 2, 3, 4, 5",
        f"h{low[:13]}",
    )
    late = [(*row[:5], *row[6:]) for row in _uncounted(store, low[:13], "9")]
    return [Traffic(*row) for row in sorted(_merged([*summed, *late], 5))]


def pairs(store: Store, days: Days) -> list[Traffic]:
    """By client, service and status: as many lines as there are pairs, however long the time is."""
    summed = _by_day(store, days, f"'', {', '.join(KNOWN)}")
    late = [("", *row[1:5], *row[6:]) for row in _late(store, days)]
    return [Traffic(*row) for row in _merged([*summed, *late], 5)]


def by_day(
    store: Store, days: Days, below: str = "", **exactly: str
) -> dict[str, tuple[int, int, int]]:
    """Day: calls, calls that failed, bytes. ``client``, ``service`` and ``method`` choose, ``below`` a whole provider."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    where, values, fits = _choice(below, exactly)
    summed = _by_day(store, days, f"substr(span, 2), {', '.join(KNOWN)}", where, *values)
    late = [(days.day_of(row[0]), *row[1:5], *row[6:]) for row in _late(store, days)]
    for day, *key, calls, size, _newest in [*summed, *late]:
        if fits(key):
            failed = calls if key[3] >= 400 else 0
            found[day].update(calls=calls, failed=failed, bytes=size)
    return {day: (c["calls"], c["failed"], c["bytes"]) for day, c in sorted(found.items())}


def paces_by_day(
    store: Store, days: Days, below: str = "", **exactly: str
) -> dict[str, list[tuple[int, int]]]:
    """Day: how many good answers came within how many microseconds. Chosen as in ``by_day``."""
    found: dict[str, Counter[int]] = defaultdict(Counter)
    where, values, fits = _choice(below, exactly)
    for day, pace, calls, *_rest in _by_day(
        store, days, "substr(span, 2), pace", GOOD + where, *values, groups=2
    ):
        found[day][pace] += calls
    for hour, *key, pace, calls, _size, _newest in _late(store, days):
        if key[0] != "EVENT" and key[3] < 400 and fits(key):
            found[days.day_of(hour)][pace] += calls
    return {day: sorted(counts.items()) for day, counts in found.items()}


def _choice(
    below: str, exactly: dict[str, str]
) -> tuple[str, list[str], Callable[[Sequence[Any]], bool]]:
    """A clause with its values, and the same as a question to what stands in the order of ``KNOWN``."""
    chosen = {KNOWN.index(name): value for name, value in exactly.items() if value}
    where = "".join(f" AND {KNOWN[place]} = ?" for place in chosen)
    start = f"{below}/" if below else ""

    def fits(key: Sequence[Any]) -> bool:
        same = all(key[place] == value for place, value in chosen.items())
        return same and str(key[2]).startswith(start)

    if not below:
        return where, [*chosen.values()], fits
    return f"{where} AND substr(service, 1, {len(start)}) = ?", [*chosen.values(), start], fits


def paces(store: Store, by: str, days: Days) -> dict[str, list[tuple[int, int]]]:
    """How many good answers came within how many microseconds; ``by`` is client or service."""
    place = KNOWN.index(by)
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for key, pace, calls, *_rest in _by_day(store, days, f"{KNOWN[place]}, pace", GOOD, groups=2):
        found[key][pace] += calls
    for row in _late(store, days):
        if row[1] != "EVENT" and row[4] < 400:
            found[row[1 + place]][row[5]] += row[6]
    return {key: sorted(counts.items()) for key, counts in found.items()}


def slowness(store: Store, days: Days, hundredth: int = 95) -> dict[str, float]:
    """Milliseconds within which that many of a hundred answers came, by service; ``""`` is all of them."""
    by_service = paces(store, "service", days)
    every: Counter[int] = Counter()
    for counts in by_service.values():
        every.update(dict(counts))
    by_service[""] = sorted(every.items())
    return {key: within(counts, hundredth) for key, counts in by_service.items() if counts}


def within(counts: Sequence[tuple[int, int]], hundredth: int) -> float:
    """Milliseconds, at most a fifth too many: answers are counted by steps of a fifth."""
    sums = [*accumulate(calls for _pace, calls in counts)]
    place = (sums[-1] * hundredth + 99) // 100
    return counts[bisect_left(sums, place)][0] / 1000


def last_seen(store: Store, days: Days) -> dict[str, datetime]:
    """When each system last asked, heard, stated or answered."""
    found: dict[str, str] = {}
    for row in pairs(store, days):
        provider = row.service.rpartition("/")[0] if row.status < 400 else row.client
        for name in {row.client, provider}:
            found[name] = max(found.get(name, ""), row.newest)
    return {client: datetime.fromisoformat(at) for client, at in found.items()}


def _by_day(
    store: Store, days: Days, keys: str, where: str = "", *values: str, groups: int = 5
) -> list[Row]:
    return store.rows(
        f"SELECT {keys}, sum(calls), sum(bytes), max(newest) FROM traffic "  # noqa: S608
        f"WHERE span >= ? AND span <= ?{where} GROUP BY {', '.join(map(str, range(1, groups + 1)))}",
        f"d{days.first}",
        f"d{days.last}",
        *values,
    )


def _late(store: Store, days: Days) -> list[Row]:
    begin, end = (moment.astimezone(UTC).isoformat() for moment in days.ends)
    return _uncounted(store, begin, end)


def _uncounted(store: Store, low: str, high: str) -> list[Row]:
    """Hour, method, client, service, status, pace, calls, bytes, newest: from what is not counted yet."""
    grouped = (
        f"SELECT substr(at, 1, 13), {', '.join(KNOWN)}, {_PACE}, count(*), "  # noqa: S608
        "sum(request_bytes + response_bytes), max(at) FROM message WHERE {} "
        "AND at >= ? AND at < ? GROUP BY 1, 2, 3, 4, 5, 6"
    )
    sealed = store.rows(grouped.format("tree_index >= ?"), counted(store), low, high)
    return [*sealed, *store.rows(grouped.format("tree_index IS NULL"), low, high)]


def _merged(rows: Iterable[Row], keys: int) -> Iterator[Row]:
    """Sums of what was counted and what was not."""
    sums: dict[Row, list[Any]] = {}
    for row in rows:
        held = sums.setdefault(row[:keys], [0, 0, ""])
        calls, size, newest = row[-3:]
        held[:] = held[0] + int(calls), held[1] + int(size), max(held[2], newest)
    for key, held in sums.items():
        yield *key, *held


# -- looking for messages


def newest(
    store: Store, where: dict[str, str | int], *, since: str, until: str, limit: int
) -> Found:
    """Newest first, ids from ``since`` up to but not ``until``. ``where`` holds conditions with values."""
    span = {f"{ID} >= ?": since, f"{ID} < ?": until}
    late = {**where, **span, "tree_index >= ?": counted(store)}
    found = store.newest(late, limit=limit, order=ID)
    found += store.newest({**where, **span}, limit=limit, also="tree_index IS NULL", order=ID)
    found.sort(key=_by_id, reverse=True)
    for number, low, high in _blocks(store, where, since, until):
        if len(found) >= limit and found[limit - 1][1].id > high:
            break
        here = {"+tree_index >= ?": number * BLOCK, "+tree_index < ?": (number + 1) * BLOCK}
        ends = {"id >= ?": max(low, since), "id <= ?": high, "id < ?": until}
        found += store.newest({**where, **ends, **here}, limit=limit)
        found.sort(key=_by_id, reverse=True)
        del found[limit:]
    return found[:limit]


def _by_id(row: tuple[int | None, Message]) -> str:
    return row[1].id


def _blocks(
    store: Store, where: dict[str, str | int], since: str, until: str
) -> Iterator[tuple[int, str, str]]:
    """The blocks that hold such messages, and between which ids; the newest first.

    Read backwards in ever larger steps. A late commit may reach into the block before: hence by their ends.
    """
    known = {say: value for say, value in where.items() if say.split(" ")[0] in KNOWN}
    clause = " AND ".join([*known, "high >= ?", "low < ?"])
    top, step = counted(store) // BLOCK, 16
    while top > 0:
        yield from store.rows(
            f"SELECT number, min(low), max(high) FROM block WHERE number >= ? AND number < ? AND {clause} "  # noqa: S608
            "GROUP BY number ORDER BY max(high) DESC",
            max(top - step, 0),
            top,
            *known.values(),
            since,
            until,
        )
        top, step = top - step, step * 2


def by_request(store: Store, request: str, *, before: str, limit: int) -> Found:
    """Messages that bear this number of the caller's."""
    places = store.rows("SELECT position FROM number WHERE short = ?", _short(request))
    where: dict[str, str | int] = {
        "request = ?": request,
        **({f"{ID} < ?": before} if before else {}),
    }
    late = {**where, "tree_index >= ?": counted(store)}
    found = store.newest(late, limit=limit, order=ID)
    found += store.newest(where, limit=limit, also="tree_index IS NULL", order=ID)
    for (position,) in sorted(places, reverse=True)[:limit]:
        found += store.newest({**where, "tree_index = ?": position}, limit=1)
    return sorted(found, key=_by_id, reverse=True)[:limit]


def first_id(moment: datetime) -> str:
    """The lowest id that a message of this moment can bear: ids begin with the time."""
    milliseconds = f"{int(moment.timestamp() * 1000):012x}"
    return f"{milliseconds[:8]}-{milliseconds[8:]}-0000-0000-000000000000"
