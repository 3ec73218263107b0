"""The worker's parts, in this process, against real commits."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from kartini.exchange import bus, clock, grants, heart, log, registry, worker
from kartini.exchange.models import PeriodicRun
from kartini.exchange.tests.house import House, Moved

pytestmark = pytest.mark.django_db(transaction=True)
NINE = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
done: list[int] = []


@task()
def note_down(number: int) -> None:
    done.append(number)


@pytest.fixture
def parts(house: House) -> Iterator[list[worker.Part]]:
    grants.declare(approve=True, at=NINE)
    stop = threading.Event()
    parts = [worker.Part(name, work, stop) for name, work in worker.PARTS.items()]
    yield parts
    stop.set()
    for part in parts:
        part.join(10)


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_committed_fact_is_delivered_and_its_message_sealed(
    house: House, parts: list[worker.Part]
) -> None:
    until(lambda: all(part.seen_at for part in parts))
    bus.publish(Moved(thing="a", step=1))
    until(lambda: house.heard)
    until(lambda: log.search(method="EVENT", limit=1)[:1])
    until(lambda: log.search(method="EVENT", limit=1)[0][0] is not None)


def test_background_tasks_run_and_one_that_a_killed_worker_held_is_taken_back(house: House) -> None:
    done.clear()
    note_down.enqueue(1)
    note_down.enqueue(2)
    held = DBTaskResult.objects.ready().last()
    assert held
    held.claim(worker.WORKER_ID)
    stop = threading.Event()
    part = worker.Part("tasks", worker.tasks, stop)
    until(lambda: len(done) == 2)
    stop.set()
    part.join(10)
    assert sorted(done) == [1, 2]


def test_a_part_that_breaks_begins_anew() -> None:
    tries: list[int] = []

    def work(part: worker.Part) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError("boom")
        part.stop.set()

    worker.Part("fragile", work, threading.Event()).join(10)
    assert len(tries) == 2


def test_work_by_the_clock_is_done_when_due_and_by_one_worker_only(house: House) -> None:
    ran: list[int] = []
    registry.every(60, id="asker.count", title="")(lambda: ran.append(1))
    assert [clock.tick(NINE), clock.tick(NINE + timedelta(seconds=59))] == [1, 0]
    assert clock.tick(NINE + timedelta(seconds=60)) == 1
    assert len(ran) == 2


def test_a_clock_that_ran_ahead_and_is_set_back_stops_no_work(house: House) -> None:
    registry.every(60, id="asker.count", title="")(lambda: None)
    assert clock.tick(NINE + timedelta(days=1500)) == 1
    assert [clock.tick(NINE), clock.tick(NINE + timedelta(seconds=30))] == [1, 0]
    heart.beat({"outbox": NINE + timedelta(days=1500)})
    assert heart.is_stale(NINE)


def test_work_by_the_clock_that_fails_says_so_and_is_tried_again(house: House) -> None:
    def fail() -> None:
        raise ValueError("for 3320116204959002")

    registry.every(1, id="asker.fail", title="")(fail)
    clock.tick(NINE)
    assert PeriodicRun.objects.get().fault == "ValueError: for [16 digits]"
    registry.every(1, id="asker.fail", title="")(lambda: None)
    clock.tick(NINE + timedelta(seconds=1))
    assert PeriodicRun.objects.get().fault == ""


def test_a_heart_that_stopped_is_noticed() -> None:
    assert heart.is_stale(NINE)
    heart.beat({"outbox": NINE, "clock": NINE})
    heart.beat({"outbox": NINE + timedelta(seconds=2)})
    assert heart.alive_at() == NINE + timedelta(seconds=2)
    assert not heart.is_stale(NINE + timedelta(seconds=10))
    assert heart.is_stale(NINE + timedelta(seconds=30))
    assert heart.beats().keys() == {"outbox", "clock"}
    assert timezone.is_aware(heart.beats()["clock"])
