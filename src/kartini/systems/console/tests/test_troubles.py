"""A slow, hostile, dying world outside: each case stands in the console in plain words, with what to do."""

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kartini.exchange import conformance, couriers, grants, log, reach, switch, upstream, webhooks
from kartini.exchange.edge import faults, framing
from kartini.exchange.edge.http import Refused
from kartini.exchange.models import Delivery, Fact, Grant, Service, Subsystem, Webhook
from kartini.exchange.testing import OpenExchange
from kartini.exchange.tests.test_remote import Elsewhere, reply
from kartini.exchange.tests.test_webhooks import Receiver, receiver
from kartini.people.models import Role, User
from kartini.systems.console.engine import misfits, outcomes, reasons, titles
from kartini.systems.console.tests.test_joining import (
    CONTRACT,
    as_user,
    at,
    developer,
    house,
    officer,
    owner,
)

__all__ = ["developer", "house", "officer", "owner", "receiver"]
pytestmark = pytest.mark.django_db
WRITTEN = [
    couriers.NO_GRANT,
    couriers.NOT_AGREED,
    couriers.TOO_SLOW,
    couriers.REDIRECTED,
    couriers.NO_LONGER,
    upstream.NO_CONNECTION,
    upstream.CLOSED,
    upstream.NOT_HTTP,
    upstream.TOO_LONG,
    reach.NOT_OURS,
    reach.NOT_SECRET,
    reach.UNKNOWN_NAME,
    webhooks.NOT_IN_TIME,
    webhooks.BY_HAND,
]


