"""The client against an exchange that lies, breaks off and forgets: no network, every step by hand."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from nacl.signing import SigningKey
from standardwebhooks.webhooks import Webhook as Judge

from kartini_client import (
    Answer,
    AsyncClient,
    Client,
    NotTrue,
    Provider,
    Refused,
    Unreachable,
    Webhook,
    proof,
    steps,
)

KEY, OTHER, MINE = (SigningKey(bytes([number] * 32)) for number in (1, 2, 3))
SERVICE = "JPR/GOV/disdukcapil/dukcapil/dukcapil.resident-by-nik.v1"
SECRET = "whsec_" + b64encode(bytes(32)).decode()
Behaviour = Callable[[httpx.Request], httpx.Response]


def public(key: SigningKey) -> str:
    return b64encode(bytes(key.verify_key)).decode()


class Exchange:
    """Answers like the real one, unless a test says otherwise."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.key, self.body, self.status = KEY, b'{"found":true}', 200
        self.more: dict[str, str] = {}
        self.broken: list[Behaviour] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.path == "/oauth2/token":
            token = f"t{len(self.requests)}"
            return httpx.Response(200, json={"access_token": token, "expires_in": 600})
        if request.url.path == "/exchange/keys":
            return httpx.Response(200, json={"keys": [{"x": public(KEY)}]})
        if self.broken:
            return self.broken.pop(0)(request)
        return self.signed(request)

    def signed(self, request: httpx.Request, **changes: str) -> httpx.Response:
        said = {
            "content-digest": proof.digest(self.body),
            "x-road-id": request.headers["x-road-id"],
            "x-road-request-id": "m-1",
            "x-road-request-hash": "h",
        }
        covered = " ".join(f'"{name}"' for name in proof.ANSWER)
        parameters = f'({covered});created=1;keyid="{proof.key_id(bytes(self.key.verify_key))}"'
        base = proof._base(said | {"@status": str(self.status)}, proof.ANSWER, parameters)
        signature = b64encode(self.key.sign(base).signature).decode()
        headers = said | {"signature-input": f"k={parameters}", "signature": f"k=:{signature}:"}
        return httpx.Response(self.status, content=self.body, headers=headers | self.more | changes)


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch) -> Exchange:
    exchange = Exchange()
    transport = httpx.MockTransport(exchange)
    for kind in (httpx.Client, httpx.AsyncClient):
        monkeypatch.setattr(
            f"kartini_client.client.httpx.{kind.__name__}",
            lambda kind=kind, **_how: kind(transport=transport),
        )
    monkeypatch.setattr("kartini_client.steps.random.uniform", lambda *_range: 0.0)
    return exchange


def client(**how: Any) -> Client:
    how = {"secret": ("simrs-1", "s:e%c"), **how}
    return Client("http://exchange.test/", system="JPR/GOV/dinkes/simrs", **how)


def ask(**how: Any) -> Answer:
    return client(**how).ask(SERVICE, {"nik": "9"}, purpose="governance")


def test_it_asks_with_a_token_and_believes_a_signed_answer(exchange: Exchange) -> None:
    assert ask() == Answer({"found": True}, "m-1")
    token, question, keys = exchange.requests
    assert token.headers["authorization"].startswith("Basic ")
    assert question.url.path == f"/r1/{SERVICE}"
    assert question.headers["authorization"] == "Bearer t1"
    assert question.headers["x-kartini-purpose"] == "governance"
    assert keys.url.path == "/exchange/keys"


def test_it_can_be_awaited_too(exchange: Exchange) -> None:
    async def go() -> Answer:
        async with AsyncClient(
            "http://exchange.test", system="a/b/c/d", key=b64encode(bytes(MINE)).decode()
        ) as me:
            return await me.ask(SERVICE, {})

    assert asyncio.run(go()).data == {"found": True}


def test_a_receipt_is_believed_only_under_the_signature(exchange: Exchange) -> None:
    exchange.more = {proof.LEAF: "AAAA"}
    with pytest.raises(NotTrue, match=proof.LEAF):
        ask()


@pytest.mark.parametrize(
    "changes",
    [
        {"content-digest": proof.digest(b"other")},
        {"x-road-id": "other"},
        {"x-road-request-id": "other"},
        {"signature": "k=:AAAA:"},
        {"signature": ""},
        {"signature-input": ""},
        {"signature-input": 'k=("@status");created=1;keyid="x"'},
    ],
)
def test_an_answer_that_was_touched_is_not_believed(
    exchange: Exchange, changes: dict[str, str]
) -> None:
    exchange.more = changes
    with pytest.raises(NotTrue):
        ask()


