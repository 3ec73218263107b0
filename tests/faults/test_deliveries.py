"""Ten thousand deliveries to ten subscribers, a fifth of the tries fail: none is lost, none is applied twice."""

import asyncio
import json
import os
import random
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from kartini.contracts import Event, Purpose
from kartini.exchange import bus, couriers, grants, outbox, reach, registry, webhooks
from kartini.exchange.models import Delivery, Subsystem, Webhook
from kartini.exchange.upstream import Upstream

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(1800),
    pytest.mark.django_db(transaction=True),
]
FACTS = int(os.environ.get("KARTINI_FAULT_FACTS", "1000"))
SUBSCRIBERS, ORDERS, FAULTY = 10, 50, 0.2
STEP = timedelta(minutes=2)


class Told(Event):
    """Something was told."""

    name = "faults-speaker.told.v1"
    ordered_by = "order"
    order: str
    number: int


class Bad(Exception):
    """What a faulty subscriber raises."""


def counted() -> str:
    """A column that numbers the rows as they were written: a table by itself keeps no order."""
    if connection.vendor == "postgresql":
        return "bigint GENERATED ALWAYS AS IDENTITY"
    return "INTEGER PRIMARY KEY"


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[random.Random]:
    """Nobody but the speaker, and a table that forbids nothing."""
    for name in ("subsystems", "listeners", "answerers", "queries", "needed"):
        monkeypatch.setattr(registry, name, {})
    registry.subsystem("faults-speaker", member="diskominfo", title="Speaker")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE told (place {counted()}, subscriber INTEGER, number INTEGER)")
    yield random.Random(20261124)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE told")
    grants.forget()


def tell() -> None:
    for first in range(0, FACTS, 50):
        with transaction.atomic():
            for number in range(first, min(first + 50, FACTS)):
                bus.publish(Told(order=f"o{number % ORDERS}", number=number))
    outbox.give_positions()


def assert_each_once_and_in_order(applied: list[tuple[int, int]]) -> None:
    wanted = {(s, n) for s in range(SUBSCRIBERS) for n in range(FACTS)}
    assert {*applied} == wanted
    assert max(Counter(applied).values()) == 1
    last: dict[tuple[int, int], int] = {}
    for subscriber, number in applied:
        order = (subscriber, number % ORDERS)
        assert last.get(order, -1) < number
        last[order] = number


def test_inside_the_house(house: random.Random) -> None:
    """A handler fails before or after it has written; what it wrote goes with it."""

    def hearer(subscriber: int) -> Any:
        def hear(event: Told) -> None:
            luck = house.random()
            if luck < FAULTY / 2:
                raise Bad
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO told (subscriber, number) VALUES (%s, %s)",
                    [subscriber, event.number],
                )
            if luck < FAULTY:
                raise Bad

        return hear

    for subscriber in range(SUBSCRIBERS):
        code = f"faults-hearer-{subscriber}"
        registry.subsystem(code, member="setda", title=code)
        registry.subscribes(Told, id=f"{code}.told")(hearer(subscriber))
        registry.needs(Told, asker=code, purpose=Purpose.GOVERNANCE, basis="test")
    grants.declare(approve=True, at=timezone.now())
    tell()
    assert Delivery.objects.count() == FACTS * SUBSCRIBERS
    at = timezone.now()
    while Delivery.objects.open().exists():
        while outbox.deliver(at=at):
            pass
        at += STEP
    assert not Delivery.objects.dead().exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT subscriber, number FROM told ORDER BY place")
        assert_each_once_and_in_order([(s, n) for s, n in cursor.fetchall()])


class Receiver:
    """A system outside: answers, breaks down, hangs up, or takes a fact and does not say so.

    It applies each ``webhook-id`` once, as Standard Webhooks asks of it.
    """

    def __init__(self, luck: random.Random) -> None:
        self.luck, self.applied, self.ids, self.tries = luck, list[int](), set[str](), 0
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}/kejadian"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _address = self._door.accept()
                threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        with suppress(OSError), line, line.makefile("rb") as incoming:
            while first := incoming.readline():
                headers = {}
                while (text := incoming.readline().decode().strip()) != "":
                    name, _colon, value = text.partition(":")
                    headers[name.lower()] = value.strip()
                body = incoming.read(int(headers.get("content-length", "0")))
                if first.startswith(b"OPTIONS"):
                    line.sendall(
                        b"HTTP/1.1 200 OK\r\nWebHook-Allowed-Origin: *\r\nContent-Length: 0\r\n\r\n"
                    )
                    continue
                self.tries += 1
                if not self._take(line, headers["webhook-id"], body):
                    return

    def _take(self, line: socket.socket, id_: str, body: bytes) -> bool:
        luck = self.luck.random()
        if luck < FAULTY / 3:
            line.sendall(b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n")
            return True
        if luck < 2 * FAULTY / 3:
            return False
        if id_ not in self.ids:
            self.ids.add(id_)
            self.applied.append(json.loads(body)["data"]["number"])
        if luck < FAULTY:
            return False
        line.sendall(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")
        return True


@pytest.fixture
def receivers(house: random.Random) -> Iterator[list[Receiver]]:
    found = [Receiver(random.Random(number)) for number in range(SUBSCRIBERS)]
    yield found
    for receiver in found:
        receiver.close()


def test_outside_the_house(
    receivers: list[Receiver], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    now = timezone.now()
    grants.declare(approve=True, at=now)
    hooks = [_opened(number, receiver, now) for number, receiver in enumerate(receivers)]
    tell()
    at = timezone.now()
    while Delivery.objects.open().exists():
        for hook in hooks:
            _carry(hook, at)
        at += STEP
        Webhook.objects.update(next_at=None)
    assert not Delivery.objects.dead().exists()
    assert sum(receiver.tries for receiver in receivers) > 1.1 * FACTS * SUBSCRIBERS
    applied = [(s, n) for s, receiver in enumerate(receivers) for n in receiver.applied]
    assert_each_once_and_in_order(applied)


def _opened(number: int, receiver: Receiver, at: datetime) -> Webhook:
    code = f"outside-{number}"
    outsider = Subsystem.objects.create(code=code, member="dinkes", title=code, built_in=False)
    asked = grants.ask(
        asker=outsider, contract=Told.name, purpose=Purpose.GOVERNANCE, basis="test",
        basis_letter="e", need="test", by=None, at=at,
    )  # fmt: skip
    grants.approve_grant(grant=asked, by=None, at=at)
    return webhooks.open_webhook(subsystem=outsider, url=receiver.url, at=at)


def _carry(hook: Webhook, at: datetime) -> None:
    while round_ := couriers.take(hook.pk, at):
        upstream = Upstream(most=couriers.MOST_ANSWER, resolve=reach.address)
        asyncio.run(couriers.carry(round_, upstream))
        couriers.settle(round_, at)
