"""Facts on their way to systems outside, some of which have no manners."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from cloudevents.core.formats.json import JSONFormat
from django.db import transaction
from django.utils import timezone
from standardwebhooks.webhooks import Webhook as Judge

from kartini.contracts import Purpose
from kartini.exchange import bus, couriers, grants, log, outbox, reach, webhooks
from kartini.exchange.models import Delivery, Grant, Subsystem, Webhook
from kartini.exchange.testing import OpenExchange
from kartini.exchange.tests.house import BASIS, House, Moved
from kartini.exchange.upstream import CLOSED, Upstream

pytestmark = pytest.mark.django_db
LATER = timedelta(days=4)


class Receiver:
    """A raw server that agrees to the handshake; what else it does, a test says."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.agreement = "WebHook-Allowed-Origin: *\r\n"
        self.answer: Callable[[socket.socket], object] = lambda line: line.sendall(
            b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"
        )
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}/kejadian"
        threading.Thread(target=self._serve, daemon=True).start()

    def says(self, status: str, more: str = "") -> None:
        words = f"HTTP/1.1 {status}\r\n{more}Content-Length: 0\r\n\r\n".encode()
        self.answer = lambda line: line.sendall(words)

    def close(self) -> None:
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def steps(self) -> list[int]:
        return [json.loads(body)["data"]["step"] for _headers, body in self.got]

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
                    self.asked.append(headers)
                    head = f"HTTP/1.1 200 OK\r\n{self.agreement}Content-Length: 0\r\n\r\n"
                    line.sendall(head.encode())
                else:
                    self.got.append((headers, body))
                    self.answer(line)


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def webhook(house: House, exchange: OpenExchange, receiver: Receiver) -> Webhook:
    """A system of Dinkes that may hear what moves."""
    outsider = Subsystem.objects.create(
        code="simrs", member="dinkes", title="SIMRS", built_in=False
    )
    asked = grants.ask(
        asker=outsider,
        contract=Moved.name,
        purpose=Purpose.GOVERNANCE,
        basis=BASIS,
        basis_letter="e",
        need="test",
        by=None,
        at=timezone.now(),
    )
    grants.approve_grant(grant=asked, by=None, at=timezone.now())
    return webhooks.open_webhook(subsystem=outsider, url=receiver.url, at=timezone.now())


def state(*steps: int, thing: str = "truck") -> None:
    for step in steps:
        with transaction.atomic():
            bus.publish(Moved(thing=thing, step=step))
    outbox.give_positions()


def carry(webhook: Webhook, at: datetime | None = None) -> int:
    """What the worker's loop does for one receiver; how many rounds that were."""
    rounds = 0
    while round_ := couriers.take(webhook.pk, at or timezone.now()):
        upstream = Upstream(most=couriers.MOST_ANSWER, resolve=reach.address)
        asyncio.run(couriers.carry(round_, upstream))
        couriers.settle(round_, at or timezone.now())
        rounds += 1
    return rounds


def outside() -> Any:
    return Delivery.objects.filter(webhook__isnull=False)


def test_a_fact_reaches_a_system_outside_as_cloudevents_signed_by_standard_webhooks(
    webhook: Webhook, receiver: Receiver
) -> None:
    state(1)
    carry(webhook)
    ((headers, body),) = receiver.got
    said = Judge(webhooks.secret(webhook)).verify(body, headers)
    assert said["data"] == {"thing": "truck", "step": 1}
    event = from_http_event(HTTPMessage(headers=headers, body=body), JSONFormat())
    assert event.get_type() == Moved.name
    assert event.get_source() == "/JPR/GOV/disdukcapil/knower"
    assert event.get_id() == headers["webhook-id"] == str(outside().get().fact_id)
    assert event.get_extension("partitionkey") == "truck"
    assert receiver.asked[0]["webhook-request-origin"] == "localhost"
    message = log.search(method="EVENT", limit=1)[0][1]
    assert (message.client, message.status) == ("JPR/GOV/dinkes/simrs", 204)
    assert (message.request, message.basis) == (event.get_id(), BASIS)
    webhook.refresh_from_db()
    assert webhook.agreed_at
    assert webhook.heard_at


