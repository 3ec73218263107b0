"""Grant, provider, log, answer: one way for every question."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

from kartini.contracts import Purpose
from kartini.exchange import bus, checks, grants, log, registry
from kartini.exchange.models import Grant
from kartini.exchange.snapshot import Right, Snapshot
from kartini.exchange.testing import OpenExchange
from kartini.exchange.tests.house import BASIS, NIK, PURPOSE, House, Known, Moved, WhoIs
from kartini.kit import logs
from kartini.kit.flow import MoveRefused

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def ask(**how: Any) -> Known:
    return bus.ask(
        WhoIs(nik=NIK), **{"asker": "asker", "purpose": PURPOSE, "subjects": [NIK], **how}
    )


def last() -> log.Message:
    return log.search(limit=1)[0][1]


def test_an_answer_comes_and_its_message_is_in_the_log(
    house: House, exchange: OpenExchange
) -> None:
    with logs.request("request-0001"):
        assert ask() == house.everything
    message = last()
    assert (message.client, message.method, message.status) == ("JPR/GOV/dpmptsp/asker", "ASK", 200)
    assert message.service == "JPR/GOV/disdukcapil/knower/knower.who-is.v1"
    assert (message.purpose, message.basis, message.fields) == (PURPOSE, BASIS, "*")
    assert message.request == "request-0001"
    assert message.grant_id == str(Grant.objects.get(contract=WhoIs.name).pk)
    assert message.request_bytes == len(WhoIs(nik=NIK).model_dump_json())
    assert log.messages_about(NIK)[0] == message


def test_without_a_grant_nothing_passes_and_the_attempt_is_seen(house: House) -> None:
    grants.declare(approve=False, at=NINE)
    with pytest.raises(bus.NotGranted):
        ask()
    assert (last().status, last().grant_id, last().response_digest) == (403, "", "")


def test_a_grant_for_one_purpose_is_none_for_another(house: House, exchange: OpenExchange) -> None:
    with pytest.raises(bus.NotGranted):
        ask(purpose=Purpose.GOVERNANCE)
    with pytest.raises(bus.NotGranted):
        ask(asker="stranger")


def test_fields_that_are_not_granted_are_left_out_and_differ_from_unknown(
    house: House, exchange: OpenExchange
) -> None:
    grant = Grant.objects.get(contract=WhoIs.name)
    grants.narrow(grant=grant, fields=["address"], reason="enough", by=None, at=NINE)
    answer = ask()
    assert answer.model_fields_set == {"found", "address"}
    assert (answer.found, answer.name, answer.address) == (True, None, None)
    assert last().fields == "address"


@pytest.mark.parametrize(
    ("what", "error", "status"),
    [
        (ValueError("boom"), bus.ProviderFailed, 502),
        (TimeoutError(), bus.TooSlow, 504),
        (bus.TooSlow("knower.who-is.v1"), bus.TooSlow, 504),
        ({"found": True}, bus.ProviderFailed, 502),
        (None, bus.ProviderFailed, 502),
    ],
)
def test_an_answerer_that_breaks_lags_or_talks_nonsense_has_a_name(
    house: House, exchange: OpenExchange, what: Any, error: type[Exception], status: int
) -> None:
    house.answer = what
    with pytest.raises(error):
        ask()
    assert last().status == status


def test_where_nobody_answers_that_is_said(
    house: House, exchange: OpenExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "answerers", {})
    with pytest.raises(bus.NobodyAnswers):
        ask()
    assert last().status == 404


def test_asking_inside_a_transaction_is_refused_before_anybody_is_asked(
    house: House, exchange: OpenExchange
) -> None:
    before = log.search(limit=1)
    with transaction.atomic(), pytest.raises(RuntimeError, match="not inside a transaction"):
        ask()
    assert log.search(limit=1) == before


def test_an_answer_that_cannot_be_logged_does_not_leave(
    house: House, exchange: OpenExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_entries: object) -> None:
        raise log.NotDurable("disk full")

    monkeypatch.setattr(log, "append", full)
    with pytest.raises(bus.NotLogged):
        ask()


def test_the_organisation_on_whose_behalf_is_asked_is_recorded_and_no_account(
    house: House, exchange: OpenExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_organisation_of", lambda by: by.organisation)
    ask(by=SimpleNamespace(pk=4711, organisation="dinkes"))
    assert last().organisation == "dinkes"
    assert "4711" not in last()


def test_a_rate_is_held(house: House, exchange: OpenExchange) -> None:
    grant = Grant.objects.get(contract=WhoIs.name)
    grants.narrow(grant=grant, fields=[], per_minute=2, reason="calm", by=None, at=NINE)
    ask()
    ask()
    with pytest.raises(bus.TooOften):
        ask()


def test_a_system_needs_no_grant_for_its_own(house: House) -> None:
    assert ask(asker="knower").found


# -- the life of a grant


def test_the_demo_approves_what_is_declared_and_production_lists_it(house: House) -> None:
    assert len(grants.declare(approve=False, at=NINE)) == 2
    assert {g.state for g in Grant.objects.all()} == {"asked"}
    assert grants.declare(approve=True, at=NINE) == []
    assert {g.state for g in Grant.objects.all()} == {"approved"}


def test_a_grant_ends_by_itself_on_its_date(house: House) -> None:
    grants.declare(approve=False, at=NINE)
    grant = Grant.objects.get(contract=WhoIs.name)
    yesterday = datetime.now(UTC).date() - timedelta(days=2)  # noqa: TID251 — the bus reads the clock itself
    grants.approve_grant(grant=grant, by=None, at=NINE, valid_until=yesterday)
    with pytest.raises(bus.NotGranted):
        ask()


def test_a_grant_that_is_over_takes_nothing_from_another_to_hear_the_same() -> None:
    today = date(2026, 11, 30)
    old, new = (
        Right("1", "asker", "governance", BASIS, frozenset({"thing"}), None, None),
        Right("2", "asker", "audit", BASIS, frozenset(), today - timedelta(days=1), None),
    )
    view = Snapshot("JPR", today, {("asker", Moved.name): {"governance": old, "audit": new}})
    assert view.to_hear("asker", Moved.name) == old
    assert view.to_hear("asker", WhoIs.name) is None


def test_a_grant_that_is_taken_back_stops_at_once(house: House, exchange: OpenExchange) -> None:
    ask()
    grants.end(grant=Grant.objects.get(contract=WhoIs.name), reason="over", by=None, at=NINE)
    with pytest.raises(bus.NotGranted):
        ask()


def test_what_was_refused_stays_refused_when_the_house_starts_again(house: House) -> None:
    grants.declare(approve=False, at=NINE)
    grant = Grant.objects.get(contract=WhoIs.name)
    with transaction.atomic():
        grants.refuse(grant=grant, reason="no basis", by=SimpleNamespace(pk=7), at=NINE)
    with pytest.raises(MoveRefused):
        grants.approve_grant(grant=grant, by=None, at=NINE)
    grants.declare(approve=True, at=NINE)
    assert [g.state for g in Grant.objects.filter(contract=WhoIs.name)] == ["refused"]


def test_what_an_officer_decided_is_not_changed_by_a_new_declaration(
    house: House, exchange: OpenExchange
) -> None:
    grant = Grant.objects.get(contract=WhoIs.name)
    grants.narrow(grant=grant, fields=["name"], reason="x", by=SimpleNamespace(pk=7), at=NINE)
    registry.needs(WhoIs, asker="asker", purpose=PURPOSE, basis="another basis")
    grants.declare(approve=True, at=NINE)
    grant.refresh_from_db()
    assert (grant.fields, grant.basis) == (["name"], BASIS)


def test_a_system_that_did_not_introduce_itself_is_found_when_the_house_starts(
    house: House,
) -> None:
    assert checks.check_ties() == []
    registry.needs(WhoIs, asker="stranger", purpose=PURPOSE, basis=BASIS)
    registry.subscribes(Moved, id="stranger.moved")(house.hear)
    assert [found.id for found in checks.check_ties()] == ["exchange.E001", "exchange.E002"]


def test_what_was_granted_by_hand_is_not_widened_by_the_next_start(house: House) -> None:
    """``kartini exchange allow`` names fewer fields than the system declares."""
    grants.declare(approve=False, at=NINE)
    Grant.objects.filter(contract=WhoIs.name).update(fields=["name"])
    grants.approve_grant(grant=Grant.objects.get(contract=WhoIs.name), by=None, at=NINE)
    grants.declare(approve=False, at=NINE)
    assert Grant.objects.get(contract=WhoIs.name).fields == ["name"]


def test_what_a_system_declares_is_narrowed_and_not_widened(house: House) -> None:
    registry.needs(WhoIs, asker="asker", purpose=PURPOSE, basis="x", fields=("name",))
    grants.declare(approve=False, at=NINE)
    grant = Grant.objects.get(contract=WhoIs.name)
    for more in ([], ["address"], ["name", "address"]):
        with pytest.raises(grants.MoreThanAsked):
            grants.narrow(grant=grant, fields=more, reason="x", by=None, at=NINE)
