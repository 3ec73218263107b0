"""The door by which the edge enters the web process."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, connections
from django.db.backends.signals import connection_created
from django.test import Client, RequestFactory
from django.utils import translation

from kartini.exchange import hop, log, registry
from kartini.exchange.tests.house import House, Known, WhoIs
from kartini.exchange.tests.outsider import QUESTION
from kartini.kit import processes

pytestmark = pytest.mark.django_db
ADDRESS = f"/pertukaran/jawab/{WhoIs.name}"


def proof(moment: str = "", body: bytes = QUESTION) -> dict[str, str]:
    moment = moment or str(int(time.time()))
    mac = log.the_log().keys.hop_mac(moment.encode("latin-1"), WhoIs.name.encode(), body)
    return {"X-Kartini-Hop": f"{moment}:{mac}"}


def enter(client: Client, body: bytes = QUESTION, **how: Any) -> Any:
    return client.post(how.pop("address", ADDRESS), body, "application/json", **how)


def test_nobody_but_the_edge_enters(house: House, client: Client) -> None:
    def status(body: bytes = QUESTION, moment: str = "", **how: Any) -> int:
        return int(enter(client, body, headers=proof(moment), **how).status_code)

    now = int(time.time())
    assert status() == 200
    assert [status(moment=m) for m in (str(now - 60), str(now + 60), "²", "now", "9" * 5_000)] == [
        404
    ] * 5
    assert [status(b'{"nik":"1"}'), status(address=f"{ADDRESS}x")] == [404, 404]
    assert status(address=ADDRESS.replace("jawab", "nyatakan")) == 400
    assert client.get(ADDRESS, headers=proof()).status_code == 404
    stranger = enter(client)
    assert stranger.status_code == 404
    assert "Content-Security-Policy" in stranger.headers


def test_what_cannot_be_answered_is_said_with_its_reason(house: House, client: Client) -> None:
    def said(body: bytes = QUESTION) -> tuple[int, str]:
        answer = enter(client, body, headers=proof(body=body))
        return answer.status_code, json.loads(answer.content)["message"]

    assert said(b"{}") == (400, WhoIs.name)
    house.answer = TimeoutError()
    assert said() == (504, WhoIs.name)
    house.answer = ValueError("boom")
    assert said() == (502, WhoIs.name)
    much = b" " * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    assert enter(client, much, headers=proof(body=much)).status_code == 400
    del registry.queries[WhoIs.name]
    assert said() == (404, WhoIs.name)


def test_a_hop_has_the_language_of_the_house_and_the_request_id_of_the_edge(
    house: House, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken = []

    def who_is(_query: WhoIs) -> Known:
        spoken.append(translation.get_language())
        return Known(found=True)

    monkeypatch.setitem(registry.answerers, WhoIs.name, who_is)
    with translation.override("en"):
        answer = enter(client, headers=proof() | {"X-Request-Id": "the-edges-own-id"})
    assert spoken == ["id"]
    assert answer.headers["X-Request-Id"] == "the-edges-own-id"
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert not answer.cookies


@pytest.mark.django_db(transaction=True)
def test_the_hops_of_a_thread_share_one_connection(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    site: Any = WSGIHandler()
    opened = []

    def who_is(_query: WhoIs) -> Known:
        connection.ensure_connection()
        return Known(found=True)

    def hop() -> str:
        headers = proof()
        request = RequestFactory().post(ADDRESS, QUESTION, "application/json", headers=headers)
        said: list[str] = []
        site(request.environ, lambda status, _headers: said.append(status)).close()
        return said[0]

    def count(sender: Any, **_facts: Any) -> None:
        opened.append(sender)

    monkeypatch.setitem(registry.answerers, WhoIs.name, who_is)
    connection_created.connect(count)
    with ThreadPoolExecutor(1) as thread:
        assert [thread.submit(hop).result() for _ in range(3)] == ["200 OK"] * 3
        thread.submit(connections.close_all).result()
    connection_created.disconnect(count)
    assert len(opened) == 1


def test_calls_of_the_edge_leave_threads_for_the_pages(house: House, client: Client) -> None:
    """Those whose caller gave up count too, for they are still at work."""
    with ExitStack() as busy:
        for _ in range(processes.HOPS):
            busy.enter_context(hop._free)
        assert enter(client, headers=proof()).status_code == 503
        assert client.get("/live").status_code == 200
    assert enter(client, headers=proof()).status_code == 200
    assert processes.WEB_THREADS > processes.HOPS
