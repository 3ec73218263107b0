"""An outside system at the edge: by the r1 protocol, with a token or a signature."""

import asyncio
import hashlib
import json
import time
from base64 import b64decode, b64encode, urlsafe_b64decode
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from nacl.signing import SigningKey
from openapi_spec_validator import validate

from kartini.contracts import Purpose
from kartini.exchange import credentials, grants, log, published, registry, signatures, snapshot
from kartini.exchange.edge.application import Edge
from kartini.exchange.edge.state import State
from kartini.exchange.models import Credential, Grant, Service, Subsystem
from kartini.exchange.testing import OpenExchange
from kartini.exchange.tests.conftest import NIK, PURPOSE, House, Moved, WhoIs
from kartini.exchange.tests.test_remote import GOOD, Elsewhere, drip, reply

pytestmark = pytest.mark.django_db
CLIENT = "JPR/GOV/dpmptsp/asker"
PATH = "/r1/JPR/GOV/disdukcapil/knower/knower.who-is.v1"
QUESTION = json.dumps({"nik": NIK}).encode()
KEY = SigningKey(bytes(range(32)))


class Answer:
    def __init__(self, sent: list[dict[str, Any]]) -> None:
        self.status: int = sent[0]["status"]
        self.headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        self.body: bytes = sent[1]["body"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        assert self.json["type"] == self.headers["x-road-error"]
        assert self.json["message"]
        return str(self.json["type"])


class Outsider:
    """The edge, seen from outside."""

    def __init__(self) -> None:
        self.edge = Edge()
        self.loop = asyncio.new_event_loop()
        self.state: State
        self.begin()

    def begin(self) -> None:
        self.edge.begin(State(read))
        self.state = self.edge._state_now()

    def refresh(self) -> None:
        self.state.view = read()

    def send(
        self,
        path: str = PATH,
        body: bytes = QUESTION,
        method: str = "POST",
        pieces: list[dict[str, Any]] | None = None,
        **headers: Any,
    ) -> Answer:
        sent: list[dict[str, Any]] = []
        parts = urlsplit(path)
        scope = {
            "type": "http",
            "method": method,
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()],
        }
        incoming = pieces or [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return incoming.pop(0)

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        self.loop.run_until_complete(self.edge(scope, receive, send))
        return Answer(sent)

    def token(self, secret: str = "", **more: str) -> Answer:
        form = {"grant_type": "client_credentials", **more}
        basic: Any = (
            {"authorization": f"Basic {b64encode(secret.encode()).decode()}"} if secret else {}
        )
        return self.send("/oauth2/token", urlencode(form).encode(), **basic)

    def ask(self, path: str = PATH, body: bytes = QUESTION, **headers: Any) -> Answer:
        """With a token of the asker."""
        said: Any = {"x_road_client": CLIENT, "x_road_id": "case-1", "authorization": self.bearer}
        return self.send(path, body, **said | headers)

    bearer = ""


def read() -> snapshot.Snapshot:
    def rows(sql: str) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    return snapshot.read(rows, instance=settings.INSTANCE, now=timezone.localtime())


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    other = Elsewhere()
    yield other
    other.close()


@pytest.fixture
def outsider(
    house: House, exchange: OpenExchange, elsewhere: Elsewhere, monkeypatch: Any
) -> Iterator[Outsider]:
    """A system of DPMPTSP with a token, and a knower that was taken over by a system elsewhere."""
    monkeypatch.setattr(published, "queries", lambda: {WhoIs.name: WhoIs})
    published.required_fields.cache_clear()
    Service.objects.filter(contract=WhoIs.name).update(url=elsewhere.url, milliseconds=1000)
    known, secret = credentials.make_secret(
        subsystem=Subsystem.objects.get(code="asker"), at=timezone.now()
    )
    outsider = Outsider()
    outsider.bearer = f"Bearer {outsider.token(f'{known.id}:{secret}').json['access_token']}"
    yield outsider
    outsider.loop.close()


def last() -> log.Message:
    return log.search(limit=1)[0][1]


def signed(body: bytes = QUESTION, key: SigningKey = KEY, **changes: Any) -> dict[str, Any]:
    """The headers of a caller that signs instead of using a token."""
    url = changes.pop("url", f"{settings.EXCHANGE_URL}{PATH}")
    said = {
        "content-digest": signatures.digest(body),
        "x-road-client": CLIENT,
        "x-road-id": "case-1",
    }
    keyid = signatures.key_id(bytes(key.verify_key))
    values = {"@method": "POST", "@target-uri": url, **said}
    created = changes.pop("created", int(time.time()))
    covered = changes.pop("covered", signatures.REQUEST)
    proof = signatures.sign(values, covered, key, keyid=keyid, created=created)
    return {k.replace("-", "_"): v for k, v in {**said, **proof, **changes}.items()}


# -- tokens


def test_a_token_is_given_for_the_right_secret_however_it_is_sent(outsider: Outsider) -> None:
    known, secret = credentials.make_secret(
        subsystem=Subsystem.objects.get(code="asker"), at=timezone.now()
    )
    outsider.refresh()
    basic = outsider.token(f"{known.id}:{secret}")
    form = outsider.token(client_id=known.id, client_secret=secret)
    query = outsider.send(
        "/oauth2/token?grant_type=client_credentials",
        urlencode({"client_id": known.id, "client_secret": secret}).encode(),
    )
    for answer in (basic, form, query):
        assert answer.status == 200
        assert answer.headers["cache-control"] == "no-store"
        assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 600)
    assert secret not in str(Credential.objects.values())