def test_two_secrets_sign_while_one_replaces_the_other(
    webhook: Webhook, receiver: Receiver
) -> None:
    old = webhooks.secret(webhook)
    new = webhooks.rotate_secret(webhook=webhook, at=timezone.now())
    state(1)
    carry(webhook)
    headers, body = receiver.got[0]
    assert Judge(old).verify(body, headers) == Judge(new).verify(body, headers)
    Webhook.objects.update(former_until=timezone.now())
    state(2)
    carry(webhook)
    assert Judge(new).verify(receiver.got[1][1], receiver.got[1][0])
    with pytest.raises(Exception, match="No matching signature"):
        Judge(old).verify(receiver.got[1][1], receiver.got[1][0])
    assert new not in str(Webhook.objects.values())


def test_facts_of_one_thing_come_in_order_and_wait_for_each_other(
    webhook: Webhook, receiver: Receiver
) -> None:
    state(*range(1, 8))
    state(100, thing="other")
    receiver.says("503 Busy")
    carry(webhook)
    assert sorted(receiver.steps()) == [1, 100]
    receiver.got.clear()
    receiver.says("200 OK")
    Webhook.objects.update(next_at=None)
    outside().update(next_at=timezone.now())
    carry(webhook)
    assert [step for step in receiver.steps() if step < 100] == [*range(1, 8)]
    assert not outside().open().exists()


def test_a_receiver_that_fails_rests_and_after_three_days_a_dead_letter_says_why(
    webhook: Webhook, receiver: Receiver
) -> None:
    state(1)
    receiver.says("500 Internal Server Error")
    assert carry(webhook) == 1
    webhook.refresh_from_db()
    assert (webhook.failures, webhook.reason) == (1, "HTTP 500")
    assert couriers.take(webhook.pk, timezone.now()) is None
    carry(webhook, timezone.now() + LATER)
    dead = outside().get()
    assert dead.dead_at
    assert (dead.reason, dead.attempts) == ("HTTP 500", 2)
    receiver.says("200 OK")
    Webhook.objects.update(next_at=None)
    assert outbox.replay([dead.pk], at=timezone.now()) == 1
    carry(webhook)
    assert outside().get().done_at


def test_a_receiver_that_was_down_for_a_day_misses_nothing_and_gets_nothing_twice(
    webhook: Webhook, receiver: Receiver
) -> None:
    begun = timezone.now()
    receiver.answer = lambda line: line.shutdown(socket.SHUT_RDWR)
    for hour in range(24):
        state(hour)
        carry(webhook, begun + timedelta(hours=hour))
    assert outside().open().count() == 24
    assert {one.reason for one in outside() if one.reason} == {CLOSED}
    receiver.got.clear()
    receiver.says("204 No Content")
    for hour in range(24, 30):
        carry(webhook, begun + timedelta(hours=hour))
    assert receiver.steps() == [*range(24)]
    assert not outside().open().exists()


@pytest.mark.parametrize(("stopped", "goes"), [("gone", True), ("by hand", False)])
def test_a_new_address_wakes_a_receiver_that_was_gone_but_not_one_stopped_by_hand(
    webhook: Webhook, receiver: Receiver, stopped: str, goes: bool
) -> None:
    state(1)
    if stopped == "gone":
        receiver.says("410 Gone")
        carry(webhook)
        receiver.says("200 OK")
    else:
        webhooks.pause(webhook=webhook, at=timezone.now())
    moved = f"{receiver.url}/baru"
    webhooks.open_webhook(subsystem=webhook.subsystem, url=moved, at=timezone.now())
    receiver.got.clear()
    carry(webhook)
    assert bool(receiver.got) == goes


def test_what_waits_behind_a_stopped_receiver_does_not_wait_for_ever(webhook: Webhook) -> None:
    webhooks.pause(webhook=webhook, at=timezone.now())
    state(1)
    assert carry(webhook) == 0
    assert webhooks.give_up(at=timezone.now() + LATER) == 1
    assert outside().get().reason == webhooks.NOT_IN_TIME


def test_a_receiver_that_is_gone_is_stopped_and_can_be_resumed(
    webhook: Webhook, receiver: Receiver
) -> None:
    state(1)
    receiver.says("410 Gone")
    carry(webhook)
    webhook.refresh_from_db()
    assert webhook.paused_at
    assert webhook.reason == couriers.NO_LONGER
    receiver.says("200 OK")
    webhooks.resume(webhook=webhook, at=timezone.now())
    carry(webhook)
    assert outside().get().done_at


