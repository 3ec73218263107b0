"""The log as the console shows it: search, one message with its proof, traffic by system and service."""

import html
import json
import shlex
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from kartini.contracts import Purpose
from kartini.exchange import attesting, bus, dispatch, log
from kartini.exchange.log import attested
from kartini.exchange.models import Subsystem
from kartini.exchange.testing import OpenExchange
from kartini.people.models import User
from kartini.systems.console.tests.test_console import WhoIs, ask, heard, house, officer, page
from kartini.systems.console.views import members

__all__ = ["heard", "house", "officer"]
pytestmark = pytest.mark.django_db
SEND = "whatsapp.send-message.v1"


def test_each_system_and_each_service_has_its_own_drawings_and_a_way_there(
    client: Client, officer: User, exchange: OpenExchange
) -> None:
    ask()
    everything = page(client, "traffic")
    for name, code in (("system_traffic", "asker"), ("service_traffic", WhoIs.name)):
        assert reverse(f"console:{name}", args=[code]) in everything
        own = page(client, name, code, query="?hari=30")
        assert "Waktu jawab" in own
        assert "Separuh dalam" in own
        assert own.count("<caption") >= 4, "a table twin for each drawing, and the sums"
        assert "Tidak ada lalu lintas" not in own
    assert "Waktu jawab" in page(client, "traffic", query="?hari=365")
    unknown = reverse("console:service_traffic", args=["nobody.asks-this.v1"])
    assert client.get(unknown).status_code == 404


def test_each_member_has_its_health_and_when_it_was_last_seen(
    client: Client, officer: User, exchange: OpenExchange
) -> None:
    ask()
    now = timezone.now()
    seen = {"JPR/GOV/dpmptsp/asker": now, "JPR/GOV/owner/old": now - timedelta(days=8)}
    said = [
        members.health(Subsystem(code=code, member=member, member_class="GOV"), seen)["health"]
        for code, member in (("asker", "dpmptsp"), ("old", "owner"), ("new", "owner"))
    ]
    assert said == ["lively", "quiet", "unseen"]
    text = page(client, "members")
    assert "Aktif" in text, "who asked just now, and who answered it"
    assert "baru saja" in text