def test_the_token_is_a_jwt_that_anybody_can_check(outsider: Outsider) -> None:
    head, claims, signature = outsider.bearer.removeprefix("Bearer ").split(".")
    key = outsider.send("/oauth2/jwks", method="GET").json["keys"][0]
    from nacl.signing import VerifyKey

    def unpad(text: str) -> bytes:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))

    VerifyKey(unpad(key["x"])).verify(f"{head}.{claims}".encode(), unpad(signature))
    assert json.loads(unpad(head)) == {"alg": "EdDSA", "typ": "at+jwt", "kid": key["kid"]}
    said = json.loads(unpad(claims))
    assert {*said} == {"iss", "aud", "sub", "client_id", "iat", "exp", "jti"}
    assert said["sub"] == CLIENT
    metadata = outsider.send("/.well-known/oauth-authorization-server", method="GET").json
    assert metadata["issuer"] == said["iss"] == settings.EXCHANGE_URL


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_id": "asker-x", "client_secret": "wrong"}, 401, "invalid_client"),
        ({}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "unsupported_grant_type"),
    ],
)
def test_no_token_without_the_secret(
    outsider: Outsider, form: dict[str, str], status: int, error: str
) -> None:
    answer = outsider.token(**form)
    assert (answer.status, answer.json["error"]) == (status, error)


def test_introspection_tells_a_known_system_whether_a_token_holds(outsider: Outsider) -> None:
    known, secret = credentials.make_secret(
        subsystem=Subsystem.objects.get(code="knower"), at=timezone.now()
    )
    outsider.refresh()
    basic: Any = {"authorization": f"Basic {b64encode(f'{known.id}:{secret}'.encode()).decode()}"}
    token = outsider.bearer.removeprefix("Bearer ")
    good = outsider.send("/oauth2/introspect", f"token={token}".encode(), **basic).json
    assert (good["active"], good["sub"]) == (True, CLIENT)
    assert outsider.send("/oauth2/introspect", b"token=x", **basic).json == {"active": False}
    assert outsider.send("/oauth2/introspect", f"token={token}".encode()).status == 401


