"""Facts for systems that cannot be called, and facts of systems outside."""

import json
import threading
import time
from datetime import date
from typing import Any

import pytest
from cloudevents.core.formats.json import JSONFormat
from django.db import transaction
from django.utils import timezone

from kartini.contracts import Purpose
from kartini.exchange import bus, grants, log, outbox, registry
from kartini.exchange.edge import state as room
from kartini.exchange.models import Delivery, Fact, Grant
from kartini.exchange.tests.house import BASIS, NIK, House, Moved
from kartini.exchange.tests.line import Answer
from kartini.exchange.tests.outsider import CLIENT, Outsider, last

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "GLANCE_SECONDS", 0.0)


def state(*steps: int, thing: str = "truck") -> None:
    for step in steps:
        with transaction.atomic():
            bus.publish(Moved(thing=thing, step=step))
    outbox.give_positions()


def pull(outsider: Outsider, how: str = "", **headers: Any) -> Answer:
    said: Any = {"x_road_client": CLIENT, "authorization": outsider.bearer, **headers}
    return outsider.send(f"/events{how}", b"", "GET", **said)


def steps(answer: Answer) -> list[int]:
    return [event["data"]["step"] for event in answer.json["events"]]


def handed() -> list[int]:
    """How each fact was handed to this client, the newest first."""
    return [m.status for _i, m in log.search(method="EVENT", client=CLIENT, limit=10_000)]


def test_facts_are_pulled_by_a_cursor_in_their_order_and_each_is_logged(
    outsider: Outsider,
) -> None:
    state(*range(1, 6))
    before = handed()
    first = pull(outsider, "?after=0&limit=2")
    assert (first.status, steps(first)) == (200, [1, 2])
    second = pull(outsider, f"?after={first.json['cursor']}")
    assert steps(second) == [3, 4, 5]
    assert pull(outsider, f"?after={second.json['cursor']}").json["events"] == []
    event = JSONFormat().read(None, json.dumps(first.json["events"][0]))
    assert (event.get_type(), event.get_source()) == (Moved.name, "/JPR/GOV/disdukcapil/knower")
    assert event.get_id() == str(Fact.objects.order_by("position")[0].pk)
    assert handed()[: -len(before) or None] == [200] * 5
    assert last().basis == BASIS
    assert "signature" in first.headers


def test_a_fact_whose_contract_is_on_its_way_out_says_so_as_the_extension_of_cloudevents_does(
    outsider: Outsider, monkeypatch: pytest.MonkeyPatch
) -> None:
    state(1)
    assert "deprecated" not in pull(outsider).json["events"][0]
    monkeypatch.setattr(Moved, "deprecated_on", date(2026, 12, 1), raising=False)
    monkeypatch.setattr(Moved, "ends_on", date(2027, 6, 1), raising=False)
    event = JSONFormat().read(None, json.dumps(pull(outsider).json["events"][0]))
    assert event.get_extension("deprecated") is True
    assert event.get_extension("deprecationfrom") == "2026-12-01T00:00:00Z"
    assert event.get_extension("deprecationsunset") == "2027-06-01T00:00:00Z"