def test_an_answer_to_another_call_or_by_another_key_is_not_believed(exchange: Exchange) -> None:
    first = exchange.signed(httpx.Request("POST", "http://x", headers={"x-road-id": "old"}))
    exchange.broken = [lambda _request: first]
    with pytest.raises(NotTrue, match="another call"):
        ask()
    exchange.key = OTHER
    with pytest.raises(NotTrue, match="not the exchange's"):
        ask()
    with pytest.raises(NotTrue, match="not the exchange's"):
        ask(exchange_keys=[public(KEY)])
    assert ask(exchange_keys=[public(OTHER)])


def test_it_tries_again_under_the_same_number(exchange: Exchange) -> None:
    def cut(_request: httpx.Request) -> httpx.Response:
        raise httpx.RemoteProtocolError("cut")

    exchange.broken = [cut, cut]
    assert ask(key="", secret=("a", "b"))
    numbers = {r.headers["x-road-id"] for r in exchange.requests if r.url.path.startswith("/r1")}
    assert len(numbers) == 1
    exchange.broken = [cut] * steps.TRIES
    with pytest.raises(Unreachable):
        ask()


def away(_request: httpx.Request) -> httpx.Response:
    """What nginx says while the exchange behind it begins."""
    return httpx.Response(502, content=b"<h1>502 Bad Gateway</h1>")


def test_a_proxy_in_front_says_that_it_is_away_without_a_signature(exchange: Exchange) -> None:
    exchange.broken = [away, away]
    assert ask().data == {"found": True}
    exchange.broken = [away] * steps.TRIES
    with pytest.raises(Unreachable, match="502"):
        ask()


