"""An outside system asks by the r1 protocol."""

import hashlib
import json
from base64 import b64decode
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from openapi_spec_validator import validate

from kartini.contracts import Purpose
from kartini.exchange import bodies, breaker, grants, log, registry, signatures
from kartini.exchange.models import Grant, Service
from kartini.exchange.tests.house import NIK, PURPOSE, House, WhoIs
from kartini.exchange.tests.line import request
from kartini.exchange.tests.outsider import CLIENT, PATH, QUESTION, Outsider, last, read
from kartini.exchange.tests.test_remote import GOOD, Elsewhere, reply

pytestmark = pytest.mark.django_db


def test_an_outside_system_asks_and_everything_is_said_and_logged(
    outsider: Outsider, elsewhere: Elsewhere
) -> None:
    answer = outsider.ask(x_road_represented_party="GOV/dinkes")
    assert (answer.status, answer.json) == (200, json.loads(GOOD))
    message = last()
    assert answer.headers["x-road-client"] == CLIENT
    assert answer.headers["x-road-service"] == PATH.removeprefix("/r1/")
    assert answer.headers["x-road-id"] == message.request == "case-1"
    assert answer.headers["x-road-request-id"] == message.id
    assert "x-road-error" not in answer.headers
    assert (message.method, message.status, message.organisation) == ("POST", 200, "dinkes")
    assert (message.purpose, message.client) == (PURPOSE, CLIENT)
    assert log.messages_about(NIK)[0].id == message.id
    headers, body = elsewhere.requests[0]
    assert (body, headers["x-road-client"]) == (QUESTION, CLIENT)
    assert "authorization" not in headers


def test_who_acts_and_the_case_reach_the_answerer_under_our_signature(
    outsider: Outsider, elsewhere: Elsewhere
) -> None:
    said: Any = {"x_road_userid": "ID-petugas-7", "x_road_issue": "JOSS-2026-000077"}
    assert outsider.ask(**said).status == 200
    headers, _body = elsewhere.requests[0]
    claim = signatures.read(headers["signature-input"], headers["signature"])
    for name, value in said.items():
        assert headers[name.replace("_", "-")] == value
        assert name.replace("_", "-") in claim.components
        for wrong in (f"ID{NIK}", "Jepara\xe9"):
            assert outsider.ask(**said | {name: wrong}).error == "Client.BadRequest"
    assert len(elsewhere.requests) == 1


def test_the_answer_is_signed_over_what_was_asked(outsider: Outsider) -> None:
    answer = outsider.ask()
    claim = signatures.read(answer.headers["signature-input"], answer.headers["signature"])
    values = {**answer.headers, "@status": "200"}
    public = bytes(log.the_log().keys.voice.verify_key)
    signatures.verify(claim, values, public, needed=signatures.RESPONSE)
    assert signatures.digest_holds(answer.headers["content-digest"], answer.body)
    with pytest.raises(signatures.NotSigned):
        signatures.verify(claim, values | {"@status": "500"}, public, needed=())


def test_the_request_hash_is_that_of_the_protocol(outsider: Outsider) -> None:
    answer = outsider.ask()
    assert b64decode(answer.headers["x-road-request-hash"]) == hashed(
        f"x-road-client:{CLIENT}",
        "x-road-id:case-1",
        f"authorization:{outsider.bearer}",
        f"x-road-request-id:{answer.headers['x-road-request-id']}",
    )


def test_the_request_hash_is_over_the_header_as_it_was_sent(outsider: Outsider) -> None:
    """With the caller's own capitals, each line where a field comes twice, and the id that the exchange gave."""
    lines = [
        f"X-Road-Client:{CLIENT}",
        "X-Road-Issue:1",
        f"Authorization:{outsider.bearer}",
        "X-Road-Issue:2",
    ]
    head = [f"POST {PATH} HTTP/1.1", "Host: x", "User-Agent: y", *lines]
    said = "\r\n".join([*head, f"Content-Length: {len(QUESTION)}", "", ""]).encode()
    answer = outsider.say(said + QUESTION)
    given = answer.headers["x-road-request-id"]
    assert answer.headers["x-road-id"] == given
    assert b64decode(answer.headers["x-road-request-hash"]) == hashed(
        *lines, f"x-road-request-id:{given}", f"x-road-id:{given}"
    )


def test_what_the_proxy_adds_is_not_hashed(outsider: Outsider) -> None:
    said: Any = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.1.2.3", "X-Request-Id": "r"}
    given: Any = {"x-road-client": CLIENT, "x-road-id": "1", "authorization": outsider.bearer}
    lines = [f"{name}:{value}" for name, value in given.items()]
    by_proxy = outsider.send(**said, **given)
    del said["X-Forwarded-For"]
    direct = outsider.send(**said, **given)
    for answer, more in ((by_proxy, {}), (direct, said)):
        sent = [*(f"{name}:{value}" for name, value in more.items()), *lines]
        sent.append(f"x-road-request-id:{answer.headers['x-road-request-id']}")
        assert b64decode(answer.headers["x-road-request-hash"]) == hashed(*sent)


