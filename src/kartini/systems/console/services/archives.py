"""Old messages of the log leave the database by a dated rule. Without a rule they stay."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from kartini.exchange import archiving, log
from kartini.exchange.log import shelf
from kartini.systems.console.models import RetentionRule
from kartini.systems.console.services.retention import Kind, rule_for

ARCHIVE, ARCHIVE_SECONDS = "console.archive", 3600


@dataclass(frozen=True)
class Moved:
    """An archive as the log speaks of it, and the times of its messages where the file is at hand."""

    archive: shelf.Archive
    moved_at: datetime | None
    basis: str
    first_at: datetime | None
    last_at: datetime | None

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


def due_before(rule: RetentionRule, at: datetime) -> datetime:
    """The local midnight before which a message is old."""
    day = timezone.localtime(at) - timedelta(days=rule.keep_days)
    return day.replace(hour=0, minute=0, second=0, microsecond=0)


def everything() -> list[Moved]:
    """All archives, newest first."""
    return [_told(one) for one in log.the_log().shelf.archives()]


def _told(one: shelf.Archive) -> Moved:
    found, days = log.the_log().message(one.message), one.days
    first, last = map(datetime.fromisoformat, days) if days else (None, None)
    said = found[1] if found else None
    return Moved(one, said and said.moment, said.basis if said else "", first, last)


def rules() -> list[RetentionRule]:
    """All that were ever set, the newest first."""
    held = RetentionRule.objects.filter(kind=Kind.MESSAGES).select_related("made_by")
    return list(held.order_by("-from_on"))
