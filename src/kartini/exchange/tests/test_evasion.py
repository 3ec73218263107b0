"""Callers who would rather not stand in the log, or get more than was granted: none gets by."""

import json
from typing import Any

import pytest
from django.utils import timezone

from kartini.exchange import log, outbox
from kartini.exchange.call import MOST_PERSONS
from kartini.exchange.models import Delivery, Fact, Grant, Service
from kartini.exchange.testing import OpenExchange
from kartini.exchange.tests.house import NIK, House, Moved
from kartini.exchange.tests.outsider import PATH, QUESTION, Outsider, last
from kartini.exchange.tests.test_remote import GOOD, Elsewhere, reply

pytestmark = pytest.mark.django_db
ESCAPED = "".join(f"\\u{ord(digit):04x}" for digit in NIK)


def test_a_nik_with_escaped_digits_is_seen(outsider: Outsider, elsewhere: Elsewhere) -> None:
    answer = outsider.ask(body=f'{{"nik": "{ESCAPED}"}}'.encode())
    assert answer.status == 200
    assert json.loads(elsewhere.requests[0][1])["nik"] == NIK
    assert log.messages_about(NIK)[0].id == last().id


def test_a_nik_hidden_behind_many_others_is_not_asked_for(
    outsider: Outsider, elsewhere: Elsewhere
) -> None:
    others = [f"{number:016}" for number in range(MOST_PERSONS)]
    answer = outsider.ask(body=json.dumps({"others": others, "nik": NIK}).encode())
    assert (answer.status, answer.error) == (400, "Client.BadRequest")
    assert not elsewhere.requests
    few = {"others": others[:-1], "nik": NIK}
    assert outsider.ask(body=json.dumps(few).encode()).status == 200
    assert log.messages_about(NIK)[0].id == last().id


def test_an_answer_about_more_persons_than_can_be_logged_does_not_leave(
    outsider: Outsider, elsewhere: Elsewhere
) -> None:
    others = [f"{number:016}" for number in range(MOST_PERSONS + 1)]
    elsewhere.behaviour = reply(json.dumps({"found": True, "others": others}).encode())
    assert (outsider.ask().status, last().status) == (500, 502)


def test_what_is_no_contract_of_ours_may_write_a_nik_as_it_likes(
    outsider: Outsider, elsewhere: Elsewhere
) -> None:
    service = "knower.old-register"
    Service.objects.create(contract=service, subsystem_id="knower", url=elsewhere.url)
    grant = Grant.objects.get(contract="knower.who-is.v1")
    Grant.objects.create(
        asker_id="asker", contract=service, purpose=grant.purpose, basis="x", state="approved",
        asked_at=timezone.now(), decided_at=timezone.now(),
    )  # fmt: skip
    outsider.refresh()
    path = PATH.replace("knower.who-is.v1", service)
    for body in (f'{{"nik": {NIK}}}', f"nik={NIK}&page=1"):
        assert outsider.ask(path, body.encode(), content_type="text/plain").status == 200
        assert log.messages_about(NIK)[0].id == last().id
    for address in (f"{path}/persons/{NIK}", f"{path}?nik=%33{NIK[1:]}"):
        assert outsider.ask(address, b"").error == "Client.BadRequest"
    assert len(elsewhere.requests) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"x_kartini_purpose": NIK},
        {"x_kartini_purpose": "x" * 61},
        {"x_kartini_purpose": "tujuan-é"},
        {"x_road_represented_party": f"COM/{NIK}"},
        {"x_road_represented_party": "x" * 41},
    ],
)
def test_a_claim_that_does_not_fit_is_refused_and_never_replaced_by_another(
    outsider: Outsider, elsewhere: Elsewhere, headers: dict[str, Any]
) -> None:
    answer = outsider.ask(**headers)
    assert (answer.status, answer.error) == (400, "Client.BadRequest")
    assert not elsewhere.requests
    assert all(NIK not in column for m in log.search() for column in map(str, m[1]))


