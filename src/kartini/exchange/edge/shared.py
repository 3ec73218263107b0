"""What the edge's processes must know of each other: the signatures that were used, and the calls of this minute.

A sheet is a file of sixteen-byte lines for one minute. Who adds a line has read, in the same turn, every line that
the others added; so no two processes take one signature. Nothing is synced: after a crash of the machine, what was
signed before it is refused for its age.
"""

import errno
import fcntl
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Generic, TypeVar

from kartini.exchange.signatures import LONGEST_FUTURE, LONGEST_PAST, Claim, NotSigned, Replayed
from kartini.exchange.snapshot import Right

MINUTE, LINE = 60, 16
Seen = TypeVar("Seen", set[bytes], Counter[bytes])


class Sheet(Generic[Seen]):
    """One minute's lines, as far as this process has read them."""

    def __init__(self, path: Path, seen: Seen) -> None:
        self.path, self._end = path, 0
        self._seen: Seen = seen
        self._file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)

    @contextmanager
    def turn(self) -> Iterator[Seen]:
        """Alone among the processes: all that was seen. A dead process lets go of its turn."""
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            size = os.fstat(self._file).st_size
            news = os.pread(self._file, size - self._end, self._end)
            whole = len(news) - len(news) % LINE
            self._seen.update(news[at : at + LINE] for at in range(0, whole, LINE))
            self._end += whole
            yield self._seen
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def add(self, line: bytes) -> None:
        """Within a turn. Half a line that a killed process left behind is written over."""
        if os.pwrite(self._file, line, self._end) < LINE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
        self._end += LINE
        self._seen.update([line])

    def close(self) -> None:
        os.close(self._file)


class Sheets(Generic[Seen]):
    """Those of the minutes that still count."""

    def __init__(self, folder: Path, name: str, kind: type[Seen]) -> None:
        self._folder, self._name = folder, name
        self._kind: type[Seen] = kind
        self._open: dict[int, Sheet[Seen]] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def of(self, minute: int, *, oldest: int) -> Sheet[Seen]:
        if minute not in self._open:
            self._sweep(oldest)
            path = self._folder / f"{self._name}-{minute}"
            self._open[minute] = Sheet(path, self._kind())
        return self._open[minute]

    def _sweep(self, oldest: int) -> None:
        """Whoever opens a new minute; those of processes that are gone, too."""
        for old in [minute for minute in self._open if minute < oldest]:
            self._open.pop(old).close()
        for path in self._folder.glob(f"{self._name}-*"):
            minute = path.name.rpartition("-")[2]
            if minute.isdecimal() and int(minute) < oldest:
                path.unlink(missing_ok=True)


class Nonces:
    """Refuses what was seen before, by any process, or is too old to have been remembered."""

    def __init__(self, folder: Path, now: int) -> None:
        self._begun, self._sheets = now, Sheets(folder, "signatures", set[bytes])
        self._latest = now

    def see(self, now: int) -> None:
        """A clock that is set back must not bring back what was swept: what is older than the oldest sheet at the latest
        time seen stays refused. One that had run far ahead is forgotten, and with it what may have been signed before."""
        if now < self._latest - LONGEST_PAST:
            self._begun, self._latest = now + LONGEST_FUTURE + 2, now
        self._latest = max(self._latest, now)

    def take(self, claim: Claim, now: int) -> None:
        if not claim.nonce:
            raise NotSigned("a nonce is missing")
        self.see(now)
        if claim.created > now + LONGEST_FUTURE or claim.created < self._latest - LONGEST_PAST:
            raise NotSigned("created lies too far from our time; check your clock")
        if claim.expires is not None and claim.expires < now:
            raise NotSigned("expires has passed; sign anew")
        if claim.created < self._begun - 1:
            raise NotSigned("created before this exchange began; sign anew")
        line = sha256(f"{claim.keyid}:{claim.nonce}".encode()).digest()[:LINE]
        oldest = (now - LONGEST_PAST) // MINUTE
        sheet = self._sheets.of(claim.created // MINUTE, oldest=oldest)
        with sheet.turn() as seen:
            if line in seen:
                raise Replayed("this signature was used before")
            sheet.add(line)


class Rates:
    """Counts the calls of each grant in this minute, in all processes of the edge."""

    def __init__(self, folder: Path) -> None:
        self._sheets = Sheets(folder, "calls", Counter[bytes])

    def allows(self, right: Right, now: int) -> bool:
        if right.per_minute is None:
            return True
        line = sha256(right.grant_id.encode()).digest()[:LINE]
        minute = now // MINUTE
        sheet = self._sheets.of(minute, oldest=minute)
        with sheet.turn() as calls:
            if calls[line] >= right.per_minute:
                return False
            sheet.add(line)
        return True