def hashed(*lines: str) -> bytes:
    head = "\r\n".join(["POST", PATH, *lines, ""]).encode()
    inner = hashlib.sha512(head).digest() + hashlib.sha512(QUESTION).digest()
    return hashlib.sha512(inner).digest()


def test_the_answer_bears_a_receipt_the_promise_of_this_very_leaf(outsider: Outsider) -> None:
    for answer in (outsider.ask(), outsider.ask(body=b"{}")):
        claim = signatures.read(answer.headers["signature-input"], answer.headers["signature"])
        assert "x-kartini-leaf" in claim.components
        found = log.proof(answer.headers["x-road-request-id"])
        assert found
        assert b64decode(answer.headers["x-kartini-leaf"]) == found.leaf_hash
    assert "x-kartini-leaf" not in outsider.send(PATH).headers


def test_a_body_is_kept_where_the_policy_says_so(
    outsider: Outsider, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bodies, "_of", lambda contract: tmp_path / contract)
    outsider.ask()
    assert not bodies.days(WhoIs.name)
    Service.objects.update(keeps_bodies=True)
    outsider.refresh()
    assert outsider.ask(body=b"{}").status == 400
    assert not bodies.days(WhoIs.name)
    answer, message = outsider.ask(), last()
    file = bodies.find(WhoIs.name, message.id, message.moment)
    assert file
    assert bodies.read(log.the_log().keys, file) == (QUESTION, answer.body)
    assert message.response_digest in file.read_text()
    monkeypatch.setattr(bodies, "_of", lambda _contract: file)  # a file stands in the way
    lost = outsider.ask()
    assert lost.error == "Server.ClientProxy.LoggingFailed"
    assert "x-kartini-leaf" in lost.headers  # of the message that says so
    assert (last().status, last().id) == (503, lost.headers["x-road-request-id"])


def test_the_no_of_another_exchange_is_no_fault_of_its(
    outsider: Outsider, elsewhere: Elsewhere
) -> None:
    no = b'{"type": "Server.ServerProxy.AccessDenied", "message": "Request is not allowed"}'
    said = "500 No\r\nX-Road-Error: Server.ServerProxy.AccessDenied"
    elsewhere.behaviour = reply(no, said)
    for _ in range(breaker.FAILURES + 1):
        assert outsider.ask().status == 500
    assert len(elsewhere.requests) == breaker.FAILURES + 1


@pytest.mark.django_db(transaction=True)
def test_throwing_the_switch_back_ends_the_pause_of_who_failed(
    outsider: Outsider, elsewhere: Elsewhere, live_server: Any
) -> None:
    elsewhere.behaviour = reply(b"", "503 Service Unavailable")
    statuses = [outsider.ask().status for _ in range(breaker.FAILURES + 1)]
    assert len(elsewhere.requests) == breaker.FAILURES
    assert statuses[0] == 503
    Service.objects.update(url="")
    outsider.refresh()
    outsider.state.web_url = live_server.url
    assert outsider.ask().status == 200


@pytest.mark.django_db(transaction=True)
def test_a_built_in_answerer_is_asked_over_the_loopback(
    outsider: Outsider, house: House, live_server: Any
) -> None:
    Service.objects.update(url="")
    outsider.refresh()
    outsider.state.web_url = live_server.url
    answer = outsider.ask()
    assert (answer.status, answer.json) == (200, house.everything.model_dump(exclude_unset=True))
    house.answer = ValueError("boom")
    broken = outsider.ask()
    assert (broken.status, last().status) == (500, 502)
    assert broken.error == "Server.ServerProxy.ServiceFailed.NetworkError"


def test_without_a_grant_the_answer_is_access_denied(
    outsider: Outsider, elsewhere: Elsewhere
) -> None:
    Grant.objects.update(state="ended")
    outsider.refresh()
    answer = outsider.ask()
    assert (answer.status, answer.error) == (500, "Server.ServerProxy.AccessDenied")
    assert answer.json["detail"] == last().id == answer.headers["x-road-request-id"]
    assert last().status == 403
    assert not elsewhere.requests


def test_with_grants_for_several_purposes_the_purpose_must_be_said(outsider: Outsider) -> None:
    registry.needs(WhoIs, asker="asker", purpose=Purpose.GOVERNANCE, basis="other")
    grants.declare(approve=True, at=timezone.now())
    outsider.refresh()
    assert outsider.ask().error == "Client.BadRequest"
    assert outsider.ask(x_kartini_purpose="governance").status == 200
    assert last().purpose == "governance"
    denied = outsider.ask(x_kartini_purpose="curiosity")
    assert denied.error == "Server.ServerProxy.AccessDenied"
    assert denied.json["message"].endswith("for the purpose curiosity")
    Grant.objects.filter(purpose=Purpose.GOVERNANCE).update(valid_until=date(2020, 1, 1))
    outsider.refresh()
    assert outsider.ask().status == 200  # only one of them holds still


def test_the_field_filter_holds_at_the_edge_too(outsider: Outsider) -> None:
    grant = Grant.objects.get(contract=WhoIs.name)
    grants.narrow(grant=grant, fields=["address"], reason="x", by=None, at=timezone.now())
    outsider.refresh()
    assert outsider.ask().json == {"found": True}
    assert last().fields == "address"


