"""How the traffic stands: counted from the log, for pages."""

from dataclasses import dataclass
from datetime import datetime

from kartini.exchange.log.store import Store


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


def traffic(store: Store, first_id: str) -> list[Traffic]:
    found = store.rows(
        "SELECT substr(at, 1, 13), method, client, service, status, count(*), "
        "sum(request_bytes + response_bytes), max(at) FROM message WHERE id >= ? "
        "GROUP BY 1, 2, 3, 4, 5 ORDER BY 1",
        first_id,
    )
    return [Traffic(*row) for row in found]


def slowness(store: Store, first_id: str, hundredth: int = 95) -> dict[str, float]:
    """Milliseconds within which that many of a hundred answers came, by service; ``""`` is all of them."""
    inner = (
        "SELECT {} AS service, microseconds, "
        "row_number() OVER (PARTITION BY {} ORDER BY microseconds) AS place, "
        "count(*) OVER (PARTITION BY {}) AS calls "
        "FROM message WHERE id >= ? AND method <> 'EVENT' AND status < 400"
    )
    each, every = (inner.format(*[by] * 3) for by in ("service", "''"))
    found = store.rows(
        f"SELECT service, microseconds FROM ({each} UNION ALL {every}) AS ranked "  # noqa: S608 — our own words
        "WHERE place = (calls * ? + 99) / 100",
        first_id,
        first_id,
        hundredth,
    )
    return {service: microseconds / 1000 for service, microseconds in found}


def first_id(moment: datetime) -> str:
    """The lowest id that a message of this moment can bear: ids begin with the time."""
    milliseconds = f"{int(moment.timestamp() * 1000):012x}"
    return f"{milliseconds[:8]}-{milliseconds[8:]}-0000-0000-000000000000"