def test_witnesses_and_time_stamps_stand_beside_the_proof(
    client: Client, officer: User, exchange: OpenExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = attesting.Watch("saksi.example", "https://saksi.example", 41, timezone.now())
    silent = watch._replace(name="saksi.diam", at=None)
    monkeypatch.setattr(attesting, "watches", lambda: [watch, silent])
    stamp = attested.Attestation(attested.STAMP, 40, "tsa", timezone.now().isoformat(), b"x")
    monkeypatch.setattr(attested, "newest", lambda *_: [stamp])
    text = page(client, "evidence")
    assert "41 pesan" in text
    assert "saksi.diam" in text
    assert "40 pesan dicap" in text
    assert reverse("console:verifier") in text


def test_the_log_is_searched_from_a_day_until_a_day(
    client: Client, officer: User, exchange: OpenExchange
) -> None:
    ask()
    today = timezone.localdate().isoformat()
    for query, found in (
        (f"?day={today}", 1),
        (f"?day={today}&until={today}", 1),
        ("?until=2020-01-01", 0),
        (f"?day=2020-01-01&until={today}", 1),
        ("?until=9999-12-31", 1),
    ):
        text = page(client, "log", query=query)
        assert ("knower.who-is.v1</a>" in text) is bool(found), query


def test_the_log_is_filtered_paged_and_names_nobody(
    client: Client, officer: User, exchange: OpenExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kartini.systems.console.views.messages.A_PAGE", 2)
    for _ in range(3):
        ask()
    with pytest.raises(bus.NotGranted):
        bus.ask(WhoIs(nik="1" * 16), asker="passer-by", purpose=Purpose.GOVERNANCE)
    text = page(client, "log", query="?asker=JPR/GOV/dpmptsp/asker&outcome=answered")
    assert text.count("knower.who-is.v1</a>") == 2
    assert "sebelum=" in text
    assert "passer-by" in page(client, "log", query="?outcome=failed")
    assert "3320116204959002" not in text
    sheet = client.get(reverse("console:log") + "?outcome=failed&csv=1").content.decode("utf-8-sig")
    assert len([line for line in sheet.splitlines() if "passer-by" in line]) == 1
    assert "200" not in {line.split(",")[5] for line in sheet.splitlines()}
    for nonsense in ("?day=kemarin&outcome=x&sebelum=../..", "?request=%00%27--", "?asker=1"):
        page(client, "log", query=nonsense)


def test_a_message_shows_its_proof_and_lets_it_be_carried_away(
    client: Client, officer: User, exchange: OpenExchange
) -> None:
    ask()
    id_ = log.search(limit=1)[0][1].id
    waiting = page(client, "message", id_)
    assert client.get(reverse("console:proof", args=[id_])).status_code == 404
    log.the_log().sealer.seal(timezone.now())
    sealed = page(client, "message", id_)
    assert waiting != sealed
    proof = json.loads(client.get(reverse("console:proof", args=[id_])).content)
    assert proof["columns"][1] == id_
    unknown = "0193f0aa-0000-7000-8000-000000000000"
    assert client.get(reverse("console:message", args=[unknown])).status_code == 404
    assert id_[:8] in page(client, "log", query=f"?request={id_}")


def test_an_auditor_checks_a_message_with_the_two_files_and_the_command_of_its_page(
    client: Client, officer: User, exchange: OpenExchange, tmp_path: Path
) -> None:
    ask()
    id_ = log.search(limit=1)[0][1].id
    log.the_log().sealer.seal(timezone.now())
    proof = tmp_path / f"{id_}.proof.json"
    proof.write_bytes(client.get(reverse("console:proof", args=[id_])).content)
    verifier = tmp_path / "kartini_verify.py"
    verifier.write_bytes(client.get(reverse("console:verifier")).content)
    shown = client.get(reverse("console:message", args=[id_])).context["command"]
    assert html.escape(shown) in page(client, "message", id_)
    _python, *words = shlex.split(shown)

    def judged() -> int:
        command = [sys.executable, "-I", *words]
        return subprocess.run(command, cwd=tmp_path, env={}, capture_output=True).returncode

    assert judged() == 0
    proof.write_text(proof.read_text().replace("permit-identity", "curiosity"))
    assert judged() == 1


def test_what_was_asked_of_institutions_outside_is_told_in_words(
    client: Client, officer: User, exchange: OpenExchange
) -> None:
    def send(carry: Any, key: str) -> str:
        at, to = timezone.now(), "http://user:secret@127.0.0.1:9/x"
        return dispatch.do(SEND, to=to, key=key, body=b"x", carry=carry, at=at)

    def away(_errand: object) -> str:
        raise dispatch.Late("silent")

    ask()
    send(lambda _errand: "sent", "a")
    with pytest.raises(dispatch.Late):
        send(away, "b")
    for query in ("?method=DO", f"?service={dispatch.service(SEND)}"):
        text = page(client, "log", query=query)
        assert text.count("Mengirim pesan lewat WhatsApp</a>") >= 2
        assert "Terlaksana di luar" in text
        assert "<code>knower" not in text
    one = page(client, "message", log.search(method="DO", limit=1)[0][1].id)
    assert "Tindakan ke luar" in one
    assert "UU 25/2009" in one
    members = page(client, "members")
    assert "Tidak menjawab" in members
    assert "http://127.0.0.1:9" in members
    assert "secret" not in members


def test_traffic_of_many_services_is_folded(client: Client, officer: User) -> None:
    said: dict[str, Any] = {
        "method": "ASK",
        "client": "JPR/GOV/dpmptsp/asker",
        "status": 200,
    }
    log.append(
        *(
            log.Entry(log.message(at=timezone.now(), service=f"JPR/GOV/a/b/b.c{n}.v1", **said))
            for n in range(7)
        )
    )
    text = page(client, "traffic")
    assert "Tampilkan semua" in text
    _head, _mark, rest = text.rpartition("<summary>")
    assert text.count("b.c") >= 7
    assert rest.count('<th scope="row">') >= 2


def test_codes_have_words_before_them(client: Client, officer: User) -> None:
    ours = log.the_log()
    ours.refusals.flush(timezone.localtime())
    ours.store.write(("DELETE FROM refusal", [()]))
    for reason in ("invalid_client", "Client.NotAuthenticated", "something-new"):
        ours.refusals.count(reason, "127.0.0.1")
    ours.refusals.flush(timezone.localtime())
    text = page(client, "traffic")
    assert "Nomor klien atau rahasianya keliru<small>Biasanya rahasianya sudah berakhir" in text
    assert "<code>something-new" in text
    assert "Bukti waktu" in page(client, "evidence")
