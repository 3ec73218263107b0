"""How an outside system proves who it is: by a token or by a signature."""

import json
import time
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from django.utils import timezone
from nacl.signing import SigningKey

from kartini.exchange import credentials, signatures
from kartini.exchange.log import refusals as refusals_room
from kartini.exchange.models import Credential, Subsystem
from kartini.exchange.testing import OpenExchange
from kartini.exchange.tests.house import PURPOSE, House, Moved
from kartini.exchange.tests.outsider import CLIENT, KEY, PATH, Outsider, last, read, signed
from kartini.exchange.tests.test_remote import Elsewhere

pytestmark = pytest.mark.django_db
EVENING = datetime(2026, 3, 2, 18, tzinfo=UTC)
CLAIMED = {"x-kartini-purpose": PURPOSE, "x-road-represented-party": "GOV/dinkes"}
COVERED = (*signatures.REQUEST, *CLAIMED)


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
        assert (answer.headers["cache-control"], answer.headers["pragma"]) == (
            "no-store",
            "no-cache",
        )
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
    ("head", "status"),
    [
        ({"alg": "EdDSA"}, 200),
        ({"alg": "Ed25519"}, 200),  # its name since RFC 9864
        ({"alg": "none"}, 401),
        ({"alg": "HS256"}, 401),
        ({"typ": "JWT"}, 401),
        ({"kid": "other"}, 401),
    ],
)
def test_a_token_says_by_either_name_how_it_is_signed(
    outsider: Outsider, head: dict[str, str], status: int
) -> None:
    tokens: Any = outsider.edge.begun[1]
    said = {"alg": "EdDSA", "typ": "at+jwt", "kid": tokens._kid, **head}
    claims = outsider.bearer.split(".")[1]
    text = f"{urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip('=')}.{claims}"
    signature = urlsafe_b64encode(tokens._key.sign(text.encode()).signature).decode().rstrip("=")
    assert outsider.ask(authorization=f"Bearer {text}.{signature}").status == status


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_id": "asker-x", "client_secret": "wrong"}, 401, "invalid_client"),
        ({}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
    ],
)
def test_no_token_without_the_secret(
    outsider: Outsider, form: dict[str, str], status: int, error: str
) -> None:
    answer = outsider.token(**form)
    assert (answer.status, answer.json["error"]) == (status, error)


def test_who_asks_for_a_token_wrongly_learns_it_in_the_words_of_the_rfc(outsider: Outsider) -> None:
    once = b"grant_type=client_credentials"
    for form in (
        b"",
        b"client_id=a",
        once + b"&" + once,
        b"client_secret=a&client_secret=b&" + once,
    ):
        answer = outsider.send("/oauth2/token", form)
        assert (answer.status, answer.json["error"]) == (400, "invalid_request")
    refused = outsider.token("nobody:x")
    assert refused.headers["www-authenticate"] == 'Basic realm="kartini"'
    asked = outsider.send("/oauth2/token?grant_type=client_credentials", once)
    assert asked.json["error"] == "invalid_client"


@pytest.mark.parametrize("address", ["/oauth2/jwks", "/exchange/keys", "/listClients"])
def test_what_everybody_may_know_is_signed_too(outsider: Outsider, address: str) -> None:
    answer = outsider.send(address, method="GET")
    claim = signatures.read(answer.headers["signature-input"], answer.headers["signature"])
    values = {**answer.headers, "@status": "200"}
    signatures.verify(claim, values, bytes(outsider.state.voice.verify_key), needed=())
    assert signatures.digest_holds(answer.headers["content-digest"], answer.body)


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
    assert outsider.send("/oauth2/introspect", b"", **basic).json["error"] == "invalid_request"
    assert outsider.send("/oauth2/introspect", f"token={token}".encode()).status == 401


def test_a_token_of_a_clock_that_ran_ahead_holds_no_longer_than_any(
    outsider: Outsider, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Credential.objects.get(subsystem="asker")
    tokens: Any = outsider.edge.begun[1]
    view = outsider.state.view
    with monkeypatch.context() as ahead:
        ahead.setattr(time, "time", lambda now=time.time: now() + 10**8)
        early = tokens.issue(view.credentials[known.pk], view)
        assert tokens.judge(early, view)
    assert tokens.judge(early, view) is None
    tokens._good.clear()
    assert tokens.judge(early, view) is None


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


def test_a_signature_is_as_good_as_a_token_but_only_once(
    signer: Outsider, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    refusals = signer.state.log.refusals
    monkeypatch.setattr(refusals, "count", lambda reason, _address: counted.append(reason))
    headers = signed()
    assert signer.send(**headers).status == 200
    again = signer.send(**headers)
    assert counted == ["Client.SignatureReplayed"]
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
        {"signature-input": 'kartini=("@method");created="soon";keyid="x"'},
        {"signature-input": f'kartini=("@method");created={"9" * 5000};keyid="x"'},
        {"covered": (*signatures.REQUEST, "@method")},
        {"besides": CLAIMED, "covered": COVERED, "x-kartini-purpose": "other"},
        {"besides": CLAIMED, "covered": COVERED, "x-road-represented-party": "GOV/dlh"},
    ],
)
def test_a_signature_that_does_not_hold_changes_nothing(
    signer: Outsider, elsewhere: Elsewhere, changes: dict[str, Any]
) -> None:
    answer = signer.send(**signed(**changes))
    assert answer.status == 401
    assert not elsewhere.requests


