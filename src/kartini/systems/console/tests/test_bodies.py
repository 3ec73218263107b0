"""Bodies are kept only where a policy says so: sealed, apart, erased by rule and provably."""

from datetime import UTC, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from kartini.contracts import Purpose
from kartini.contracts.dukcapil import ResidentByNik
from kartini.exchange import bodies, bus, log
from kartini.exchange.models import Grant, Service
from kartini.exchange.testing import OpenExchange
from kartini.people import persons
from kartini.people.models import TrailLine, User
from kartini.systems.console.models import Erasure
from kartini.systems.console.services import retention
from kartini.systems.console.tests.test_joining import NIK, as_user, at, house, officer

__all__ = ["house", "officer"]
pytestmark = pytest.mark.django_db
CONTRACT = ResidentByNik.name


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Bodies lie apart; the log stays that of the session."""
    monkeypatch.setattr(bodies, "_of", lambda contract: tmp_path / "bodies" / contract)
    return tmp_path / "bodies"


@pytest.fixture
def granted(house: None, exchange: OpenExchange) -> None:
    Grant.objects.create(
        asker_id="console", contract=CONTRACT, purpose=Purpose.GOVERNANCE, basis="x",
        state="approved", asked_at=timezone.now(), decided_at=timezone.now(),
    )  # fmt: skip


def ask() -> log.Message:
    bus.ask(ResidentByNik(nik=NIK), asker="console", purpose=Purpose.GOVERNANCE)
    return log.search(limit=1)[0][1]


def keep(officer: User, days: str) -> None:
    sent = {"keep_days": days, "basis": "Perbup 7/2026", "from_on": f"{timezone.localdate()}"}
    assert as_user(officer).post(at("body_rule", CONTRACT), sent).status_code == 302


def test_nothing_is_kept_unless_a_rule_says_so(granted: None, officer: User, folder: Path) -> None:
    ask()
    assert not folder.exists()
    keep(officer, "30")
    message = ask()
    file = bodies.find(CONTRACT, message.id, message.moment)
    assert file
    assert NIK.encode() not in file.read_bytes()
    assert file.stat().st_mode & 0o77 == 0
    body = bodies.read(log.the_log().keys, file)
    assert NIK.encode() in body.question
    assert b"Siti" in body.answer


def test_reading_one_asks_why_and_is_seen_by_whom_it_is_about(granted: None, officer: User) -> None:
    person = persons.remember(
        nik=NIK, name="Siti", birth_on=timezone.localdate(), verified_by="test", at=timezone.now()
    )
    keep(officer, "30")
    message, client = ask(), as_user(officer)
    assert at("body", message.id) in client.get(at("message", message.id)).content.decode()
    assert NIK not in client.get(at("body", message.id)).content.decode()
    assert "error-summary" in client.post(at("body", message.id), {"reason": ""}).content.decode()
    page = client.post(at("body", message.id), {"reason": "Keluhan 12"}).content.decode()
    assert "Siti" in page
    assert "verdict" in page
    assert 'data-tone="ok"' in page
    lines = TrailLine.objects.filter(verb="console.body-read")
    assert {line.person for line in lines} == {None, person}
    file = bodies.find(CONTRACT, message.id, message.moment)
    assert file
    file.write_bytes(file.read_bytes().replace(b'"sealed":"', b'"sealed":"AAAA'))
    broken = client.post(at("body", message.id), {"reason": "Keluhan 12"}).content.decode()
    assert "error-summary" in broken
    assert client.get(at("body", "0193f0aa-0000-7000-8000-000000000000")).status_code == 404


def test_a_body_that_was_exchanged_for_another_is_found_out(granted: None, officer: User) -> None:
    keep(officer, "30")
    message, keys = ask(), log.the_log().keys
    bodies.keep(
        keys, contract=CONTRACT, id_=message.id, at=message.moment, body=bodies.Body(b"{}", b"{}")
    )
    page = as_user(officer).post(at("body", message.id), {"reason": "x"}).content.decode()
    assert 'data-tone="bad"' in page


def test_what_is_over_is_erased_and_the_list_stays_provable(
    granted: None, officer: User, folder: Path
) -> None:
    keep(officer, "30")
    old, young = ask(), ask()
    file = bodies.find(CONTRACT, old.id, old.moment)
    assert file
    long_ago = folder / CONTRACT / "2020-01-01"
    long_ago.mkdir()
    file.rename(long_ago / file.name)
    (long_ago / ".draft").write_text("")
    now = timezone.now()
    retention.erase_what_is_due(at=now)
    erasure = Erasure.objects.get(rule__kind="bodies")
    assert f"{old.id} {old.request_digest} {old.response_digest}" in erasure.lines
    assert retention.still_proves(erasure)
    assert not long_ago.exists()
    assert bodies.find(CONTRACT, young.id, young.moment)
    assert retention.erase_what_is_due(at=now) == 0
    page = as_user(officer).get(at("service", CONTRACT)).content.decode()
    assert "Perbup 7/2026" in page


def test_a_rule_of_no_days_ends_the_keeping(granted: None, officer: User) -> None:
    later = timezone.localdate() + timedelta(days=1)
    keep(officer, "30")
    sent = {"keep_days": "0", "basis": "dicabut", "from_on": f"{later}"}
    as_user(officer).post(at("body_rule", CONTRACT), sent)
    assert Service.objects.get(pk=CONTRACT).keeps_bodies
    ask()
    retention.erase_what_is_due(at=timezone.now() + timedelta(days=2))
    assert not Service.objects.get(pk=CONTRACT).keeps_bodies
    assert bodies.days(CONTRACT) == []


def test_what_cannot_be_kept_is_not_answered(granted: None, officer: User, folder: Path) -> None:
    keep(officer, "30")
    folder.write_text("a file stands in the way")
    with pytest.raises(bus.NotLogged):
        ask()
    assert log.search(limit=1)[0][1].status == 503


def test_a_body_that_is_kept_while_its_day_is_erased_is_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At midnight, by a rule of no days."""
    real, times = Path.replace, []

    def erased_in_between(draft: Path, target: Path) -> Path:
        times.append(1)
        if len(times) < 3:
            bodies.erase([*bodies.of_day(CONTRACT, now.astimezone(UTC).date())])
        return real(draft, target)

    monkeypatch.setattr(Path, "replace", erased_in_between)
    now, id_ = timezone.now(), "0193f0aa-0000-7000-8000-000000000000"
    body = bodies.Body(b"{}", b"{}")
    bodies.keep(log.the_log().keys, contract=CONTRACT, id_=id_, at=now, body=body)
    assert bodies.find(CONTRACT, id_, now)
    assert len(times) == 3
