"""Old messages are moved into files on the shelf, one file for each month, and verified before they leave the database."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

import kartini_verify
from kartini.exchange import log
from kartini.exchange.log import Archive, Log, thinning
from kartini.exchange.log import archive as archives
from kartini.exchange.log.archive import NothingToArchive, NotOurArchive, Span
from kartini.exchange.registry import every

__all__ = ["NotOurArchive", "erase", "half_done", "move", "prune", "untouched"]


@every(24 * 3600, id="exchange.thin-roots", title=_("Old signed roots thinned out"))
def thin_roots() -> None:
    """Of the older roots the last of each minute stays, then the last of each hour."""
    thinning.thin(log.the_log().store, timezone.now())


def move(ours: Log, *, until: datetime, folder: str = "", basis: str = "", at: datetime) -> int:
    """Move every month that lies wholly before ``until``; how many messages went. Raises ``NotOurArchive``.

    The tree and its signed roots stay in the database. A killed run is ended by the next one.
    """
    with ours.store.elected("archivist") as mine:
        if not mine:
            return 0
        done = sum(prune(ours, file, basis=basis, at=at).messages for file in half_done(ours))
        while (file := _write(ours, until, ours.shelf.folder / folder)) is not None:
            done += prune(ours, file, basis=basis, at=at).messages
        return done


def prune(ours: Log, file: Path, *, basis: str = "", at: datetime) -> Span:
    """Verify the file, count what it holds for the figures, say in the log that it went, delete it."""
    outside = kartini_verify.kept_outside(ours.outside)
    span = archives.judge(ours.store, file, ours.sealer.public_keys(), outside)
    while ours.count():
        pass
    who = f"{settings.INSTANCE}/GOV/{settings.STEWARD}/exchange"
    archives.prune(ours.store, ours.writer, span, who=who, basis=basis, at=at)
    return span


def untouched(archive: Archive) -> None:
    """Is it still the file of which the log speaks? Raises ``NotOurArchive``."""
    if archive.file is None or archives.digest(archive.file) != archive.digest:
        raise NotOurArchive(f"{archive.file} is not the file that the log speaks of")


def erase(ours: Log, archive: Archive, *, message: str) -> None:
    """Note which message testifies that a rule erased it, then delete the file. A second run ends a killed one."""
    if not archive.erased:
        ours.store.write(("INSERT INTO erased VALUES (?, ?)", [(archive.first, message)]))
    if archive.file is not None:
        archive.file.unlink(missing_ok=True)


def half_done(ours: Log) -> list[Path]:
    """Files of which the log speaks already, though messages of theirs still lie in the database."""
    begin = archives.begin(ours.store)
    left = ours.store.rows("SELECT min(tree_index) FROM message WHERE tree_index < ?", begin)[0][0]
    if left is None:
        return []
    return [one.file for one in ours.shelf.archives() if one.file and one.first <= left < one.until]


def _write(ours: Log, until: datetime, folder: Path) -> Path | None:
    """The file of the oldest month that is not archived; None when none is old enough."""
    first = archives.begin(ours.store)
    found = ours.store.rows("SELECT at FROM message WHERE tree_index = ?", first)
    if not found:
        return None
    file = folder / f"log-{first:010d}.sqlite3"
    if file.exists():  # a killed run wrote it whole
        return file
    file.parent.mkdir(parents=True, exist_ok=True)
    for end in _month_ends(datetime.fromisoformat(found[0][0]), until):
        try:
            archives.write(ours.store, file, end)
        except NothingToArchive:
            continue
        return file
    return None


def _month_ends(first: datetime, until: datetime) -> Iterator[datetime]:
    """Local midnights at which a month after ``first`` ends, up to ``until``."""
    end = timezone.localtime(first)
    while True:
        later = (end.replace(day=1) + timedelta(days=32)).replace(day=1)
        end = later.replace(hour=0, minute=0, second=0, microsecond=0)
        if end > until:
            return
        yield end