def test_facts_are_heard_on_after_a_time_of_trouble(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kartini_client.client.PAUSE_SECONDS", 0)

    def full(request: httpx.Request) -> httpx.Response:
        exchange.status = 500
        said = exchange.signed(request, **{"x-road-error": "Server.ClientProxy.LoggingFailed"})
        exchange.status = 200
        return said

    event = {"specversion": "1.0", "id": "1", "type": "t", "source": "/s", "data": {}}
    exchange.body = json.dumps({"events": [event], "cursor": "1"}).encode()
    exchange.broken = [full] * 5 + [away] * 5
    assert next(iter(client().events())).id == "1"
    exchange.broken = [lambda request: exchange.signed(request)]
    exchange.status = 410
    with pytest.raises(Refused):
        next(iter(client().events()))


@pytest.mark.parametrize("moment", ["²", "٣", ""])
def test_a_time_that_is_no_number_is_not_true(moment: str) -> None:
    with pytest.raises(NotTrue):
        Webhook(SECRET).read({"webhook-id": "1", "webhook-timestamp": moment}, b"{}")
    said = {"signature-input": f'k=("x");created="{moment}";keyid="a"', "signature": "k=:AAAA:"}
    with pytest.raises(NotTrue):
        Provider([public(KEY)]).read("POST", "http://x/", said, b"")


def test_a_key_signs_each_try_anew(exchange: Exchange) -> None:
    def busy(request: httpx.Request) -> httpx.Response:
        exchange.status, exchange.body = 503, b"{}"
        answer = exchange.signed(request)
        exchange.status, exchange.body = 200, b"{}"
        return answer

    exchange.broken = [busy]
    assert ask(secret=None, key=b64encode(bytes(MINE)).decode())
    signatures = [r.headers["signature"] for r in exchange.requests if "signature" in r.headers]
    assert len({*signatures}) == 2


def test_a_refusal_says_who_refused_and_under_which_number(exchange: Exchange) -> None:
    exchange.status = 500
    exchange.body = json.dumps({"type": "x", "message": "Not allowed", "detail": "m-1"}).encode()
    exchange.more = {"x-road-error": "Server.ServerProxy.AccessDenied"}
    with pytest.raises(Refused, match="AccessDenied: Not allowed") as caught:
        ask()
    assert (caught.value.status, caught.value.message_id) == (500, "m-1")
    assert len([r for r in exchange.requests if r.url.path.startswith("/r1")]) == 1


def test_a_token_that_ended_early_is_replaced(exchange: Exchange) -> None:
    def ended(request: httpx.Request) -> httpx.Response:
        exchange.status = 401
        answer = exchange.signed(request)
        exchange.status = 200
        return answer

    exchange.broken = [ended]
    assert ask().data == {"found": True}
    bearers = [r.headers["authorization"] for r in exchange.requests if "/r1" in r.url.path]
    assert len({*bearers}) == 2


def test_facts_come_with_the_cursor_behind_each(exchange: Exchange) -> None:
    event = {"specversion": "1.0", "id": "e", "source": "/s", "type": "t", "data": {"a": 1}}
    said = {"events": [event | {"sequence": "0000000000000000012"}], "cursor": "15"}
    exchange.body = json.dumps(said).encode()
    (found,), cursor = client().pull("3")
    assert (found.cursor, found.data, cursor) == ("12", {"a": 1}, "15")
    assert exchange.requests[1].url.query == b"after=3&limit=100&wait=0"
    assert next(client().events()).id == "e"


def test_a_fact_is_stated_under_an_id_of_ones_own(exchange: Exchange) -> None:
    exchange.body = b'{"id":"f-1"}'
    assert client().publish("simrs.bed-freed.v1", {"bed": "17"}, id="bed-17") == "f-1"
    assert json.loads(exchange.requests[1].content)["id"] == "bed-17"


def test_a_webhook_believes_only_what_the_exchange_signed_just_now() -> None:
    event = {"specversion": "1.0", "id": "e", "source": "/s", "type": "t", "data": {}}
    body, now = json.dumps(event), datetime.now(UTC)
    headers = {
        "Webhook-Id": "e",
        "Webhook-Timestamp": str(int(now.timestamp())),
        "Webhook-Signature": Judge(SECRET).sign("e", now, body),
    }
    assert Webhook("whsec_QUJD", SECRET).read(headers, body.encode()).id == "e"
    for changed in (
        {"Webhook-Id": "f"},
        {"Webhook-Timestamp": "1"},
        {"Webhook-Timestamp": ""},
        {"Webhook-Signature": "v1,AAAA"},
        {"Webhook-Signature": ""},
    ):
        with pytest.raises(NotTrue):
            Webhook(SECRET).read(headers | changed, body.encode())
    with pytest.raises(NotTrue):
        Webhook("whsec_QUJD").read(headers, body.encode())
    with pytest.raises(NotTrue):
        Webhook(SECRET).read(headers, body.encode() + b" ")


def test_a_provider_believes_a_question_once() -> None:
    url, body = "http://provider.test/who-is", b'{"nik":"9"}'
    said = {
        "content-digest": proof.digest(body),
        "x-road-client": "JPR/GOV/dpmptsp/joss",
        "x-road-id": "1",
    }
    said |= {"x-road-service": "s", "x-kartini-purpose": "p", "x-road-represented-party": "dinkes"}
    signed = proof.sign({**said, "@method": "POST", "@target-uri": url}, KEY)
    headers = {**said, **signed}
    provider = Provider([public(KEY)])
    question = provider.read("POST", url, headers, body)
    assert (question.client, question.data) == ("JPR/GOV/dpmptsp/joss", {"nik": "9"})
    assert (question.service, question.purpose, question.represented) == ("s", "p", "dinkes")
    with pytest.raises(NotTrue, match="before"):
        provider.read("POST", url, headers, body)
    with pytest.raises(NotTrue, match="not known"):
        Provider([public(OTHER)]).read("POST", url, headers, body)
    with pytest.raises(NotTrue):
        Provider([public(KEY)]).read("POST", url + "/other", headers, body)


@pytest.mark.parametrize("name", proof.BESIDES)
def test_a_provider_believes_nothing_that_was_put_in_or_changed_on_its_way(name: str) -> None:
    url, body = "http://provider.test/who-is", b"{}"
    said = {"content-digest": proof.digest(body), "x-road-client": "a/b/c/d", "x-road-id": "1"}
    address = {"@method": "POST", "@target-uri": url}
    plain, full = proof.sign(said | address, KEY), proof.sign(said | address | {name: "x"}, KEY)
    provider = Provider([public(KEY)])
    with pytest.raises(NotTrue, match=name):
        provider.read("POST", url, said | plain | {name: "y"}, body)
    with pytest.raises(NotTrue):
        provider.read("POST", url, said | full | {name: "y"}, body)
    with pytest.raises(NotTrue):
        provider.read("POST", url, said | full, body)
    assert provider.read("POST", url, said | full | {name: "x"}, body).client == "a/b/c/d"


@pytest.mark.parametrize("awaited", [False, True])
def test_a_signed_call_proves_its_purpose_and_in_whose_name_it_asks(
    exchange: Exchange, awaited: bool
) -> None:
    how: Any = {"system": "a/b/c/d", "key": b64encode(bytes(MINE)).decode()}
    claims = {"purpose": "governance", "represented": "GOV/dinkes"}

    async def go() -> None:
        async with AsyncClient("http://exchange.test", **how) as me:
            await me.ask(SERVICE, {}, **claims)

    if awaited:
        asyncio.run(go())
    else:
        Client("http://exchange.test", **how).ask(SERVICE, {}, **claims)
    sent = exchange.requests[0]
    claim = proof.Claim(sent.headers)
    assert claim.components == (*proof.REQUEST, "x-kartini-purpose", "x-road-represented-party")
    values = {**sent.headers, "@method": "POST", "@target-uri": str(sent.url)}
    claim.verify(values, bytes(MINE.verify_key), sent.content, claim.components)
    values["x-kartini-purpose"] = "other"
    with pytest.raises(NotTrue):
        claim.verify(values, bytes(MINE.verify_key), sent.content, ())


def test_one_proof_of_identity_is_needed_and_not_two() -> None:
    for how in ({}, {"secret": ("a", "b"), "key": b64encode(bytes(32)).decode()}):
        with pytest.raises(ValueError, match="either"):
            Client("http://x", system="a/b/c/d", **how)