def test_a_token_ends_with_its_time_and_with_its_credential(
    outsider: Outsider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outsider.ask().status == 200
    with monkeypatch.context() as later:
        later.setattr(time, "time", lambda now=time.time: now() + 601)
        assert outsider.ask().status == 401
    credentials.end(credential=Credential.objects.get(subsystem="asker"), at=timezone.now())
    outsider.refresh()
    assert (outsider.ask().status, outsider.ask().error) == (401, "Client.NotAuthenticated")


# -- a good call


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
    head = (
        f"POST\r\n{PATH}\r\nx-road-client:{CLIENT}\r\nx-road-id:case-1\r\n"
        f"authorization:{outsider.bearer}\r\nx-road-request-id:{answer.headers['x-road-request-id']}\r\n"
    )
    outer = hashlib.sha512(
        hashlib.sha512(head.encode()).digest() + hashlib.sha512(QUESTION).digest()
    )
    assert b64decode(answer.headers["x-road-request-hash"]) == outer.digest()


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


def test_nobody_but_the_edge_enters_by_the_loopback(house: House, client: Client) -> None:
    address = f"/pertukaran/jawab/{WhoIs.name}"
    keys = log.the_log().keys

    def enter(moment: int, body: bytes = QUESTION) -> int:
        mac = keys.hop_mac(str(moment).encode(), WhoIs.name.encode(), QUESTION)
        headers = {"X-Kartini-Hop": f"{moment}:{mac}"}
        return client.post(address, body, "application/json", headers=headers).status_code

    now = int(time.time())
    assert [enter(now), enter(now - 60), enter(now, b'{"nik":"1"}')] == [200, 404, 404]
    assert client.post(address, QUESTION, "application/json").status_code == 404
    assert client.get(address).status_code == 405


# -- signatures instead of tokens


@pytest.fixture
def signer(outsider: Outsider) -> Outsider:
    """The same system, known by its key."""
    public = b64encode(bytes(KEY.verify_key)).decode()
    credentials.take_key(
        subsystem=Subsystem.objects.get(code="asker"), public=public, at=timezone.now()
    )
    outsider.begin()
    return outsider


def test_a_signature_is_as_good_as_a_token_but_only_once(signer: Outsider) -> None:
    headers = signed()
    assert signer.send(**headers).status == 200
    again = signer.send(**headers)
    assert (again.status, again.error) == (401, "Client.NotAuthenticated")
    assert "before" in again.json["message"]


@pytest.mark.parametrize(
    "changes",
    [
        {"x-road-client": "JPR/GOV/disdukcapil/knower"},
        {"x-road-id": "case-2"},
        {"content-digest": signatures.digest(b"other")},
        {"url": "http://localhost:8001/r1/other"},
        {"created": 1},
        {"created": int(time.time()) + 3600},
        {"covered": ("@method", "@target-uri")},
        {"key": SigningKey(bytes(32))},
        {"signature": "kartini=:AAAA:"},
        {"signature-input": "nonsense"},
    ],
)
def test_a_signature_that_does_not_hold_changes_nothing(
    signer: Outsider, elsewhere: Elsewhere, changes: dict[str, Any]
) -> None:
    answer = signer.send(**signed(**changes))
    assert answer.status == 401
    assert not elsewhere.requests


def test_a_body_that_was_exchanged_is_noticed(signer: Outsider, elsewhere: Elsewhere) -> None:
    assert signer.send(body=b'{"nik":"3320116204959003"}', **signed()).status == 401
    assert not elsewhere.requests


# -- grants


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
    assert outsider.ask(x_kartini_purpose="curiosity").error == "Server.ServerProxy.AccessDenied"


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


# -- a hostile world


@pytest.mark.parametrize(
    "path",
    [
        "/r1/",
        "/r1/JPR/GOV/disdukcapil/knower",
        f"{PATH}/../other",
        f"{PATH}/%2e%2e/other",
        f"{PATH}/a%2fb",
        f"{PATH}/a%5Cb",
        f"{PATH}/%00",
        "/r1/JPR/GOV/disdukcapil/kn%2Fower/x",
        "/r1/JPR/GOV/../knower/x",
        "/r1/JPR/GOV/disdukcapil/knower/" + "x" * 200,
        "/r1/JPR/GOV/disdukcapil/knower/x_y",
    ],
)
def test_an_address_that_leads_elsewhere_is_refused(
    outsider: Outsider, elsewhere: Elsewhere, path: str
) -> None:
    answer = outsider.ask(path)
    assert (answer.status, answer.error) == (400, "Client.BadRequest")
    assert not elsewhere.requests


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x_road_client": ""}, 400),
        ({"x_road_client": "JPR/GOV/dpmptsp"}, 400),
        ({"x_road_client": "JPR/GOV/disdukcapil/knower"}, 403),
        ({"x_road_id": "case-3320116204959002"}, 400),
        ({"x_road_id": "x" * 200}, 400),
        ({"x_road_id": "a\x0bb"}, 400),
        ({"authorization": ""}, 401),
        ({"authorization": "Bearer a.b.c"}, 401),
        ({"authorization": "Bearer " + "x" * 20_000}, 401),
        ({"x_large": "x" * 40_000}, 431),
    ],
)
def test_headers_that_do_not_fit_are_refused_with_a_sentence(
    outsider: Outsider, elsewhere: Elsewhere, headers: dict[str, Any], status: int
) -> None:
    answer = outsider.ask(**headers)
    assert answer.status == status
    assert answer.error.startswith("Client.")
    assert "signature" in answer.headers
    assert not elsewhere.requests


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"nonsense", 400),
        (b'{"nik": 5}', 400),
        (b"[" * 500_000, 400),
        (b"x" * 3_000_000, 413),
    ],
)
def test_bodies_that_do_not_fit_change_nothing(
    outsider: Outsider, elsewhere: Elsewhere, body: bytes, status: int
) -> None:
    answer = outsider.ask(body=body)
    assert answer.status == status
    assert not elsewhere.requests