def test_the_cursor_never_passes_by_a_fact_that_a_new_grant_lets_hear(
    outsider: Outsider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Granted, then stated, both since the edge looked at its grants a moment ago."""
    Grant.objects.filter(contract=Moved.name).update(state="ended", decided_at=timezone.now())
    monkeypatch.setattr(room, "GLANCE_SECONDS", 60.0)
    del outsider.state.look_again  # the real one
    outsider.state._read_now = room.from_database
    outsider.state.view = room.from_database()
    Grant.objects.filter(contract=Moved.name).update(state="approved")
    state(1)
    assert steps(pull(outsider)) == [1]


def test_a_cursor_is_not_moved_while_grants_cannot_be_read(
    outsider: Outsider, monkeypatch: pytest.MonkeyPatch
) -> None:
    state(1)
    del outsider.state.look_again
    monkeypatch.setattr(outsider.state, "_read_now", lambda: 1 / 0)
    assert (pull(outsider).status, last().status) == (500, 503)


def test_a_late_commit_is_not_missed(outsider: Outsider) -> None:
    """A cursor made of ids would have passed it by."""
    state(1)
    before = pull(outsider)
    Fact.objects.create(
        id="01900000-0000-7000-8000-000000000000",
        contract=Moved.name,
        body={"thing": "truck", "step": 0},
        stated_at=timezone.now(),
    )
    assert pull(outsider, f"?after={before.json['cursor']}").json["events"] == []
    outbox.give_positions()
    assert steps(pull(outsider, f"?after={before.json['cursor']}")) == [0]


def test_whoever_waits_is_told_at_once(outsider: Outsider) -> None:
    threading.Timer(0.5, state, [7]).start()
    begun = time.monotonic()
    assert steps(pull(outsider, "?wait=20")) == [7]
    assert time.monotonic() - begun < 10
    assert pull(outsider, "?after=1&wait=1").json == {"events": [], "cursor": "1"}


def test_only_what_the_grant_names_is_told(outsider: Outsider) -> None:
    grant = Grant.objects.get(contract=Moved.name)
    state(1)
    grants.narrow(grant=grant, fields=["step"], reason="x", by=None, at=timezone.now())
    outsider.refresh()
    assert steps(pull(outsider)) == [1]
    assert last().fields == "step"
    Grant.objects.filter(pk=grant.pk).update(state="ended")
    outsider.refresh()
    nothing = pull(outsider)
    assert nothing.json == {"events": [], "cursor": "1"}


def test_a_fact_about_a_person_stands_in_that_persons_trail(outsider: Outsider) -> None:
    state(1, thing=NIK)
    pull(outsider)
    assert log.messages_about(NIK)[0].method == "EVENT"


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ("?after=x", 400),
        ("?after=-1", 400),
        ("?after=99", 400),
        ("?limit=501", 400),
        ("?wait=31", 400),
        ("?after=99999999999999999999", 400),
    ],
)
def test_a_cursor_that_is_none_is_refused(outsider: Outsider, how: str, status: int) -> None:
    answer = pull(outsider, how)
    assert (answer.status, answer.error) == (status, last_kind(answer))
    assert last().status == status


def last_kind(answer: Answer) -> str:
    return str(answer.json["type"])


def test_a_cursor_behind_which_facts_were_forgotten_says_so(outsider: Outsider) -> None:
    state(1, 2, 3)
    Fact.objects.filter(position=1).delete()
    answer = pull(outsider, "?after=1")
    assert (answer.status, answer.error) == (410, "Client.CursorGone")
    assert steps(pull(outsider, "?after=0")) == [2, 3]


def test_a_gap_behind_a_cursor_that_is_still_kept_is_told_too(outsider: Outsider) -> None:
    """A fact that somebody has not heard stays, also for months; those behind it go."""
    state(1, 2, 3, 4)
    Fact.objects.filter(position=3).delete()
    for cursor in ("1", "2"):
        assert pull(outsider, f"?after={cursor}").error == "Client.CursorGone"
    assert steps(pull(outsider, "?after=4")) == []


def test_nobody_pulls_unknown_and_nobody_waits_a_hundred_times(outsider: Outsider) -> None:
    assert pull(outsider, authorization="Bearer x").status == 401
    outsider.state.watch.waiting["asker"] = 4
    assert pull(outsider).status == 429


# -- the other direction


@pytest.fixture
def teller(outsider: Outsider, monkeypatch: pytest.MonkeyPatch, live_server: Any) -> Outsider:
    """The asker owns a contract too, and states its facts from outside."""
    from kartini.exchange import published

    class Told(Moved):
        """The asker has something to say."""

        name = "asker.told.v1"

    heard: list[Told] = []
    monkeypatch.setattr(published, "events", lambda: {Told.name: Told, Moved.name: Moved})
    registry.subscribes(Told, id="knower.told")(heard.append)
    registry.needs(Told, asker="knower", purpose=Purpose.GOVERNANCE, basis=BASIS)
    grants.declare(approve=True, at=timezone.now())
    outsider.refresh()
    outsider.state.web_url = live_server.url
    outsider.heard = heard  # type: ignore[attr-defined]
    return outsider


def tell(outsider: Outsider, **changes: Any) -> Answer:
    event = {
        "specversion": "1.0",
        "id": "1",
        "source": "/anything",
        "type": "asker.told.v1",
        "data": {"thing": "truck", "step": 1},
        **changes,
    }
    return outsider.ask("/events", json.dumps(event).encode())


def test_a_system_outside_states_a_fact_of_its_own_once(teller: Outsider) -> None:
    first, again = tell(teller), tell(teller)
    assert (first.status, again.status) == (202, 202)
    assert first.json == again.json
    assert Delivery.objects.filter(listener="knower.told").count() == 1
    outbox.deliver(at=timezone.now())
    assert [event.step for event in teller.heard] == [1]  # type: ignore[attr-defined]
    other = tell(teller, data={"thing": "truck", "step": 2})
    assert (other.status, other.error) == (409, "Client.Conflict")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"specversion": "0.3"}, 400),
        ({"id": ""}, 400),
        ({"id": 5}, 400),
        ({"data": "x"}, 400),
        ({"data": {"thing": 1}}, 400),
        ({"type": "asker.unheard-of.v1"}, 500),
        ({"type": Moved.name}, 500),
    ],
)
def test_what_is_no_fact_of_its_own_is_refused(
    teller: Outsider, house: House, changes: dict[str, Any], status: int
) -> None:
    answer = tell(teller, **changes)
    assert answer.status == status
    assert answer.error
    assert not Fact.objects.exists()


def test_while_the_house_is_away_a_fact_is_not_taken(teller: Outsider) -> None:
    teller.state.web_url = "http://127.0.0.1:1"
    assert (tell(teller).status, last().status) == (500, 503)
