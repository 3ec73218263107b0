"""Is the worker alive? Its parts leave a sign every two seconds; pages say "stale since" without it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from kartini.exchange.models import Heartbeat

STALE_AFTER = timedelta(seconds=15)


def beat(seen: Mapping[str, datetime]) -> None:
    """Write when each part was last at work."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(part=part, beat_at=at) for part, at in seen.items()],
        update_conflicts=True,
        unique_fields=["part"],
        update_fields=["beat_at"],
    )


def beats() -> dict[str, datetime]:
    return dict(Heartbeat.objects.values_list("part", "beat_at"))


def alive_at(part: str = "outbox") -> datetime | None:
    """When this part was last at work; None when it never was."""
    return Heartbeat.objects.filter(part=part).values_list("beat_at", flat=True).first()


def is_stale(at: datetime, part: str = "outbox") -> bool:
    seen = alive_at(part)
    return seen is None or abs(at - seen) > STALE_AFTER
