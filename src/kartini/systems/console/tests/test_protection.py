"""Switching answerers, keeping and erasing, breaches, and the documents that the law asks for."""

import subprocess
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from kartini.contracts import Purpose
from kartini.contracts.dukcapil import ResidentByNik
from kartini.exchange import bus, log
from kartini.exchange.models import Delivery, Fact, Grant, Service
from kartini.exchange.testing import OpenExchange
from kartini.exchange.tests.test_remote import Elsewhere, reply
from kartini.office.models import Notice
from kartini.people.models import User
from kartini.people.rules import DATA_OFFICER
from kartini.systems.console.models import Breach, Erasure, RetentionRule, Tryout
from kartini.systems.console.services import letters, retention
from kartini.systems.console.tests.test_joining import NIK, as_user, at, house, officer, someone

__all__ = ["house", "officer"]
pytestmark = pytest.mark.django_db
CONTRACT = ResidentByNik.name
GOOD = b'{"found": true, "name": "Siti Lain", "sex": "F", "address": "Tahunan"}'


# -- the switch


def elsewhere(good: bytes = GOOD) -> Elsewhere:
    server = Elsewhere()
    fits, not_fits = reply(good), reply(b"{}", "422 No")
    server.behaviour = lambda line, _n: (not_fits if server.requests[-1][1] == b"{}" else fits)(
        line, 0
    )
    return server


def test_another_system_is_tried_switched_on_and_off_and_callers_notice_nothing(
    officer: User, exchange: OpenExchange
) -> None:
    """Story 2 of the exchange, with the other system on a wire."""
    server, client = elsewhere(), as_user(officer)
    Grant.objects.create(
        asker_id="console",
        contract=CONTRACT,
        purpose=Purpose.GOVERNANCE,
        basis="x",
        state="approved",
        asked_at=timezone.now(),
        decided_at=timezone.now(),
    )

    def ask() -> Any:
        return bus.ask(ResidentByNik(nik=NIK), asker="console", purpose=Purpose.GOVERNANCE)

    assert ask().name == "Siti"
    client.post(at("prepare", CONTRACT), {"url": server.url, "milliseconds": "2000"})
    early = client.post(at("throw", CONTRACT), {"reason": ""})
    assert "error-summary" in early.content.decode()
    client.post(at("try_out", CONTRACT))
    assert Tryout.objects.get().passed
    page = client.get(at("service", CONTRACT)).content.decode()
    assert "Siti Lain" in page
    assert ask().name == "Siti"
    for name, said in (("throw", "Siti Lain"), ("throw_back", "Siti"), ("throw", "Siti Lain")):
        assert client.post(at(name, CONTRACT), {"reason": ""}).status_code == 302
        assert ask().name == said
    assert client.get(at("services")).content.decode().count(server.url) == 1
    server.close()


def test_a_system_that_answers_wrongly_is_not_switched_on_without_a_reason(
    officer: User, exchange: OpenExchange
) -> None:
    server, client = elsewhere(b'{"found": "mungkin"}'), as_user(officer)
    client.post(at("prepare", CONTRACT), {"url": server.url, "milliseconds": "2000"})
    client.post(at("try_out", CONTRACT))
    assert "found" in client.get(at("service", CONTRACT)).content.decode()
    assert client.post(at("throw", CONTRACT), {"reason": ""}).status_code == 200
    assert Service.objects.get(pk=CONTRACT).url == ""
    client.post(at("throw", CONTRACT), {"reason": "Registernya sendiri sedang mati"})
    assert Service.objects.get(pk=CONTRACT).url == server.url
    for wrong in ("ftp://x/", "javascript:alert(1)", "http://a:b@c/", ""):
        answer = client.post(at("prepare", CONTRACT), {"url": wrong, "milliseconds": "2000"})
        assert "error-summary" in answer.content.decode()
    server.close()


# -- keeping and erasing


POSITIONS = count(1)


def stated(days_ago: int, *, heard: bool = True) -> Fact:
    at_ = timezone.now() - timedelta(days=days_ago)
    fact = Fact.objects.create(
        contract="a.b.v1", body={"x": 1}, stated_at=at_, position=next(POSITIONS)
    )
    done = at_ if heard else None
    Delivery.objects.create(fact=fact, listener="a.b", next_at=at_, give_up_at=at_, done_at=done)
    return fact


def test_what_is_over_is_erased_by_rule_and_stays_provable(
    officer: User, exchange: OpenExchange
) -> None:
    old, unheard, young = stated(40), stated(50, heard=False), stated(5)
    client = as_user(officer)
    today = timezone.localdate().isoformat()
    rule = {"kind": "facts", "keep_days": "30", "basis": "Perbup Arsip", "from_on": today}
    assert client.post(at("set_rule"), rule).status_code == 302
    assert "error-summary" in client.post(at("set_rule"), rule).content.decode()
    assert retention.erase_what_is_due(at=timezone.now()) == 1
    assert {*Fact.objects.all()} == {young, unheard}
    erasure = Erasure.objects.get()
    assert str(old.pk) in erasure.lines
    assert retention.still_proves(erasure)
    log.the_log().sealer.seal(timezone.now())
    proof = log.proof(erasure.message)
    assert proof is not None
    assert proof.leads_to_root
    assert old.pk.hex[:8] in client.get(at("erasure", erasure.pk)).content.decode()
    Erasure.objects.update(lines=erasure.lines.replace(str(old.pk), str(young.pk)))
    assert not retention.still_proves(Erasure.objects.get())
    assert retention.erase_what_is_due(at=timezone.now()) == 0


