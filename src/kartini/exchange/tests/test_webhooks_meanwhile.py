"""What changes while facts are on their way to a system outside."""

import asyncio
import socket
import time

import pytest
from django.utils import timezone

from kartini.exchange import couriers, grants, reach, webhooks
from kartini.exchange.models import Grant, Webhook
from kartini.exchange.tests.test_webhooks import (
    LATER,
    Receiver,
    carry,
    outside,
    receiver,
    state,
    webhook,
)
from kartini.exchange.upstream import Upstream

__all__ = ["receiver", "webhook"]
pytestmark = pytest.mark.django_db


def test_what_is_behind_a_slow_answer_is_sent_by_the_grants_of_then(
    webhook: Webhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(couriers, "FRESH_SECONDS", 0.1)
    quick = receiver.answer

    def slow(line: socket.socket) -> None:
        time.sleep(0.2)
        quick(line)

    receiver.answer = slow
    state(1, 2, 3)
    Webhook.objects.update(agreed_at=timezone.now())
    round_ = couriers.take(webhook.pk, timezone.now())
    assert round_
    asyncio.run(couriers.carry(round_, Upstream(resolve=reach.address)))
    couriers.settle(round_, timezone.now())
    assert receiver.steps() == [1]
    Grant.objects.filter(asker="simrs").update(state="ended")
    grants.forget()
    carry(webhook)
    assert receiver.steps() == [1]


def test_what_was_given_up_while_it_arrived_has_arrived(
    webhook: Webhook, receiver: Receiver
) -> None:
    state(1, 2)
    round_ = couriers.take(webhook.pk, timezone.now())
    assert round_
    asyncio.run(couriers.carry(round_, Upstream(resolve=reach.address)))
    webhooks.give_up(at=timezone.now() + LATER)
    couriers.settle(round_, timezone.now())
    assert set(outside().values_list("dead_at", flat=True)) == {None}
    assert outside().filter(done_at=None).count() == 0


def test_an_address_that_cannot_be_used_is_a_failure_like_others(webhook: Webhook) -> None:
    state(1)
    Webhook.objects.update(url="http://127.0.0.1:1/\u2603", agreed_at=timezone.now())
    carry(webhook)
    webhook.refresh_from_db()
    assert (webhook.failures, outside().get().attempts) == (1, 1)