def test_a_nik_in_an_address_does_not_come_into_the_log(outsider: Outsider) -> None:
    assert outsider.ask(PATH.replace("who-is", NIK)).error == "Client.BadRequest"
    assert all(NIK not in column for m in log.search() for column in map(str, m[1]))


def test_a_refusal_of_the_provider_is_no_way_around_a_narrow_grant(
    outsider: Outsider, elsewhere: Elsewhere
) -> None:
    Grant.objects.filter(contract="knower.who-is.v1").update(fields=["name"])
    outsider.refresh()
    said = {"title": "Gone away", "status": 404, "address": "Jl. Kartini 17", "detail": {"a": 1}}
    elsewhere.behaviour = reply(json.dumps(said).encode(), "404 Not Found")
    answer = outsider.ask()
    assert (answer.status, answer.json) == (404, {"title": "Gone away", "status": 404})
    elsewhere.behaviour = reply(b"<p>Jl. Kartini 17</p>", "500 Oops")
    answer = outsider.ask()
    assert (answer.status, last().status) == (500, 502)
    assert b"Kartini 17" not in answer.body


def test_an_answer_too_deep_to_be_narrowed_is_logged_all_the_same(
    outsider: Outsider, elsewhere: Elsewhere
) -> None:
    Grant.objects.filter(contract="knower.who-is.v1").update(fields=["name"])
    outsider.refresh()
    deep = b'{"found": true, "name": ' + b"[" * 600 + b"]" * 600 + b"}"
    elsewhere.behaviour = reply(deep)
    answer = outsider.ask()
    assert (answer.status, last().status) == (500, 502)
    assert "signature" in answer.headers


@pytest.mark.parametrize("where", ["http://127.0.0.1:99999/", "http://127.0.0.1:1/\u2603"])
def test_a_provider_at_no_usable_address_is_an_answer_too(outsider: Outsider, where: str) -> None:
    Service.objects.filter(contract="knower.who-is.v1").update(url=where)
    outsider.refresh()
    answer = outsider.ask()
    assert (answer.error, last().status) == ("Server.ServerProxy.ServiceFailed.NetworkError", 502)


def test_a_fault_of_our_own_is_signed_and_logged(
    outsider: Outsider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outsider.state.rates, "allows", lambda *_: 1 / 0)
    answer = outsider.ask()
    assert (answer.status, answer.error) == (500, "Server.ClientProxy.InternalError")
    assert (last().status, last().id) == (500, answer.headers["x-road-request-id"])
    assert "signature" in answer.headers


def test_a_fact_too_deep_is_no_fault_of_ours(outsider: Outsider) -> None:
    outsider.state.web_url = "http://127.0.0.1:1"
    deep = '{"thing": "a", "step": 1, "more": ' + "[" * 600 + "]" * 600 + "}"
    event = f'{{"specversion": "1.0", "id": "1", "source": "/x", "type": "{Moved.name}", "data": {deep}}}'
    answer = outsider.ask("/events", event.encode())
    assert answer.error == "Server.ServerProxy.AccessDenied"
    assert "signature" in answer.headers


def test_who_hears_of_a_person_in_this_house_stands_in_the_persons_trail(
    house: House, exchange: OpenExchange
) -> None:
    fact = Fact.objects.create(
        contract=Moved.name, body={"thing": NIK, "step": 1}, stated_at=timezone.now()
    )
    Delivery.objects.create(
        fact=fact, listener="asker.moved", next_at=fact.stated_at, give_up_at=fact.stated_at
    )
    assert outbox.deliver(at=timezone.now()) == 1
    assert log.messages_about(NIK)[0].request == str(fact.pk)


def test_an_ordinary_call_stays_as_it_was(outsider: Outsider) -> None:
    answer = outsider.ask(body=QUESTION)
    assert (answer.status, answer.json) == (200, json.loads(GOOD))
