"""A day of the exchange: totals, calls by hour, and how each system stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from kartini.exchange.log.figures import Traffic

TROUBLED_FROM = 0.1


@dataclass
class SystemDay:
    """One system: how often it asked and answered, how often its answers failed, by hour, and when it was last seen."""

    code: str
    asked: int = 0
    answered: int = 0
    failed: int = 0
    heard: int = 0
    by_hour: list[int] = field(default_factory=list)
    last_at: datetime | None = None
    slow: dict[str, float] = field(default_factory=dict)

    @property
    def p95(self) -> float | None:
        """The slowest of its services."""
        return max(self.slow.values(), default=None)

    @property
    def state(self) -> str:
        if self.last_at is None:
            return "quiet"
        calls = self.answered + self.failed
        return "troubled" if calls and self.failed / calls >= TROUBLED_FROM else "running"


@dataclass
class Day:
    calls: int = 0
    answered: int = 0
    refused: int = 0
    failed: int = 0
    by_hour: list[int] = field(default_factory=list)
    refused_by_hour: list[int] = field(default_factory=list)
    systems: dict[str, SystemDay] = field(default_factory=dict)

    @property
    def answered_percent(self) -> float | None:
        return 100 * self.answered / self.calls if self.calls else None


def day(
    traffic: Iterable[Traffic],
    slowness: Mapping[str, float],
    *,
    codes: Iterable[str],
    hours: int,
    zone: tzinfo,
) -> Day:
    """``hours`` is how many hours of the day have begun, in the local zone."""
    found = Day(by_hour=[0] * hours, refused_by_hour=[0] * hours)
    found.systems = {code: SystemDay(code, by_hour=[0] * hours) for code in codes}
    for row in traffic:
        hour = _hour(row.hour, zone)
        if row.asks:
            _count(found, row, hour)
        _count_systems(found, row, hour)
    for service, milliseconds in slowness.items():
        if service and (system := found.systems.get(_answerer(service))):
            system.slow[service] = milliseconds
    return found


def _count(day: Day, row: Traffic, hour: int) -> None:
    day.calls += row.calls
    day.answered += row.calls * (row.status < 400)
    day.failed += row.calls * (row.status >= 500)
    if hour < len(day.by_hour):
        day.by_hour[hour] += row.calls
    if row.status == 403:
        day.refused += row.calls
        if hour < len(day.by_hour):
            day.refused_by_hour[hour] += row.calls


def _count_systems(day: Day, row: Traffic, hour: int) -> None:
    client, answerer = row.client.rpartition("/")[2], _answerer(row.service)
    for code in {client, answerer} & day.systems.keys():
        system = day.systems[code]
        if hour < len(system.by_hour):
            system.by_hour[hour] += row.calls
        newest = datetime.fromisoformat(row.newest)
        system.last_at = max(system.last_at or newest, newest)
        if not row.asks:
            system.heard += row.calls * (code == client)
            continue
        system.asked += row.calls * (code == client)
        if code == answerer:
            system.answered += row.calls * (row.status < 400)
            system.failed += row.calls * (row.status >= 500)


def _answerer(service: str) -> str:
    """``dukcapil`` of ``JPR/GOV/disdukcapil/dukcapil/dukcapil.resident-by-nik.v1``."""
    parts = service.split("/")
    return parts[-2] if len(parts) > 1 else ""


def _hour(hour: str, zone: tzinfo) -> int:
    return datetime.fromisoformat(f"{hour}:00").replace(tzinfo=UTC).astimezone(zone).hour
