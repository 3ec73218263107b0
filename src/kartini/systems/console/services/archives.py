"""Old messages of the log leave the database by a dated rule, and old archives leave the shelf by another. Without a
rule they stay."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from kartini.exchange import archiving, log
from kartini.exchange.log import note, shelf
from kartini.systems.console.models import Erasure, RetentionRule
from kartini.systems.console.services import retention
from kartini.systems.console.services.retention import Kind, rule_for

ARCHIVE, ARCHIVE_SECONDS = "console.archive", 3600
KINDS = (Kind.MESSAGES, Kind.ARCHIVES)


@dataclass(frozen=True)
class Moved:
    """An archive as the log speaks of it, with the times of its messages; and its erasure, if a rule erased it."""

    archive: shelf.Archive
    moved_at: datetime | None
    basis: str
    first_at: datetime | None
    last_at: datetime | None
    erasure: Erasure | None

    @property
    def name(self) -> str:
        """Below the folder of archives."""
        file = self.archive.file
        return str(file.relative_to(log.the_log().shelf.folder)) if file else ""

    @property
    def size(self) -> int:
        return self.archive.file.stat().st_size if self.archive.file else 0


def move_what_is_due(*, at: datetime) -> int:
    """Every whole month that is older than the rule in force keeps; how many messages went."""
    rule = rule_for(Kind.MESSAGES, timezone.localdate(at))
    if rule is None:
        return 0
    return archiving.move(
        log.the_log(), until=due_before(rule, at), folder=rule.folder, basis=rule.basis, at=at
    )


def erase_what_is_due(*, at: datetime) -> int:
    """Every archive whose newest message is older than the rule in force keeps; how many went.

    Which one it was (positions, digest, signed root) is in the log for good before the file goes. Raises
    ``NotOurArchive`` for a file that was touched: it is evidence.
    """
    rule, ours = rule_for(Kind.ARCHIVES, timezone.localdate(at)), log.the_log()
    if rule is None:
        return 0
    with ours.store.elected("archivist") as mine:
        due = _due(ours, due_before(rule, at)) if mine else []
        for archive in due:
            _erase(archive, rule, at)
    return len(due)


def _due(ours: log.Log, before: datetime) -> list[shelf.Archive]:
    """Oldest first; a month that still lies in the database as well is moved to the end first."""
    kept, found = archiving.half_done(ours), ours.shelf.archives()
    there = [one for one in found if one.file is not None and one.file not in kept]
    return [one for one in reversed(there) if datetime.fromisoformat(one.end) < before]


def _erase(archive: shelf.Archive, rule: RetentionRule, at: datetime) -> None:
    ours, message = log.the_log(), archive.erased
    if not message:
        archiving.untouched(archive)
        root = note.parse(ours.store.checkpoint_of(archive.until)).root
        line = f"{archive.first}-{archive.until} sha-256:{archive.digest} root:{b64encode(root).decode()}"
        message = retention.listed(rule, [line], due_before(rule, at), at).message
    archiving.erase(ours, archive, message=message)


def due_before(rule: RetentionRule, at: datetime) -> datetime:
    """The local midnight before which a message is old."""
    day = timezone.localtime(at) - timedelta(days=rule.keep_days)
    return day.replace(hour=0, minute=0, second=0, microsecond=0)


def everything() -> list[Moved]:
    """All archives, newest first."""
    found = log.the_log().shelf.archives()
    erasures = Erasure.objects.filter(message__in=[one.erased for one in found if one.erased])
    by_message = {one.message: one for one in erasures.select_related("rule")}
    return [_told(one, by_message.get(one.erased)) for one in found]


def at_hand() -> list[shelf.Archive]:
    """Those that can be searched, newest first."""
    return [one for one in log.the_log().shelf.archives() if one.file and not one.erased]


def _told(one: shelf.Archive, erasure: Erasure | None) -> Moved:
    found = log.the_log().message(one.message)
    first, last = (datetime.fromisoformat(at) if at else None for at in (one.begin, one.end))
    said = found[1] if found else None
    return Moved(one, said and said.moment, said.basis if said else "", first, last, erasure)


def rules() -> list[RetentionRule]:
    """All that were ever set, the newest first."""
    held = RetentionRule.objects.filter(kind__in=KINDS).select_related("made_by")
    return list(held.order_by("-from_on", "-pk"))