def test_the_rate_holds_at_the_edge_too(outsider: Outsider) -> None:
    grant = Grant.objects.get(contract=WhoIs.name)
    grants.narrow(grant=grant, fields=[], per_minute=1, reason="x", by=None, at=timezone.now())
    outsider.refresh()
    assert outsider.ask().status == 200
    assert (outsider.ask().status, last().status) == (429, 429)


def test_who_takes_part_and_what_is_offered_is_told_in_the_form_of_annex_b(
    outsider: Outsider,
) -> None:
    members = outsider.send("/listClients", method="GET").json["member"]
    assert {m["id"]["subsystem_code"] for m in members} == {"asker", "knower"}
    assert outsider.send("/listClients?xRoadInstance=JPR", method="GET").json["member"] == members
    assert outsider.send("/listClients?xRoadInstance=EE", method="GET").json == {"member": []}
    base = "/r1/JPR/GOV/disdukcapil/knower"
    said: Any = {
        "x_road_client": CLIENT,
        "authorization": outsider.bearer,
        "method": "GET",
    }
    (service,) = outsider.send(f"{base}/listMethods", body=b"", **said).json["service"]
    assert service["service_code"] == WhoIs.name
    assert service["endpoint_list"] == [{"method": "POST", "path": "/"}]
    assert outsider.send(f"{base}/allowedMethods", body=b"", **said).json["service"] == [service]
    Grant.objects.filter(contract=WhoIs.name).update(state="ended")
    outsider.refresh()
    assert outsider.send(f"{base}/allowedMethods", body=b"", **said).json["service"] == []
    document = outsider.send(f"{base}/getOpenAPI?serviceCode={WhoIs.name}", body=b"", **said).json
    validate(document)
    assert document["servers"][0]["url"].endswith(PATH)
    unknown = outsider.send(f"{base}/getOpenAPI?serviceCode=x", body=b"", **said)
    assert unknown.error == "Server.ServerProxy.UnknownService"


def test_a_service_of_a_foreign_kind_passes_with_its_path_and_query(
    outsider: Outsider, elsewhere: Elsewhere
) -> None:
    Service.objects.create(
        contract="petstore", subsystem_id="knower", url=elsewhere.url.partition("?")[0]
    )
    Grant.objects.create(
        asker_id="asker",
        contract="petstore",
        purpose=PURPOSE,
        basis="x",
        state="approved",
        asked_at=timezone.now(),
        decided_at=timezone.now(),
    )
    outsider.refresh()
    path = PATH.replace(WhoIs.name, "petstore") + "/pets/1?limit=2"
    said: Any = {"x_road_client": CLIENT, "authorization": outsider.bearer}
    assert outsider.send(path, b"", "GET", **said).status == 200
    assert (last().method, last().contract) == ("GET", "petstore")
    methods = outsider.send("/r1/JPR/GOV/disdukcapil/knower/listMethods", b"", "GET", **said).json[
        "service"
    ]
    assert {m["service_type"] for m in methods} == {"OPENAPI", "REST"}
    openapi = "/r1/JPR/GOV/disdukcapil/knower/getOpenAPI?serviceCode=petstore"
    assert (
        outsider.send(openapi, b"", "GET", **said).json["message"] == "Invalid service type: REST"
    )


def test_a_contract_on_its_way_out_says_so_in_the_words_of_two_rfcs(
    outsider: Outsider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "deprecation" not in outsider.ask().headers
    monkeypatch.setattr(WhoIs, "deprecated_on", date(2026, 12, 1), raising=False)
    monkeypatch.setattr(WhoIs, "ends_on", date(2027, 6, 1), raising=False)
    headers = outsider.ask().headers
    since = datetime.fromtimestamp(int(headers["deprecation"].removeprefix("@")), UTC)
    assert since == datetime(2026, 12, 1, tzinfo=UTC)
    assert parsedate_to_datetime(headers["sunset"]) == datetime(2027, 6, 1, tzinfo=UTC)


def test_a_grant_ends_on_its_date_by_itself(outsider: Outsider, elsewhere: Elsewhere) -> None:
    today = timezone.localdate()
    Grant.objects.filter(contract=WhoIs.name).update(valid_until=today)
    outsider.state.view = read()
    assert outsider.ask().status == 200
    outsider.state.view = read(timedelta(days=1))
    assert outsider.ask().error == "Server.ServerProxy.AccessDenied"
    assert len(elsewhere.requests) == 1


@pytest.mark.parametrize(
    "proof",
    [
        {"authorization": "Bearer nonsense"},
        {},
        {
            "signature-input": 'k=("@method");created=1;keyid="nobody";alg="ed25519"',
            "signature": "k=:AAAA:",
        },
    ],
)
def test_the_body_of_a_stranger_is_not_waited_for(
    outsider: Outsider, proof: dict[str, str]
) -> None:
    whole = request("POST", PATH, {"x-road-client": CLIENT, **proof}, b"x" * 1_000_000)
    answer = outsider.say(whole[:-999_990])
    assert (answer.status, answer.headers["connection"]) == (401, "close")