def test_half_a_body_is_refused(outsider: Outsider, elsewhere: Elsewhere) -> None:
    pieces: list[dict[str, Any]] = [
        {"type": "http.request", "body": b'{"nik":', "more_body": True},
        {"type": "http.disconnect"},
    ]
    said: Any = {"x_road_client": CLIENT, "authorization": outsider.bearer}
    assert outsider.send(pieces=pieces, **said).status == 400
    assert not elsewhere.requests


@pytest.mark.parametrize(
    ("path", "method", "status", "error"),
    [
        (PATH, "GET", 405, "Client.MethodNotAllowed"),
        (PATH, "TRACE", 405, "Client.MethodNotAllowed"),
        (PATH + "/below", "POST", 405, "Client.MethodNotAllowed"),
        (PATH.replace("who-is", "who-was"), "POST", 500, "Server.ServerProxy.UnknownService"),
        (PATH.replace("disdukcapil", "dinkes"), "POST", 500, "Server.ServerProxy.UnknownService"),
    ],
)
def test_what_is_not_offered_is_said_so(
    outsider: Outsider, path: str, method: str, status: int, error: str
) -> None:
    answer = outsider.send(path, method=method, x_road_client=CLIENT, authorization=outsider.bearer)
    assert (answer.status, answer.error) == (status, error)


def test_what_a_provider_refuses_passes_through_as_it_is(
    outsider: Outsider, elsewhere: Elsewhere
) -> None:
    elsewhere.behaviour = reply(b'{"why":"not today"}', "418 I'm a teapot")
    answer = outsider.ask()
    assert (answer.status, answer.json, last().status) == (418, {"why": "not today"}, 418)
    assert "x-road-error" not in answer.headers


@pytest.mark.parametrize(
    ("behaviour", "error", "status"),
    [
        (drip, "Server.ServerProxy.ServiceFailed.Timeout", 504),
        (lambda _line, _n: False, "Server.ServerProxy.ServiceFailed.NetworkError", 502),
        (
            lambda line, _n: line.sendall(b"SSH-2.0\r\n\r\n"),
            "Server.ServerProxy.ServiceFailed.NetworkError",
            502,
        ),
    ],
)
def test_a_provider_without_manners_is_named(
    outsider: Outsider, elsewhere: Elsewhere, behaviour: Any, error: str, status: int
) -> None:
    elsewhere.behaviour = behaviour
    answer = outsider.ask()
    assert (answer.status, answer.error) == (500, error)
    assert last().status == status


def test_a_provider_that_keeps_failing_is_left_alone(
    outsider: Outsider, elsewhere: Elsewhere
) -> None:
    elsewhere.behaviour = lambda _line, _number: False
    for _ in range(5):
        outsider.ask()
    before = len(elsewhere.requests)
    assert outsider.ask().error == "Server.ServerProxy.ServiceFailed.Unavailable"
    assert len(elsewhere.requests) == before


def test_an_answer_that_cannot_be_logged_does_not_leave(
    outsider: Outsider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_entry: log.Entry, settle: Any) -> None:
        settle(OSError("disk full"))

    monkeypatch.setattr(outsider.state.log, "submit", full)
    answer = outsider.ask()
    assert (answer.status, answer.error) == (500, "Server.ClientProxy.LoggingFailed")
    assert NIK.encode() not in answer.body


# -- metaservices


def test_who_takes_part_and_what_is_offered_is_told_in_the_form_of_annex_b(
    outsider: Outsider,
) -> None:
    members = outsider.send("/listClients", method="GET").json["member"]
    assert {m["id"]["subsystem_code"] for m in members} == {"asker", "knower"}
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


# -- credentials


def test_credentials_overlap_and_end(house: House, exchange: OpenExchange) -> None:
    subsystem, now = Subsystem.objects.get(code="asker"), timezone.now()
    old, _secret = credentials.make_secret(subsystem=subsystem, at=now)
    new, _secret = credentials.make_secret(subsystem=subsystem, at=now)
    credentials.end(credential=old, at=now, overlap=credentials.OVERLAP)
    assert {*read().credentials} == {old.id, new.id}
    Credential.objects.filter(pk=old.pk).update(ends_at=now - timedelta(seconds=1))
    assert {*read().credentials} == {new.id}
    for bad in ("", "nonsense!", b64encode(b"short").decode()):
        with pytest.raises(credentials.NotAKey):
            credentials.take_key(subsystem=subsystem, public=bad, at=now)
    assert Moved.name not in read().services
