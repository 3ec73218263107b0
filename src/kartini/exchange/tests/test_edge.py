"""The edge, by the bytes that go over the line."""

import asyncio
from base64 import b64decode
from datetime import UTC, datetime

import pytest

import kartini_verify
from kartini.exchange import log, signatures
from kartini.exchange.edge import application
from kartini.exchange.tests.line import Answer, request, talk

MORNING = datetime(2026, 11, 24, 2, 14, tzinfo=UTC)


def call(url: str, method: str = "GET") -> Answer:
    return Answer(asyncio.run(talk(application, request(method, url, {}))).sent)


@pytest.fixture
def message() -> log.Message:
    """A sealed message."""
    new = log.message(
        at=MORNING, method="ASK", client="JPR/GOV/a/b", service="JPR/GOV/c/d/e", status=200
    )
    log.append(log.Entry(new))
    log.the_log().sealer.seal(MORNING)
    return new


def test_it_lives_and_is_ready(message: log.Message) -> None:
    assert call("/live").json == {"live": True}
    assert call("/ready").json == {"ready": True, "sealed_at": "2026-11-24T02:14:00+00:00"}


def test_anybody_can_check_a_message_with_what_the_edge_says(message: log.Message) -> None:
    proof = call(f"/log/proof?id={message.id}").json
    keys = call("/log/keys").body.decode().split()
    assert proof["checkpoint"] == call("/log/checkpoint").body.decode()
    root = kartini_verify.open_note(proof["checkpoint"], keys, "the edge")
    path = [b64decode(step) for step in proof["path"]]
    leaf = kartini_verify.leaf_hash(message)
    assert leaf == b64decode(proof["leaf_hash"])
    assert kartini_verify.includes(leaf, proof["position"], root.size, path, root.root)
    consistency = call(f"/log/consistency?from={root.size}&to={root.size}").json
    assert consistency["path"] == []


@pytest.mark.parametrize("address", ["/log/checkpoint", "/log/keys", "/log/proof", "/nowhere", "/"])
def test_every_answer_is_signed(message: log.Message, address: str) -> None:
    answer = call(address)
    claim = signatures.read(answer.headers["signature-input"], answer.headers["signature"])
    assert claim.components == ("@status", "content-digest")
    values = {**answer.headers, "@status": str(answer.status)}
    signatures.verify(claim, values, bytes(log.the_log().keys.voice.verify_key), needed=())
    assert signatures.digest_holds(answer.headers["content-digest"], answer.body)


def test_a_proof_tells_nothing_about_the_message(message: log.Message) -> None:
    assert "JPR/GOV" not in call(f"/log/proof?id={message.id}").body.decode()


def test_a_message_that_waits_for_its_seal_is_announced() -> None:
    new = log.message(at=MORNING, method="ASK", client="a", service="b", status=200)
    log.append(log.Entry(new))
    reply = call(f"/log/proof?id={new.id}")
    assert (reply.status, reply.headers["retry-after"]) == (409, "1")


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/favicon.ico", 404),
        ("/oauth2", 404),
        ("/log/proof", 400),
        ("/log/proof?id=../../etc/passwd", 400),
        ("/log/proof?id=0193f0aa-0000-7000-8000-000000000000", 404),
        ("/log/proof?id=%FF", 400),
        ("/log/consistency?from=0&to=1", 400),
        ("/log/consistency?from=2&to=1", 400),
        ("/log/consistency?from=1&to=99999999999999999999", 400),
        ("/log/consistency?from=1&to=%D9%A1", 400),
        ("/log/proof?" + "&".join(f"a{n}=1" for n in range(30)), 400),
    ],
)
def test_bad_input_gets_a_problem_with_a_sentence(
    message: log.Message, url: str, status: int
) -> None:
    reply = call(url)
    assert reply.status == status == reply.json["status"]
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json["detail"]


def test_the_bare_address_says_where_to_go(message: log.Message) -> None:
    said = call("/")
    assert said.status == 200
    for sign in ("/listClients", "/ready", "/exchange/keys", "/log/checkpoint"):
        assert sign in str(said.json)


def test_only_reading_is_possible(message: log.Message) -> None:
    assert call("/live", "POST").headers["allow"] == "GET, HEAD"
    head = call("/live", "HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", "13")


def test_a_log_that_cannot_be_read_makes_it_unready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "the_log", lambda: 1 / 0)
    assert call("/ready").status == 503
    assert call("/log/checkpoint").status == 500
