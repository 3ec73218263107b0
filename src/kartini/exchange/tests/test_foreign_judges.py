"""What goes over the wire, byte by byte as it went, before judges that are not ours."""

import json
from base64 import b64decode
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import http_message_signatures as foreign
import joserfc.jwt
import jwt
import pymerkle
import pytest
import requests
from authlib.oauth2.rfc9068.claims import JWTAccessTokenClaims
from cloudevents.core.bindings.http import to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from http_message_signatures import algorithms
from joserfc.jwk import KeySet
from pymerkle import core

from kartini.exchange import bus, log, signatures
from kartini.exchange.tests.house import NIK, PURPOSE, WhoIs
from kartini.exchange.tests.line import Answer
from kartini.exchange.tests.outsider import CLIENT, KEY, PATH, QUESTION, Outsider
from kartini.exchange.tests.test_pulling import state, teller
from kartini.exchange.tests.test_remote import Elsewhere

__all__ = ["teller"]
pytestmark = pytest.mark.django_db
judge: Any = pymerkle
layout: Any = core._inclusion_path_layout
ASKED = ("@method", "@target-uri", "content-digest", "x-road-client", "x-road-id")
ANSWERED = ("@status", "content-digest", "x-road-id", "x-road-request-id", "x-road-request-hash")
"""What has to be signed, whatever the code says."""
URL = f"{settings.EXCHANGE_URL}{PATH}"


class Keys(foreign.HTTPSignatureKeyResolver):
    """The exchange's keys as it tells them to anybody, by the name that it gives each."""

    def __init__(self, outsider: Outsider) -> None:
        told = outsider.send("/exchange/keys", b"", "GET").json["keys"]
        self.known = {key["kid"]: unpad(key["x"]) for key in told}

    def resolve_public_key(self, key_id: str) -> Any:
        return Ed25519PublicKey.from_public_bytes(self.known[key_id])


class Mine(foreign.HTTPSignatureKeyResolver):
    def resolve_private_key(self, key_id: str) -> Any:
        return Ed25519PrivateKey.from_private_bytes(bytes(KEY))


def unpad(text: str) -> bytes:
    return jwt.utils.base64url_decode(text)


def verdict(
    message: Any, body: bytes, keys: foreign.HTTPSignatureKeyResolver, covers: Sequence[str]
) -> dict[str, Any]:
    """What the judge believes is signed, the digest of the body with it. Raises ``InvalidSignature``."""
    verifier: Any = foreign.HTTPMessageVerifier(
        signature_algorithm=algorithms.ED25519, key_resolver=keys
    )
    (found,) = verifier.verify(message, body=body, require_components=covers)
    return dict(found.covered_components)


def as_received(answer: Answer) -> requests.Response:
    response = requests.Response()
    response.status_code, response._content = answer.status, answer.body
    response.headers.update(answer.headers)
    return response


def as_asked(url: str, headers: dict[str, str], body: bytes) -> Any:
    return requests.Request("POST", url, data=body, headers=headers).prepare()


# -- HTTP message signatures: the messages themselves


def test_the_judge_believes_every_answer_as_it_left(outsider: Outsider) -> None:
    keys = Keys(outsider)
    for answer, status, covers in (
        (outsider.ask(), 200, ANSWERED),
        (outsider.ask(body=b"{}"), 400, ANSWERED),
        (outsider.ask("/events", b"", x_road_id="case-2"), 400, ANSWERED),
        (outsider.send(x_road_client=CLIENT), 401, ANSWERED[:2]),
    ):
        covered = verdict(as_received(answer), answer.body, keys, covers)
        assert covered['"@status"'] == str(answer.status) == str(status)


@pytest.mark.parametrize("changed", ["", "status", "body", *ANSWERED[1:]])
def test_the_judge_notices_whatever_was_changed_on_the_way(
    outsider: Outsider, changed: str
) -> None:
    answer, keys = outsider.ask(), Keys(outsider)
    received = as_received(answer)
    body = b'{"found": false}' if changed == "body" else answer.body
    received.status_code = 203 if changed == "status" else answer.status
    if changed in received.headers:
        received.headers[changed] = signatures.digest(b"other")
    with pytest.raises(foreign.InvalidSignature) if changed else nullcontext():
        verdict(received, body, keys, ANSWERED)


@pytest.mark.parametrize("way", ["edge", "bus"])
def test_the_judge_believes_the_question_that_reaches_a_provider(
    outsider: Outsider, elsewhere: Elsewhere, way: str
) -> None:
    if way == "edge":
        assert outsider.ask().status == 200
    else:
        assert bus.ask(WhoIs(nik=NIK), asker="asker", purpose=PURPOSE, subjects=[NIK])
    (headers, body), keys = elsewhere.requests[-1], Keys(outsider)
    assert verdict(as_asked(elsewhere.url, headers, body), body, keys, ASKED)
    for changed in ({"x-road-client": "JPR/GOV/dinkes/simpus"}, {"x-road-id": "other"}):
        asked = as_asked(elsewhere.url, headers | changed, body)
        with pytest.raises(foreign.InvalidSignature):
            verdict(asked, body, keys, ASKED)