def test_a_later_rule_replaces_an_earlier_one_from_its_day(officer: User) -> None:
    day = timezone.localdate()
    made: Any = {"kind": "facts", "basis": "x", "by": officer, "at": timezone.now()}
    first = retention.set_rule(keep_days=30, from_on=day, **made)
    second = retention.set_rule(keep_days=60, from_on=day + timedelta(days=10), **made)
    assert retention.rule_for("facts", day + timedelta(days=9)) == first
    assert retention.rule_for("facts", day + timedelta(days=10)) == second
    with pytest.raises(retention.InThePast):
        retention.set_rule(keep_days=1, from_on=day - timedelta(days=1), **made)


def test_where_nothing_was_set_an_assumed_rule_says_that_it_is_assumed(
    house: None, exchange: OpenExchange
) -> None:
    retention.erase_what_is_due(at=timezone.now())
    assert {*RetentionRule.objects.values_list("basis", flat=True)} == {retention.ASSUMED}


# -- breaches


def local(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def test_a_breach_has_a_clock_and_is_closed_when_those_concerned_were_told(officer: User) -> None:
    protector, client = someone("ratna", DATA_OFFICER, "diskominfo"), as_user(officer)
    now = timezone.now()
    facts = {
        "title": "Berkas terkirim ke alamat keliru",
        "known_at": local(now - timedelta(hours=70)),
    }
    more = {
        "personal_data": "nama, alamat",
        "cause": "salah ketik",
        "measures": "ditarik",
        "persons": "12",
    }
    assert client.post(at("breach_new"), {**facts, **more}).status_code == 302
    breach = Breach.objects.get()
    assert Notice.objects.get(to=protector).template == "console/breach"
    assert breach.due_at - breach.known_at == timedelta(hours=72)
    assert "Sisa 1 jam" in client.get(at("breach", breach.pk)).content.decode()
    assert "Sisa 1 jam" in client.get(at("breaches")).content.decode()
    assert client.post(at("breach_close", breach.pk)).status_code == 409
    for whom in ("subjects", "authority"):
        told = {"whom": whom, "how": "surat 12/2026", "told_at": local(now)}
        assert client.post(at("breach", breach.pk), told).status_code == 302
    assert client.post(at("breach_close", breach.pk)).status_code == 302
    late = client.post(
        at("breach", breach.pk), {"whom": "other", "how": "x", "told_at": local(now)}
    )
    assert late.status_code == 409
    assert as_user(protector).get(at("breaches")).status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"known_at": "2099-01-01T00:00"}, {"began_at": "2099-01-01T00:00"}, {"cause": ""}]
)
def test_a_breach_of_tomorrow_is_not_entered(officer: User, wrong: dict[str, str]) -> None:
    facts = {
        "title": "x",
        "known_at": local(timezone.now()),
        "personal_data": "x",
        "cause": "x",
        "measures": "x",
    }
    answer = as_user(officer).post(at("breach_new"), {**facts, **wrong})
    assert "error-summary" in answer.content.decode()
    assert not Breach.objects.exists()


def test_who_answers_citizens_finds_their_questions_from_here(officer: User) -> None:
    protector = someone("ratna", DATA_OFFICER, "diskominfo")
    link = f'href="{reverse("data_requests")}"'
    assert link in as_user(protector).get(at("protection")).content.decode().partition("<main")[2]
    assert link not in as_user(officer).get(at("protection")).content.decode()


# -- documents


def text_of(content: bytes, folder: Path) -> str:
    file = folder / "it.pdf"
    file.write_bytes(content)
    subprocess.run(["qpdf", "--check", str(file)], check=True, capture_output=True)
    return subprocess.run(
        ["pdftotext", "-layout", str(file), "-"], check=True, capture_output=True
    ).stdout.decode()


def test_record_and_agreement_are_made_from_what_is_configured(
    officer: User, exchange: OpenExchange, tmp_path: Path
) -> None:
    grant = Grant.objects.create(
        asker_id="console",
        contract=CONTRACT,
        purpose=Purpose.PERMIT_IDENTITY,
        basis="UU 24/2013 Pasal 58",
        fields=["name"],
        state="approved",
        valid_until=date(2099, 12, 31),
        asked_at=timezone.now(),
        decided_at=timezone.now(),
    )
    client: Client = as_user(officer)
    record = text_of(client.get(at("record")).content, tmp_path)
    assert "UU 24/2013 Pasal 58" in " ".join(record.split())
    assert "Kenirsangkalan" in record
    agreement = " ".join(text_of(client.get(at("agreement", grant.pk)).content, tmp_path).split())
    assert "31 Desember 2099" in agreement
    assert "Perjanjian ini disusun otomatis" in agreement
    assert "Siapa penduduk dengan NIK ini?" in agreement, "words before codes"
    with translation.override("en"):
        english = text_of(letters.agreement(grant=grant, at=timezone.now()), tmp_path)
    assert "Siapa penduduk" in english, "the document is Indonesian, whoever asks for it"
    assert client.get(at("record") + "?anggota=tidak-ada").status_code == 404
