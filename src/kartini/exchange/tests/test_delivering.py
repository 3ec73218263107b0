"""Facts reach each listener once, in order, or say why not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from kartini.exchange import bus, grants, log, outbox, registry
from kartini.exchange.models import Delivery, Fact, Grant
from kartini.exchange.testing import OpenExchange
from kartini.exchange.tests.house import House, Moved

pytestmark = pytest.mark.django_db
LATER = timedelta(seconds=1)


def state(*steps: int, thing: str = "a") -> None:
    for step in steps:
        bus.publish(Moved(thing=thing, step=step))


def now() -> datetime:
    return timezone.now()


def test_a_fact_reaches_its_listener_once_and_the_message_is_logged(
    house: House, exchange: OpenExchange
) -> None:
    state(1)
    assert exchange.deliver_all() == 1
    assert exchange.deliver_all() == 0
    assert [event.step for event in house.heard] == [1]
    message = log.search(limit=1)[0][1]
    assert (message.method, message.status) == ("EVENT", 200)
    assert message.client == "JPR/GOV/dpmptsp/asker"
    assert message.service == "JPR/GOV/disdukcapil/knower/knower.moved.v1"
    assert message.request == str(Fact.objects.get().pk)
    assert message.purpose == "governance"


def test_a_clock_that_ran_ahead_and_is_set_back_holds_no_fact_up(
    house: House, exchange: OpenExchange
) -> None:
    state(1)
    far = now() + timedelta(days=1500)
    Delivery.objects.update(next_at=far, give_up_at=far + timedelta(days=3))
    assert exchange.deliver_all() == 0
    assert outbox.set_right(at=now()) == 1
    assert exchange.deliver_all() == 1
    assert Delivery.objects.get().give_up_at < now() + timedelta(days=4)
    state(2)
    house.broken = RuntimeError("not today")
    exchange.deliver_all()
    Delivery.objects.open().update(next_at=now() + outbox.LONGEST_PAUSE * 1.5)
    assert outbox.set_right(at=now()) == 0


def test_what_is_rolled_back_was_never_said(house: House, exchange: OpenExchange) -> None:
    with transaction.atomic():
        state(1)
        transaction.set_rollback(True)
    assert exchange.deliver_all() == 0
    assert not Fact.objects.exists()


def test_a_listener_without_a_grant_hears_nothing_and_that_is_visible(house: House) -> None:
    grants.declare(approve=False, at=now())
    state(1)
    assert outbox.deliver(at=now() + LATER) == 1
    assert not house.heard
    dead = Delivery.objects.dead().get()
    assert dead.reason == "no grant to hear this"
    assert log.search(limit=1)[0][1].status == 403
    grants.approve_grant(grant=Grant.objects.get(contract=Moved.name), by=None, at=now())
    assert outbox.replay([dead.pk], at=now()) == 1
    assert outbox.deliver(at=now() + LATER) == 1
    assert [event.step for event in house.heard] == [1]


def test_a_listener_that_fails_is_tried_again_later_and_keeps_the_order(
    house: House, exchange: OpenExchange
) -> None:
    house.broken = ValueError("the person 3320116204959002 is unknown")
    state(1, 2)
    state(7, thing="b")
    assert exchange.deliver_all() == 2
    house.broken = None
    waiting = Delivery.objects.open().order_by("pk")
    assert [d.attempts for d in waiting] == [1, 0, 1]
    assert waiting[0].reason == "ValueError: the person [16 digits] is unknown"
    assert exchange.deliver_all(now() + timedelta(minutes=1)) == 3
    assert [e.step for e in house.heard if e.thing == "a"] == [1, 2]


def test_many_facts_of_one_order_go_in_one_turn_and_stop_behind_a_failure(
    house: House, exchange: OpenExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_at_five(event: Moved) -> None:
        if event.step == 5:
            raise ValueError("not yet")
        house.heard.append(event)

    registry.subscribes(Moved, id="asker.moved")(fail_at_five)
    state(*range(1, 10))
    assert outbox.deliver(at=now() + LATER) == 5
    assert [event.step for event in house.heard] == [1, 2, 3, 4]
    registry.subscribes(Moved, id="asker.moved")(house.hear)
    exchange.deliver_all(now() + timedelta(minutes=1))
    assert [event.step for event in house.heard] == [*range(1, 10)]


def test_a_dead_letter_that_is_sent_again_does_not_let_later_ones_overtake(
    house: House, exchange: OpenExchange
) -> None:
    state(1, 2, 3)
    first, second, _third = Delivery.objects.order_by("pk")
    Delivery.objects.filter(pk=first.pk).update(dead_at=now(), reason="x")
    Delivery.objects.filter(pk=second.pk).update(next_at=now() + timedelta(minutes=5))
    outbox.replay([first.pk], at=now())
    exchange.deliver_all(now() + LATER)
    assert [event.step for event in house.heard] == [1]


def test_a_failing_listener_does_not_spoil_its_neighbour(
    house: House, exchange: OpenExchange
) -> None:
    heard: list[Moved] = []
    registry.subscribes(Moved, id="knower.own")(heard.append)
    house.broken = ValueError("boom")
    state(1)
    exchange.deliver_all()
    assert [event.step for event in heard] == [1]
    assert Delivery.objects.open().get().listener == "asker.moved"


def test_what_a_failing_listener_wrote_is_undone(house: House, exchange: OpenExchange) -> None:
    def write_and_fail(_event: Moved) -> None:
        Fact.objects.create(contract="half", body={}, stated_at=now())
        raise ValueError("boom")

    registry.subscribes(Moved, id="asker.moved")(write_and_fail)
    state(1)
    exchange.deliver_all()
    assert not Fact.objects.filter(contract="half").exists()


def test_after_three_days_a_delivery_is_a_dead_letter_and_the_next_one_goes(
    house: House, exchange: OpenExchange
) -> None:
    house.broken = ValueError("boom")
    state(1)
    when, pauses = now(), []
    while delivery := Delivery.objects.open().first():
        when = max(when, delivery.next_at)
        pauses.append(when)
        outbox.deliver(at=when)
    assert timedelta(days=3) <= when - pauses[0] <= timedelta(days=3, hours=5)
    assert 15 < len(pauses) < 60
    house.broken = None
    state(2)
    exchange.deliver_all()
    assert [event.step for event in house.heard] == [2]


@pytest.mark.parametrize("change", ["listener", "body"])
def test_what_can_never_be_delivered_dies_at_once_with_its_reason(
    house: House, exchange: OpenExchange, change: str
) -> None:
    state(1)
    if change == "listener":
        Delivery.objects.update(listener="asker.gone")
    else:
        Fact.objects.update(body={"thing": "a", "step": "many"})
    exchange.deliver_all()
    dead = Delivery.objects.dead().get()
    assert dead.reason in {
        "no such listener in this house",
        "does not fit the contract: 1 fault(s)",
    }


def test_nothing_is_ticked_off_when_the_log_cannot_be_written(
    house: House, exchange: OpenExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_entries: object) -> None:
        raise log.NotDurable("disk full")

    state(1)
    monkeypatch.setattr(log, "append", full)
    with pytest.raises(log.NotDurable):
        exchange.deliver_all()
    monkeypatch.undo()
    assert Delivery.objects.open().count() == 1


def test_what_was_heard_is_forgotten_after_a_month_and_dead_letters_stay(
    house: House, exchange: OpenExchange
) -> None:
    state(1)
    exchange.deliver_all()
    state(2)
    Delivery.objects.open().update(dead_at=now(), reason="x")
    Fact.objects.update(stated_at=datetime(2026, 1, 1, tzinfo=UTC))
    state(3)
    outbox.give_positions()
    outbox.sweep()
    assert sorted(fact.body["step"] for fact in Fact.objects.all()) == [2, 3]


def test_publishing_costs_the_same_for_one_listener_and_for_many(
    house: House, exchange: OpenExchange, django_assert_num_queries: Any
) -> None:
    for number in range(5):
        registry.subscribes(Moved, id=f"knower.{number}")(lambda _event: None)
    notify = connection.vendor == "postgresql"
    with django_assert_num_queries(3 + notify):
        state(1)


@pytest.mark.parametrize("told", ["asker.moved", "simrs.webhook", "dead"])
def test_few_that_wait_are_found_among_a_million_that_are_done(told: str) -> None:
    """Never by walking along all: the worker asks many times a second."""
    if connection.vendor != "sqlite":
        pytest.skip(
            "SQLite's plan is read here; PostgreSQL's depends on statistics that a test has none of"
        )
    every = Delivery.objects
    questions: dict[str, Any] = {
        "asker.moved": every.inside().due(now()),
        "simrs.webhook": every.filter(listener="simrs.webhook").due(now()),
        "dead": every.dead().order_by("-pk"),
    }
    sql, values = questions[told][:100].query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", values)
        plan = [row[3] for row in cursor.fetchall() if "exchange_delivery" in row[3]]
    assert plan
    assert all("open_by_" in step or "given_up" in step for step in plan), plan
