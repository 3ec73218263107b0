"""How the overview reckons a day."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from kartini.exchange.log.figures import Traffic
from kartini.systems.console.engine import overview


def test_a_day_is_counted_in_local_hours() -> None:
    def traffic(hour: str, status: int, calls: int, method: str = "ASK") -> Traffic:
        service = "JPR/GOV/disdukcapil/knower/knower.who-is.v1"
        newest = f"{hour}:30:00+00:00"
        return Traffic(hour, method, "JPR/GOV/dpmptsp/asker", service, status, calls, 0, newest)

    day = overview.day(
        [
            traffic("2026-11-23T17", 200, 10),
            traffic("2026-11-24T02", 200, 5),
            traffic("2026-11-24T02", 403, 2),
            traffic("2026-11-24T02", 502, 3),
            traffic("2026-11-24T02", 200, 7, "EVENT"),
        ],
        {"": 80.0, "JPR/GOV/disdukcapil/knower/knower.who-is.v1": 80.0},
        codes=["asker", "knower", "other"],
        hours=10,
        zone=ZoneInfo("Asia/Jakarta"),
    )
    assert (day.calls, day.answered, day.refused, day.failed) == (20, 15, 2, 3)
    assert day.by_hour == [10, 0, 0, 0, 0, 0, 0, 0, 0, 10]
    assert day.refused_by_hour[9] == 2
    asker, knower, other = day.systems.values()
    assert (asker.asked, asker.heard, knower.answered, knower.failed) == (20, 7, 15, 3)
    assert (asker.state, knower.state, other.state) == ("running", "troubled", "quiet")
    assert knower.p95 == 80.0
    assert knower.last_at == datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