def test_purpose_and_represented_member_may_be_covered(
    signer: Outsider, elsewhere: Elsewhere
) -> None:
    assert signer.send(**signed(besides=CLAIMED, covered=COVERED)).status == 200
    assert (last().purpose, last().organisation) == (PURPOSE, "dinkes")
    taken_away = signed(besides=CLAIMED, covered=COVERED)
    del taken_away["x_kartini_purpose"]
    answer = signer.send(**taken_away)
    assert (answer.status, answer.error) == (401, "Client.NotAuthenticated")
    assert "x-kartini-purpose" in answer.json["message"]


def test_the_five_components_stay_enough(signer: Outsider) -> None:
    assert signer.send(**signed(besides=CLAIMED)).status == 200
    assert last().purpose == PURPOSE


def test_what_else_a_signature_names_of_the_address_is_checked(signer: Outsider) -> None:
    parts = urlsplit(settings.EXCHANGE_URL)
    of_address = {"@scheme": parts.scheme, "@authority": parts.netloc, "@path": PATH}
    of_address |= {"@query": "?", "@request-target": PATH}
    covered = (*signatures.REQUEST, *of_address)
    assert signer.send(**signed(address=of_address, covered=covered)).status == 200
    for name in of_address:
        wrong = signed(address=of_address | {name: "other"}, covered=covered)
        assert signer.send(**wrong).status == 401, name


def test_a_signature_ends_when_it_says(signer: Outsider) -> None:
    def ends_in(seconds: int) -> Any:
        headers, url = signed(), f"{settings.EXCHANGE_URL}{PATH}"
        values = {k.replace("_", "-"): v for k, v in headers.items()}
        values |= {"@method": "POST", "@target-uri": url}
        said = f"{values['signature-input']};expires={int(time.time()) + seconds}"
        base = signatures._base(values, signatures.REQUEST, said.removeprefix("kartini="))
        proof = b64encode(KEY.sign(base).signature).decode()
        return signer.send(**headers | {"signature_input": said, "signature": f"kartini=:{proof}:"})

    assert ends_in(60).status == 200
    late = ends_in(-1)
    assert late.status == 401
    assert "expires" in late.json["message"]


def test_a_body_that_was_exchanged_is_noticed(signer: Outsider, elsewhere: Elsewhere) -> None:
    assert signer.send(body=b'{"nik":"3320116204959003"}', **signed()).status == 401
    assert not elsewhere.requests


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


def test_every_key_of_a_system_with_a_long_name_is_taken(
    house: House, exchange: OpenExchange
) -> None:
    now = timezone.now()
    for code in ("s" * 40, "s" * 39 + "t"):
        subsystem = Subsystem.objects.create(code=code, member="dinkes", title="x")
        for number in (1, 2):
            public = b64encode(bytes(SigningKey(bytes([number]) * 32).verify_key)).decode()
            taken = credentials.take_key(subsystem=subsystem, public=public, at=now)
            assert credentials.take_key(subsystem=subsystem, public=public, at=now) == taken
    assert Credential.objects.filter(kind="key").count() == 4
    credentials.end(credential=taken, at=now)
    with pytest.raises(credentials.KeyEnded):
        credentials.take_key(subsystem=subsystem, public=public, at=now)


def test_one_key_may_speak_for_several_systems_by_either_of_its_names(
    house: House, exchange: OpenExchange
) -> None:
    now, key = timezone.now(), SigningKey(bytes(32)).verify_key
    for code in ("one", "two"):
        subsystem = Subsystem.objects.create(code=code, member="dinkes", title="x")
        taken = credentials.take_key(
            subsystem=subsystem, public=b64encode(bytes(key)).decode(), at=now
        )
        view = read()
        for name in (taken.id, signatures.key_id(bytes(key))):
            assert view.keys[code, name].subsystem == code
    assert len({id(known) for known in view.keys.values()}) == 2
    Credential.objects.filter(id=taken.id).update(value="spoilt")
    assert {code for code, _name in read().keys} == {"one", "two"}


def test_who_is_turned_away_is_counted_and_never_fills_the_disk(
    outsider: Outsider, monkeypatch: pytest.MonkeyPatch
) -> None:
    the_log = outsider.state.log
    refusals = refusals_room.Refusals(the_log.store, the_log.keys)
    monkeypatch.setattr(the_log, "refusals", refusals)
    refusals.flush(EVENING)
    monkeypatch.setattr(refusals_room, "MOST_NAMED", 3)
    for number in range(50):
        outsider.ask(authorization="Bearer a.b.c", x_forwarded_for=f"10.0.0.{number % 10}")
    refusals.flush(EVENING)
    found = [one for one in refusals.since(EVENING.date()) if one.day == EVENING.date().isoformat()]
    assert sorted((one.calls, bool(one.source)) for one in found) == [(5, True)] * 3 + [(35, False)]
    assert {one.reason for one in found} == {"Client.NotAuthenticated"}
    assert not any("10.0.0" in one.source for one in found)
    refusals.flush(EVENING + timedelta(days=91))
    assert not [one for one in refusals.since(EVENING.date()) if one.day == found[0].day]