def page(client: Client, name: str, *args: object, query: str = "") -> str:
    answer = client.get(reverse(f"console:{name}", args=args) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


@pytest.fixture
def held(house: None, receiver: Receiver) -> Webhook:
    """A vendor's system that is told of events, with one on its way."""
    system = Subsystem.objects.create(code="simrs", member="vendor", title="SIMRS", built_in=False)
    made = webhooks.open_webhook(subsystem=system, url=receiver.url, at=timezone.now())
    fact = Fact.objects.create(
        contract="pengumuman.announcement-published.v1", body={}, stated_at=timezone.now()
    )
    Delivery.objects.create(
        fact=fact,
        listener=made.listener,
        webhook=made,
        next_at=timezone.now(),
        give_up_at=timezone.now() + timedelta(days=3),
        attempts=1,
        reason=couriers.TOO_SLOW,
    )
    return made


def test_everything_that_the_exchange_writes_down_has_an_advice_of_its_own() -> None:
    found = [reasons.advice(reason) for reason in WRITTEN]
    assert reasons.BROKE not in found
    assert len({id(one) for one in found}) == len(WRITTEN)
    for number in (400, 401, 404, 408, 413, 429, 500, 503):
        assert reasons.advice(f"HTTP {number}") is not reasons.BROKE
    assert reasons.advice("ValueError: boom") is reasons.BROKE


def test_every_no_of_the_edge_has_words_and_an_advice() -> None:
    counted = {"invalid_client", "Client.SignatureReplayed", "Client.WrongClient"}
    counted |= {"Client.NotAuthenticated", "Client.BadRequest", "Client.MethodNotAllowed"}
    own = [one for one in vars(framing).values() if isinstance(one, Refused)]
    assert len(own) > 5
    counted |= {faults.of(one).kind for one in own}
    assert counted <= titles.REFUSALS.keys()


@pytest.mark.parametrize("method", ["POST", "GET", "EVENT", "DO", "ASK"])
def test_no_refused_message_is_called_answered_or_delivered(method: str) -> None:
    good = {str(words) for words in outcomes.GOOD.values()} | {"Terjawab"}
    for status in HTTPStatus:
        found = outcomes.of(method, status, granted=True)
        assert (str(found.words) in good) == (status < 400), (method, status)
    assert outcomes.of("POST", 403, granted=False) is outcomes.NO_GRANT
    assert outcomes.of("POST", 403, granted=True) is not outcomes.NO_GRANT


def test_a_delivery_says_why_in_the_readers_language_and_when_it_is_tried_again(
    officer: User, held: Webhook
) -> None:
    client, delivery = as_user(officer), Delivery.objects.get()
    text = words(page(client, "delivery", delivery.pk))
    assert "Penerima tidak menjawab tepat waktu." in text
    assert "in time" not in text
    assert "Dicoba lagi dengan sendirinya." in text
    webhooks.pause(webhook=held, at=timezone.now())
    for name, args in (("delivery", (delivery.pk,)), ("deliveries", ())):
        assert "Setelah penerima dilanjutkan" in words(page(client, name, *args))
    Delivery.objects.update(dead_at=timezone.now(), reason=webhooks.NOT_IN_TIME)
    assert "Lalu kirim ulang" in words(page(client, "delivery", delivery.pk))


def test_the_tries_of_a_delivery_are_those_of_its_own_receiver(
    officer: User, held: Webhook
) -> None:
    delivery = Delivery.objects.get()
    said: dict[str, Any] = {"service": "JPR/GOV/a/pengumuman/pengumuman.announcement-published.v1"}
    for client, status in (("JPR/GOV/vendor/simrs", 504), ("JPR/GOV/other/other", 500)):
        message = log.message(
            at=timezone.now(), method="EVENT", client=client, status=status,
            request=str(delivery.fact_id), grant_id="1", **said,
        )  # fmt: skip
        log.append(log.Entry(message))
    text = words(page(as_user(officer), "delivery", delivery.pk))
    assert "Penerima terlalu lambat" in text
    assert "Penerima gagal" not in text


def test_the_page_of_a_service_says_when_the_other_system_failed_at_the_last_call(
    officer: User, exchange: OpenExchange
) -> None:
    service = Service.objects.get(pk=CONTRACT)
    switch.throw(
        service=switch.prepare(service=service, url="http://127.0.0.1:1/", milliseconds=2000)
    )
    said: dict[str, Any] = {
        "client": "JPR/COM/vendor/simrs",
        "service": grants.snapshot().service(CONTRACT),
    }
    for status, trouble in ((502, True), (200, False)):
        message = log.message(at=timezone.now(), method="POST", status=status, **said)
        log.append(log.Entry(message))
        text = words(page(as_user(officer), "service", CONTRACT))
        assert ("Panggilan terakhir gagal" in text) == trouble


def test_a_receiver_can_be_asked_at_once_and_what_waits_then_goes(
    developer: User, held: Webhook, receiver: Receiver
) -> None:
    client = as_user(developer)
    address = reverse("console:ask_receiver", args=["simrs"])
    later = timezone.now() + timedelta(hours=1)
    Delivery.objects.update(next_at=later)
    Webhook.objects.update(next_at=later, failures=9)
    receiver.agreement = ""
    said = words(client.post(address, follow=True).content.decode())
    assert "WebHook-Allowed-Origin" in said
    receiver.agreement = "WebHook-Allowed-Origin: *\r\n"
    said = words(client.post(address, follow=True).content.decode())
    assert "Penerima setuju." in said
    held.refresh_from_db()
    assert held.agreed_at
    assert (held.failures, held.next_at) == (0, None)
    assert Delivery.objects.get().next_at < later
    assert client.get(address).status_code == 302


def test_a_receiver_that_was_stopped_by_hand_is_not_woken_by_a_question(
    officer: User, held: Webhook
) -> None:
    webhooks.pause(webhook=held, at=timezone.now())
    as_user(officer).post(reverse("console:ask_receiver", args=["simrs"]))
    held.refresh_from_db()
    assert held.paused_at
    assert held.reason == webhooks.BY_HAND


def test_a_lost_signing_secret_is_replaced_and_both_hold_for_a_week(
    developer: User, held: Webhook
) -> None:
    address, old = reverse("console:signing_secret", args=["simrs"]), webhooks.secret(held)
    assert "whsec_" not in page(as_user(developer), "signing_secret", "simrs")
    text = as_user(developer).post(address).content.decode()
    held.refresh_from_db()
    assert webhooks.secret(held) in text
    assert "Rahasia sudah diganti" in text
    assert old not in text
    assert len(webhooks.secrets(held, timezone.now() + timedelta(days=6))) == 2
    assert len(webhooks.secrets(held, timezone.now() + timedelta(days=8))) == 1


def test_who_looks_after_another_system_cannot_have_it_asked(
    developer: User, held: Webhook
) -> None:
    Subsystem.objects.filter(pk="simrs").update(member="disdukcapil")
    answer = as_user(developer).post(reverse("console:ask_receiver", args=["simrs"]))
    assert answer.status_code == 404


def test_an_address_for_events_that_does_not_fit_is_told_how_one_looks(
    developer: User, held: Webhook
) -> None:
    address = reverse("console:webhook", args=["simrs"])
    said = as_user(developer).post(address, {"url": "simrs.example/events"}).content.decode()
    assert "dimulai dengan https://" in said


def test_only_who_may_decide_is_told_to_decide(
    officer: User, owner: User, exchange: OpenExchange
) -> None:
    Subsystem.objects.create(code="simrs", member="vendor", title="SIMRS", built_in=False)
    Grant.objects.create(
        asker_id="simrs", contract=CONTRACT, purpose="permit-identity", basis="UU 1", need="x",
        state="asked", asked_at=timezone.now(),
    )  # fmt: skip
    text = words(page(as_user(officer), "overview"))
    assert "Yang memutuskan: budi." in text
    assert "SIMRS : Siapa penduduk dengan NIK ini?" in text
    Role.objects.filter(user=owner).delete()
    assert "Putuskan" in words(page(as_user(officer), "overview"))


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        (reply(b"{}", "500 Broken"), "Sistem itu rusak saat mengolah contoh."),
        (reply(b"{}", "401 Who"), "kunci publik"),
        (reply(b"{}", length=50), "Content-Length"),
        (lambda line, _n: line.sendall(b"SSH-2.0\r\n\r\n"), "bukan HTTP"),
        (reply(b'{"name": 5}'), "found tidak ada"),
        (reply(b'{"found": true, "name": 5}'), "name harus berupa teks"),
    ],
)
def test_a_check_that_is_not_passed_says_why_and_what_to_do(
    officer: User, exchange: OpenExchange, behaviour: Any, told: str
) -> None:
    answering, client = Elsewhere(), as_user(officer)
    answering.behaviour = lambda line, n: behaviour(line, n) or False
    client.post(at("prepare", CONTRACT), {"url": answering.url, "milliseconds": "1000"})
    client.post(at("try_out", CONTRACT))
    text = words(page(client, "service", CONTRACT))
    answering.close()
    assert told in text
    assert "Error" not in text
    assert "Tidak lulus" in text


def test_every_way_in_which_a_call_breaks_has_words() -> None:
    assert {word for _kinds, word in conformance.CAUSES} | {"slow"} == misfits.FAULTS.keys()


def test_a_failed_message_says_what_to_do(officer: User, exchange: OpenExchange) -> None:
    said: dict[str, Any] = {"service": f"JPR/GOV/disdukcapil/dukcapil/{CONTRACT}"}
    message = log.message(
        at=timezone.now(), method="POST", client="JPR/COM/vendor/simrs", status=504, **said
    )
    log.append(log.Entry(message))
    assert "Hubungi teknisi penjawab" in words(page(as_user(officer), "message", message.id))
