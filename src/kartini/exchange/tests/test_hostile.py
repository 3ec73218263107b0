"""Callers and providers without manners."""

import json
import socket
from typing import Any

import pytest

from kartini.exchange.tests.house import NIK
from kartini.exchange.tests.line import request
from kartini.exchange.tests.outsider import CLIENT, PATH, Outsider, last
from kartini.exchange.tests.test_remote import GOOD, Elsewhere, drip, reply

pytestmark = pytest.mark.django_db


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
    said = {"x-road-client": CLIENT, "authorization": outsider.bearer}
    half = request("POST", PATH, said, b'{"nik":"3320"}')[:-4]
    assert outsider.say(half, ends=True).status == 400
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


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (b"<h1>Under repair</h1>", "Invalid JSON"),
        (b'["Siti"]', "object"),
        (b'{"name": "Siti"}', "found: Field required"),
        (b'{"found": "perhaps"}', "found: Input should be a valid boolean"),
    ],
)
def test_an_answer_that_does_not_fit_the_contract_stays_here_and_the_fields_are_named(
    outsider: Outsider, elsewhere: Elsewhere, said: bytes, told: str
) -> None:
    elsewhere.behaviour = reply(said)
    answer = outsider.ask()
    assert (answer.status, last().status) == (500, 502)
    assert told in answer.json["message"]
    assert "Siti" not in answer.json["message"]


def test_a_question_that_does_not_fit_is_told_which_field_and_never_its_value(
    outsider: Outsider, elsewhere: Elsewhere
) -> None:
    message = outsider.ask(body=b'{"nik": ["3320116204959002"]}').json["message"]
    assert message.startswith("The body does not fit the contract: nik: ")
    assert "3320" not in message


def test_a_provider_that_does_not_know_us_is_our_fault_and_not_the_callers(
    outsider: Outsider, elsewhere: Elsewhere
) -> None:
    """Told 401 it would fetch token after token, and none would help."""
    elsewhere.behaviour = reply(b'{"type":"Client.NotAuthenticated"}', "401 Unauthorized")
    answer = outsider.ask()
    assert (answer.status, answer.error) == (500, "Server.ServerProxy.ServiceFailed.NetworkError")
    assert last().status == 502


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
    def full(_connection: Any, _entries: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(outsider.state.log.store, "insert", full)
    answer = outsider.ask()
    assert (answer.status, answer.error) == (500, "Server.ClientProxy.LoggingFailed")
    assert NIK.encode() not in answer.body


@pytest.mark.parametrize("said", [len(GOOD) + 1, len(GOOD) - 1, 0])
def test_a_provider_that_lies_about_its_length_spoils_only_its_own_answer(
    outsider: Outsider, elsewhere: Elsewhere, said: int
) -> None:
    """Too long a promise is never kept; what stands behind a short one belongs to nobody."""

    def lie(line: socket.socket, _number: int) -> bool:
        reply(GOOD, length=said)(line, 0)
        return False

    elsewhere.behaviour = lie
    assert outsider.ask().error == "Server.ServerProxy.ServiceFailed.NetworkError"
    assert last().status == 502
    elsewhere.behaviour = reply(GOOD)
    answer = outsider.ask()
    assert (answer.status, answer.json) == (200, json.loads(GOOD))
