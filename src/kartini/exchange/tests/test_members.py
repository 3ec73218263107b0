"""Members' systems, the life of a grant that a person asked for, and who answers."""

from collections.abc import Iterator
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from kartini.exchange import bus, conformance, credentials, grants, subsystems, switch
from kartini.exchange.models import Credential, Grant, Service, Subsystem
from kartini.exchange.testing import OpenExchange
from kartini.exchange.tests.house import NIK, PURPOSE, House, WhoIs
from kartini.exchange.tests.test_remote import Elsewhere, reply

pytestmark = pytest.mark.django_db
DEVELOPER, OWNER = SimpleNamespace(pk=1), SimpleNamespace(pk=2)


@pytest.fixture
def vendor(house: House, exchange: OpenExchange) -> Subsystem:
    return subsystems.enter(
        code="simpus-vendor",
        member="vendor",
        member_class="COM",
        title="Simpus of a vendor",
        contact="dev@vendor.example",
        at=timezone.now(),
    )


def ask(vendor: Subsystem, **more: Any) -> Grant:
    wanted = {"fields": ["name", "address"], "per_minute": 60, "by": DEVELOPER, **more}
    return grants.ask(
        asker=vendor,
        contract=WhoIs.name,
        purpose=PURPOSE,
        basis="UU 24/2013 Ps. 58",
        basis_letter="e",
        need="To greet people by name",
        at=timezone.now(),
        **wanted,
    )


def test_a_code_belongs_to_one_member(vendor: Subsystem) -> None:
    same: Any = {"member_class": "COM", "title": "x", "contact": "", "at": timezone.now()}
    assert subsystems.enter(code=vendor.code, member="vendor", **same) == vendor
    with pytest.raises(subsystems.CodeTaken):
        subsystems.enter(code=vendor.code, member="other", **same)
    with pytest.raises(subsystems.CodeTaken):
        subsystems.enter(code="knower", member="disdukcapil", **same)


def test_a_suspended_system_proves_nothing_and_asks_nothing(vendor: Subsystem) -> None:
    grants.approve_grant(grant=ask(vendor), by=OWNER, at=timezone.now())
    made, _secret = credentials.make_secret(subsystem=vendor, at=timezone.now())
    assert made.pk in grants.snapshot().credentials
    assert grants.snapshot().to_ask(vendor.code, WhoIs.name, PURPOSE)
    subsystems.suspend(subsystem=vendor, reason="Kunci bocor", at=timezone.now())
    assert made.pk not in grants.snapshot().credentials
    assert grants.snapshot().to_ask(vendor.code, WhoIs.name, PURPOSE) is None
    subsystems.resume(subsystem=vendor)
    assert grants.snapshot().to_ask(vendor.code, WhoIs.name, PURPOSE)