def test_the_edge_believes_who_signs_with_a_foreign_library(signer: Outsider) -> None:
    asked = as_asked(URL, {"X-Road-Client": CLIENT, "X-Road-Id": "case-7"}, QUESTION)
    foreign.ContentDigest.add(asked.headers, QUESTION)
    writer: Any = foreign.HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519, key_resolver=Mine()
    )
    writer.sign(
        asked,
        key_id=signatures.key_id(bytes(KEY.verify_key)),
        covered_component_ids=ASKED,
        nonce="foreign-1",
        label="theirs",
        use_existing_digest=True,
    )
    said: Any = {name.lower(): value for name, value in asked.headers.items()}
    del said["content-length"]
    assert signer.send(**said | {"x-road-id": "case-8"}).status == 401
    answer = signer.send(**said)
    assert (answer.status, answer.headers["x-road-id"]) == (200, "case-7")


# -- tokens


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # joserfc's own word, by RFC 9864
def test_an_access_token_is_one_of_rfc_9068_to_foreign_judges(outsider: Outsider) -> None:
    """They know of the exchange what its metadata (RFC 8414) and its key set (RFC 7517) tell."""
    told = outsider.send("/.well-known/oauth-authorization-server", b"", "GET").json
    issuer, place = told["issuer"], told["jwks_uri"].removeprefix(told["issuer"])
    jwks = outsider.send(place, b"", "GET").json
    token = outsider.bearer.removeprefix("Bearer ")
    read = joserfc.jwt.decode(token, KeySet.import_key_set(jwks), algorithms=["EdDSA"])
    needed = {name: {"essential": True} for name in ("sub", "client_id", "iat", "exp", "jti")}
    wanted = {"iss": {"essential": True, "value": issuer}, "aud": {"value": issuer}, **needed}
    claims: Any = JWTAccessTokenClaims
    claims(read.claims, read.header, wanted).validate(leeway=0)
    key = jwt.PyJWKSet.from_dict(jwks)[read.header["kid"]]
    said = jwt.decode(token, key, algorithms=["EdDSA"], audience=issuer, issuer=issuer)
    assert said["sub"] == CLIENT
    head, _claims, signature = token.split(".")
    other = jwt.encode(said | {"sub": "JPR/GOV/x/y"}, "k" * 32).split(".")[1]
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(f"{head}.{other}.{signature}", key, algorithms=["EdDSA"], audience=issuer)


# -- facts


@pytest.mark.django_db(transaction=True)
def test_facts_that_a_foreign_writer_made_are_taken_and_given_as_a_foreign_reader_reads(
    teller: Outsider,
) -> None:
    attributes = {"id": "1", "source": "/asker", "type": "asker.told.v1", "specversion": "1.0"}
    said = CloudEvent(attributes, {"thing": "truck", "step": 1})
    made = to_structured(said, JSONFormat())
    answer = teller.ask("/events", made.body, content_type=made.headers["content-type"])
    assert answer.status == 202, answer.json
    state(2)
    own, given = teller.ask("/events?after=0", b"", method="GET").json["events"]
    assert JSONFormat().read(None, json.dumps(own)).get_data() == said.get_data()
    read = JSONFormat().read(None, json.dumps(given))
    assert read.get_data() == {"thing": "truck", "step": 2}
    assert read.get_specversion() == "1.0"
    assert read.get_time()


# -- the log


def test_the_proofs_that_the_edge_hands_out_convince_foreign_judges(outsider: Outsider) -> None:
    """Nothing of ours between the bytes of the answer and the verdict."""
    for _ in range(5):
        outsider.ask()
    id_, at = outsider.ask().headers["x-road-request-id"], datetime(2026, 11, 24, 3, tzinfo=UTC)
    the_log = log.the_log()
    the_log.sealer.seal(at)
    proof = outsider.send(f"/log/proof?id={id_}", b"", "GET").json
    size, root = root_of(proof["checkpoint"], outsider)
    leaf, path = b64decode(proof["leaf_hash"]), [b64decode(step) for step in proof["path"]]
    place = proof["position"] + 1
    rule, _layout = layout(place, size)
    judge.InclusionProof("sha256", True, size, place, rule, [leaf, *path]).verify(leaf, root)
    with pytest.raises(judge.InvalidProof):
        judge.InclusionProof("sha256", True, size, place, rule, [root, *path]).verify(root, root)


def root_of(checkpoint: str, outsider: Outsider) -> tuple[int, bytes]:
    """By C2SP's signed note and ``cryptography``: the size and the root that the log's key signed."""
    text, _gap, lines = checkpoint.partition("\n\n")
    name, _hash, key = outsider.send("/log/keys", b"", "GET").body.decode().split()[0].split("+", 2)
    (line,) = [one for one in lines.splitlines() if one.startswith(f"\u2014 {name} ")]
    public = Ed25519PublicKey.from_public_bytes(b64decode(key)[1:])
    signature = b64decode(line.rsplit(" ", 1)[1])[4:]
    public.verify(signature, f"{text}\n".encode())
    with pytest.raises(InvalidSignature):
        public.verify(signature, text.encode())
    _origin, size, root = text.splitlines()[:3]
    return int(size), b64decode(root)
