"""The counted log: the same answers as from the messages themselves, at a cost that does not grow."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kartini.exchange import log as logs
from kartini.exchange.log import figures
from kartini.exchange.tests.test_log import log

__all__ = ["log"]
BEGIN = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
DAYS = figures.Days(date(2026, 11, 24), date(2026, 11, 24), ZoneInfo("Asia/Jakarta"))
CLIENTS = [f"JPR/GOV/dinas{n}/asker{n}" for n in range(4)]
SERVICES = [f"JPR/GOV/owner/knower/knower.question-{n}.v1" for n in range(3)]


def entries(count: int) -> list[logs.Entry]:
    """Four hours of many kinds; one client is rare."""
    dice = random.Random(7)
    found = []
    for n in range(count):
        at = BEGIN + timedelta(hours=4) * n / count
        message = logs.message(
            at=at,
            id=f"{figures.first_id(at)[:13]}-7{n % 4096:03x}-8000-{n:012x}",
            method=dice.choice(["ASK", "ASK", "POST", "EVENT"]),
            client=CLIENTS[3] if n % 1000 == 7 else CLIENTS[dice.randrange(3)],
            service=dice.choice(SERVICES),
            status=dice.choice([200] * 18 + [403, 502]),
            request=f"r-{n}" if n % 2 else "",
            request_bytes=10,
            response_bytes=90,
            microseconds=dice.randrange(500, 90_000),
        )
        found.append(logs.Entry(message))
    return found


@pytest.fixture
def filled(log: logs.Log) -> list[Any]:
    """3,000 sealed, of which two blocks are counted, and 50 that wait for their seal."""
    made = entries(3050)
    log.append(*made[:3000])
    log.sealer.seal(BEGIN)
    log.append(*made[3000:])
    assert log.count() == 2
    assert log.count() == 0
    return [entry.message for entry in made]


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"client": CLIENTS[3]},
        {"client": CLIENTS[1], "failed": True},
        {"client": CLIENTS[3], "method": "EVENT"},
        {"failed": True},
        {"service": SERVICES[0], "since": BEGIN + timedelta(hours=1)},
        {"until": BEGIN + timedelta(hours=2), "failed": False, "method": "POST"},
    ],
)
def test_a_search_finds_page_by_page_what_a_look_at_every_message_finds(
    log: logs.Log,
    filled: list[Any],
    wanted: dict[str, Any],
) -> None:
    def fits(message: logs.Message) -> bool:
        failed = wanted.get("failed")
        return (
            all(
                getattr(message, k) == wanted[k]
                for k in ("client", "service", "method")
                if k in wanted
            )
            and (failed is None or (message.status >= 400) is failed)
            and ("since" not in wanted or message.moment >= wanted["since"])
            and ("until" not in wanted or message.moment < wanted["until"])
        )

    found, before = [], ""
    while page := log.search(**wanted, before=before, limit=70):
        found += [message.id for _place, message in page]
        before = found[-1]
        if len(found) > 300:
            break
    right = sorted((m.id for m in filled if fits(m)), reverse=True)
    assert found == right[: len(found)]
    assert len(found) >= min(len(right), 300)


def test_a_message_is_found_by_its_number_counted_or_not(
    log: logs.Log,
    filled: list[Any],
) -> None:
    for n in (1, 2047, 2049, 3049):
        assert [m.id for _p, m in log.search(request=f"r-{n}")] == [filled[n].id]
    assert log.search(request="r-0") == []


def test_figures_count_every_message_once(log: logs.Log, filled: list[Any]) -> None:
    """The days of the regency: the first two hours lie on the day before in UTC."""
    assert sum(row.calls for row in log.traffic(BEGIN)) == 3050
    days = figures.by_day(log.store, DAYS, client=CLIENTS[0])
    mine = [m for m in filled if m.client == CLIENTS[0]]
    failed = sum(m.status >= 400 for m in mine)
    assert days == {"2026-11-24": (len(mine), failed, 100 * len(mine))}
    pairs = figures.pairs(log.store, DAYS)
    assert sum(row.calls for row in pairs) == 3050
    seen = figures.last_seen(log.store, DAYS)
    assert seen[CLIENTS[3]] == max(m.moment for m in filled if m.client == CLIENTS[3])
    answered = max(m.moment for m in filled if m.status < 400)
    assert seen[SERVICES[0].rpartition("/")[0]] == answered, "who only answers is seen too"


def test_the_figures_of_one_provider_are_those_of_its_services(
    log: logs.Log, filled: list[Any]
) -> None:
    provider = SERVICES[0].rpartition("/")[0]
    theirs = [m for m in filled if m.service.startswith(f"{provider}/")]
    [(calls, failed, _bytes)] = figures.by_day(log.store, DAYS, provider).values()
    assert (calls, failed) == (len(theirs), sum(m.status >= 400 for m in theirs))
    good = [m for m in theirs if m.status < 400 and m.method != "EVENT"]
    [counts] = figures.paces_by_day(log.store, DAYS, provider).values()
    assert sum(number for _pace, number in counts) == len(good)
    assert figures.by_day(log.store, DAYS, provider[:-1]) == {}


def test_half_and_the_slowest_twentieth_are_known_within_a_fifth(
    log: logs.Log,
    filled: list[Any],
) -> None:
    for service, counts in figures.paces(log.store, "service", DAYS).items():
        times = sorted(
            m.microseconds / 1000
            for m in filled
            if m.service == service and m.status < 400 and m.method != "EVENT"
        )
        for hundredth in (50, 95):
            right = times[(len(times) * hundredth + 99) // 100 - 1]
            assert right <= figures.within(counts, hundredth) <= right * 1.21