def test_whoever_asks_does_not_decide(vendor: Subsystem) -> None:
    grant = ask(vendor)
    with pytest.raises(grants.SameEyes):
        grants.approve_grant(grant=grant, by=DEVELOPER, at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.filter(pk=grant.pk).update(
            state="approved", decided_by=DEVELOPER.pk, decided_at=timezone.now()
        )
    grants.withdraw(grant=grant, reason="No longer needed", by=DEVELOPER, at=timezone.now())


def test_a_grant_is_narrowed_and_never_widened(vendor: Subsystem) -> None:
    grant = ask(vendor, until=date(2026, 12, 31))
    less: Any = {"reason": "The name is enough", "by": OWNER, "at": timezone.now()}
    good: Any = {"fields": ["name"], "per_minute": 30, "valid_until": date(2026, 12, 1)}
    wider: list[dict[str, Any]] = [
        {"fields": ["found"]},
        {"fields": []},
        {"per_minute": None},
        {"valid_until": None},
    ]
    for more in wider:
        with pytest.raises(grants.MoreThanAsked):
            grants.narrow(grant=grant, **{**good, **more}, **less)
    narrowed = grants.narrow(grant=grant, **good, **less)
    assert (narrowed.fields, narrowed.asked_fields) == (["name"], ["address", "name"])


def test_a_grant_ends_by_itself_and_can_be_asked_for_again(vendor: Subsystem) -> None:
    now, today = timezone.now(), timezone.localdate()
    grant = ask(vendor, until=today + timedelta(days=10))
    with pytest.raises(grants.AlreadyOpen):
        ask(vendor)
    grants.approve_grant(grant=grant, by=OWNER, at=now)
    assert grants.soon_over(at=now) == [grant]
    assert grants.soon_over(at=now) == []
    assert grants.end_those_over(at=now + timedelta(days=10)) == []
    assert grants.end_those_over(at=now + timedelta(days=11)) == [grant]
    grant.refresh_from_db()
    assert (grant.state, grant.reason) == ("ended", grants.RAN_OUT)
    assert ask(vendor).state == "asked"


def test_a_secret_is_replaced_with_overlap_and_shown_once(vendor: Subsystem) -> None:
    now = timezone.now()
    old, _secret = credentials.make_secret(subsystem=vendor, at=now, once="0a0b0c0d")
    with pytest.raises(credentials.AlreadyShown):
        credentials.make_secret(subsystem=vendor, at=now, once="0a0b0c0d")
    new, _other = credentials.replace_secret(credential=old, at=now)
    assert {old.pk, new.pk} <= grants.snapshot().credentials.keys()
    assert Credential.objects.get(pk=old.pk).ends_at == now + credentials.OVERLAP


# -- who answers


@pytest.fixture
def elsewhere(vendor: Subsystem) -> Iterator[Elsewhere]:
    server = Elsewhere()
    yield server
    server.close()


def answer_well(server: Elsewhere, name: bytes = b"Siti Nur Aisyah") -> None:
    good, bad = reply(b'{"found": true, "name": "%s"}' % name), reply(b"{}", "422 No")
    server.behaviour = lambda line, _number: (bad if server.requests[-1][1] == b"{}" else good)(
        line, 0
    )


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WhoIs, "example", {"nik": NIK})


def found(server: Elsewhere, seconds: float = 2) -> conformance.Outcome:
    return conformance.check(WhoIs, url=server.url, seconds=seconds, at=timezone.now())


def test_a_system_that_answers_as_the_contract_says_passes(
    elsewhere: Elsewhere, example: None
) -> None:
    answer_well(elsewhere)
    outcome = found(elsewhere)
    assert outcome.passed
    assert [finding.code for finding in outcome.findings] == ["answers", "json", "fits", "refuses"]
    assert [one.field for one in outcome.differences] == ["address"]


@pytest.mark.parametrize(
    ("body", "status", "fault"),
    [
        (b"oops", "200 OK", "json"),
        (b'{"found": "perhaps"}', "200 OK", "fits"),
        (b'{"found": true}', "500 Broken", "answers"),
        (b'{"found": true}', "200 OK", "refuses"),
    ],
)
def test_what_differs_is_named(
    elsewhere: Elsewhere, example: None, body: bytes, status: str, fault: str
) -> None:
    elsewhere.behaviour = reply(body, status)
    assert fault in {one.code for one in found(elsewhere).findings if not one.passed}


def test_the_switch_is_thrown_and_thrown_back_and_callers_notice_nothing(
    elsewhere: Elsewhere, house: House
) -> None:
    answer_well(elsewhere)
    service = Service.objects.get(contract=WhoIs.name)
    with pytest.raises(switch.NothingPrepared):
        switch.throw(service=service)
    for wrong in ("ftp://there/x", "http://", "http://me:secret@there/"):
        with pytest.raises(switch.NotAnAddress):
            switch.prepare(service=service, url=wrong, milliseconds=2000)
    switch.prepare(service=service, url=elsewhere.url, milliseconds=2000)
    for throw, calls in ((None, 0), (switch.throw, 1), (switch.throw_back, 1), (switch.throw, 2)):
        if throw:
            throw(service=service)
        said = bus.ask(WhoIs(nik=NIK), asker="asker", purpose=PURPOSE, subjects=[NIK])
        assert said.name == "Siti Nur Aisyah"
        assert len(elsewhere.requests) == calls