def test_nothing_is_sent_to_whoever_did_not_agree(webhook: Webhook, receiver: Receiver) -> None:
    receiver.agreement = "WebHook-Allowed-Origin: other.example\r\n"
    state(1, 2)
    carry(webhook)
    assert not receiver.got
    assert outside().first().reason == couriers.NOT_AGREED
    receiver.agreement = "WebHook-Allowed-Origin: LOCALHOST\r\nWebHook-Allowed-Rate: 600\r\n"
    assert couriers.ask_whether_it_agrees(webhook=webhook, at=timezone.now()) == ""
    outside().update(next_at=timezone.now())
    carry(webhook)
    assert receiver.steps() == [1, 2]
    webhook.refresh_from_db()
    assert webhook.per_minute == 600


def flood(line: socket.socket) -> None:
    """Ten gigabytes, if anybody reads them."""
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n")
    for _ in range(10 * 1024):
        line.sendall(b"x" * 1024 * 1024)


def silence(line: socket.socket) -> None:
    time.sleep(60)


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (flood, "The answer is too long."),
        (silence, couriers.TOO_SLOW),
        (
            lambda line: line.sendall(
                b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
            ),
            couriers.REDIRECTED,
        ),
        (lambda line: line.sendall(b"SSH-2.0\r\n\r\n"), "The answer is not HTTP."),
        (
            lambda line: line.shutdown(socket.SHUT_RDWR),
            "The connection was closed before the answer was whole.",
        ),
    ],
)
def test_a_receiver_without_manners_costs_little_and_is_named(
    webhook: Webhook,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    behaviour: Any,
    reason: str,
) -> None:
    monkeypatch.setattr(couriers, "SECONDS", 1.0)
    receiver.answer = behaviour
    state(1)
    begun = time.monotonic()
    carry(webhook)
    assert time.monotonic() - begun < 5
    assert outside().get().reason == reason
    assert log.search(method="EVENT", limit=1)[0][1].status >= 300


def test_an_answer_may_end_with_its_connection(webhook: Webhook, receiver: Receiver) -> None:
    """As HTTP/1.0 has it; small receivers still speak so."""

    def old(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nthanks")
        line.shutdown(socket.SHUT_RDWR)

    receiver.answer = old
    state(1)
    carry(webhook)
    assert outside().get().done_at


def test_how_long_to_wait_may_be_said_by_the_receiver(webhook: Webhook, receiver: Receiver) -> None:
    receiver.says("429 Too Many Requests", "Retry-After: 3600\r\n")
    state(1)
    carry(webhook)
    assert outside().get().next_at > timezone.now() + timedelta(minutes=59)


def test_without_a_grant_nothing_leaves_the_house(webhook: Webhook, receiver: Receiver) -> None:
    state(1)
    Grant.objects.filter(asker="simrs").update(state="ended")
    grants.forget()
    carry(webhook)
    assert not receiver.got
    assert (outside().get().reason, log.search(limit=1)[0][1].status) == (couriers.NO_GRANT, 403)
    state(2)
    assert outside().count() == 1


@pytest.mark.parametrize(
    "address", ["ftp://a.example", "https://", "https://u:p@a.example", "https://a.example:x/", "x"]
)
def test_what_is_no_address_is_refused_at_once(webhook: Webhook, address: str) -> None:
    with pytest.raises(webhooks.NotAnAddress):
        webhooks.open_webhook(subsystem=webhook.subsystem, url=address, at=timezone.now())


def test_the_workers_loop_serves_many_and_stops_when_told(
    webhook: Webhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slow one first: the other does not wait for it."""
    served: list[int] = []
    end = time.monotonic() + 1

    async def carry(round_: Any, _upstream: Upstream) -> None:
        if round_ == 1:
            await asyncio.sleep(60)

    def settle(round_: Any, _at: datetime) -> None:
        served.append(round_)
        due.discard(round_)

    due = {1, 2}
    monkeypatch.setattr(couriers, "receivers", lambda _at: sorted(due))
    monkeypatch.setattr(couriers, "take", lambda pk, _at: pk if pk in due else None)
    monkeypatch.setattr(couriers, "carry", carry)
    monkeypatch.setattr(couriers, "PATIENCE", 0.2)
    monkeypatch.setattr(couriers, "settle", settle)
    asyncio.run(couriers.work(lambda: time.monotonic() < end))
    assert served == [2]


def test_a_grant_that_is_over_sends_nothing(webhook: Webhook) -> None:
    Grant.objects.filter(asker="simrs").update(valid_until=date(2026, 1, 1))
    assert webhooks.hearing(Moved.name) == []
