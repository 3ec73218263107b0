"""Data saya: who looked, why, and the questions about it."""

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kartini.exchange import archiving, log, registry
from kartini.exchange.log.leaf import message as new_message
from kartini.exchange.log.sqlite import SqliteStore
from kartini.people import demo, persons, questions, traces, trail
from kartini.people.messages import Letter
from kartini.people.models import DataRequest, Person, TrailLine

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("jepara")]


@pytest.fixture
def siti(client: Client) -> Client:
    client.force_login(demo.staff("siti"))
    return client


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[log.Message]:
    """The message log about everybody, newest first, as the exchange would give it."""
    kept: list[log.Message] = []

    def about(nik: str, *, limit: int = 50, before: str = "") -> list[log.Message]:
        start = 1 + next((i for i, one in enumerate(kept) if one.id == before), -1)
        return kept[start : start + limit]

    monkeypatch.setattr(log, "messages_about", about)
    return kept


def person() -> Person:
    found = demo.staff("siti").person
    assert found is not None
    return found


def look(by: str = "bambang", at: datetime | None = None, basis: str = "Perbup") -> TrailLine:
    return trail.looked(
        by=demo.staff(by),
        person=person(),
        thing="joss.application:JOSS-2026-000123",
        purpose="permit-decision",
        basis=basis,
        at=at or timezone.now(),
    )


def message(at: datetime, **more: Any) -> log.Message:
    facts: dict[str, Any] = {
        "method": "ASK",
        "client": "JPR/GOV/dpmptsp/joss",
        "service": "JPR/GOV/disdukcapil/dukcapil/dukcapil.resident-by-nik.v1",
        "status": 200,
        "purpose": "permit-identity",
        "basis": "UU 25/2009",
        "fields": "name,birth_on",
    }
    return new_message(at=at, **{**facts, **more})


def test_looks_and_questions_are_merged_by_time(siti: Client, messages: list[log.Message]) -> None:
    now = timezone.now()
    look(at=now - timedelta(hours=1))
    look(at=now - timedelta(hours=3))
    messages.append(message(now - timedelta(hours=2)))
    shown = siti.get("/data-saya/jejak/").context["traces"]
    assert [trace.kind for trace in shown] == ["looked", "asked", "looked"]
    assert (shown[1].agency_name, shown[1].about) == ("DPMPTSP", "nama, tanggal lahir")
    assert str(shown[0].who) == "Loket identitas"
    assert "Bambang" not in siti.get("/data-saya/jejak/").content.decode()


def test_whoever_asks_from_outside_cannot_pass_for_another_agency(
    siti: Client, messages: list[log.Message]
) -> None:
    klinik = {"client": "JPR/COM/klinik-sehat/klinik", "organisation": "disdukcapil"}
    messages += [
        message(timezone.now(), method="POST", **klinik),
        message(timezone.now(), organisation="dlh"),
    ]
    page = siti.get("/data-saya/jejak/")
    outside, inside = sorted(page.context["traces"], key=lambda trace: trace.key)[:2]
    assert (outside.agency, inside.agency) == ("klinik-sehat", "dlh")
    assert "menurut keterangannya sendiri atas nama Disdukcapil" in str(outside.who)
    asked = siti.post(f"/data-saya/jejak/tanya/?catatan={outside.key}", {"question": "Mengapa?"})
    assert asked.status_code == 302
    assert DataRequest.objects.latest("asked_at").organisation is None


def test_filters_pages_and_nonsense(siti: Client, messages: list[log.Message]) -> None:
    now = timezone.now()
    for day in range(40):
        look(at=now - timedelta(days=day, minutes=1))
        messages.append(message(now - timedelta(days=day)))

    def shown(**query: str) -> Any:
        return siti.get("/data-saya/jejak/", query).context

    assert (len(shown()["traces"]), shown()["more"]) == (25, True)
    assert (len(shown(halaman="4")["traces"]), shown(halaman="4")["more"]) == (5, False)
    assert {trace.kind for trace in shown(jenis="asked")["traces"]} == {"asked"}
    assert shown(instansi="dlh")["traces"] == []
    week = f"{timezone.localdate() - timedelta(days=6)}"
    assert 12 <= len(shown(sejak=week)["traces"]) <= 14
    for nonsense in ({"halaman": "-1"}, {"halaman": "x"}, {"sejak": "kemarin"}, {"jenis": "?"}):
        assert len(shown(**nonsense)["traces"]) == 25


@pytest.mark.usefixtures("messages")
def test_the_page_costs_the_same_however_long_the_trail(
    siti: Client, django_assert_max_num_queries: Any
) -> None:
    for _time in range(60):
        look()
    with django_assert_max_num_queries(10):
        siti.get("/data-saya/jejak/")


def test_the_file_is_complete_and_harmless(siti: Client, messages: list[log.Message]) -> None:
    for minute in range(120):
        look(at=timezone.now() - timedelta(minutes=minute), basis='=HYPERLINK("x")')
        messages.append(message(timezone.now() - timedelta(minutes=minute)))
    text = siti.get("/data-saya/jejak.csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 241
    assert not [cell for row in rows for cell in row if cell.startswith("=")]
    assert TrailLine.objects.filter(verb="people.trail-downloaded").count() == 1
    lines = siti.get("/data-saya/jejak.json").json()["lines"]
    assert len(lines) == 240
    asked = siti.get("/data-saya/jejak/tanya/", {"catatan": lines[0]["key"]})
    assert asked.status_code == 200


def test_who_is_not_confirmed_does_not_read_about_the_nik(
    siti: Client, messages: list[log.Message]
) -> None:
    Person.objects.update(verified_at=None, verified_by="")
    messages.append(message(timezone.now()))
    assert siti.get("/data-saya/jejak/").context["traces"] == []
    key = f"message:{messages[0].id}"
    assert siti.get("/data-saya/jejak/tanya/", {"catatan": key}).status_code == 404


def test_everything_is_spelled_out_and_no_answer_gives_nothing_away(
    siti: Client, messages: list[log.Message]
) -> None:
    at = timezone.now()
    messages += [
        message(at, fields="*"),
        message(at, status=503),
        message(at, service="a/b/c/d/e.f.v1"),
    ]
    signed = {"method": "DO", "service": "JPR/GOV/bssn/bsre/bsre.sign-document.v1", "fields": ""}
    messages += [message(at, **signed, status=status) for status in (200, 504)]
    shown = siti.get("/data-saya/jejak/").context["traces"]
    assert [trace.about for trace in shown[3:]] == ["", "Tidak terlaksana"]
    assert str(shown[3].what) == "Meminta BSrE menandatangani dokumen"
    assert "tanggal lahir" in shown[0].about or "dukcapil" not in registry.subsystems
    assert shown[1].about == "Tidak dijawab"
    assert str(shown[0].what) == "Bertanya ke Dukcapil siapa Anda"
    assert str(shown[2].what) == "Bertanya ke d"


def test_a_line_without_basis_is_marked(siti: Client, messages: list[log.Message]) -> None:
    messages.append(message(timezone.now(), basis=""))
    assert "Perlu penjelasan" in siti.get("/data-saya/jejak/").content.decode()


def test_asking_why_starts_the_clock_of_three_days(
    siti: Client, messages: list[log.Message], letters: list[Letter]
) -> None:
    key = f"line:{look().pk}"
    page = f"/data-saya/jejak/tanya/?catatan={key}"
    for _time in range(2):
        assert siti.post(page, {"question": "Mengapa?"}).status_code == 302
    asked = DataRequest.objects.get(person=person())
    assert asked.due_at - asked.asked_at == timedelta(hours=72)
    assert asked.organisation_id == "dpmptsp"
    laila = Client()
    laila.force_login(demo.staff("laila"))
    assert laila.get("/petugas/pertanyaan-data/").status_code == 200
    desk = f"/petugas/pertanyaan-data/{asked.pk}/"
    assert laila.get(desk).status_code == 200
    assert TrailLine.objects.filter(kind="looked", verb="people.data-request-seen").count() == 1
    assert laila.post(desk, {"answer": "Untuk permohonan Anda."}).status_code == 302
    assert laila.post(desk, {"answer": "Lagi."}).status_code == 409
    assert "Untuk permohonan Anda." in siti.get("/data-saya/pertanyaan/").content.decode()
    assert letters[-1].to == demo.staff("siti").phone


@pytest.mark.usefixtures("messages")
@pytest.mark.parametrize("key", ["line:0", "line:x", "line:99999999999999999999", "message:x", "?"])
def test_a_line_that_is_not_mine_cannot_be_asked_about(siti: Client, key: str) -> None:
    assert siti.get("/data-saya/jejak/tanya/", {"catatan": key}).status_code == 404


def test_the_trace_of_another_person_is_not_found() -> None:
    line = look()
    budi = demo.staff("budi").person
    assert budi is not None
    assert traces.find(budi, f"line:{line.pk}") is None


def test_an_answer_comes_once() -> None:
    request = questions.ask(person=person(), question="?", by=demo.staff("siti"), at=timezone.now())
    laila, at = demo.staff("laila"), timezone.now()
    questions.answer(request=request, words="x", by=laila, at=at)
    with pytest.raises(questions.AlreadyAnswered):
        questions.answer(request=request, words="y", by=laila, at=at)


def test_the_nik_is_masked_on_every_page(siti: Client) -> None:
    for page in ("/data-saya/", "/data-saya/akun/", "/data-saya/pertanyaan/"):
        text = siti.get(page).content.decode()
        assert persons.masked_nik(person()) in text
        assert persons.nik_of(person()) not in text


def test_strangers_are_led_to_the_sign_in_page() -> None:
    for page in ("/data-saya/", "/data-saya/jejak/", "/data-saya/jejak.csv", "/loket/identitas/"):
        assert Client().get(page)["Location"].startswith("/masuk/?next=/")


def test_officers_without_a_person_see_why_there_is_nothing(client: Client) -> None:
    client.force_login(demo.staff("dewi"))
    assert client.get("/data-saya/").status_code == 403
    assert client.get("/data-saya/akun/").status_code == 200


def test_what_lies_in_a_file_that_is_away_or_erased_is_told(
    siti: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = log.Log(SqliteStore(tmp_path / "log.sqlite3"), folder=tmp_path, origin="kartini/test/log")
    monkeypatch.setattr(log, "the_log", lambda: own)
    for month in (6, 7, 8, 9, 11):
        when = datetime(2026, month, 5, 3, tzinfo=UTC)
        subjects = [own.keys.subject(persons.nik_of(person()))]
        own.append(log.Entry(message(when, subjects=subjects), subjects))
        own.sealer.seal(when)
    assert archiving.move(own, until=datetime(2026, 10, 1, tzinfo=UTC), at=timezone.now()) == 4
    assert "tidak ada di tempat" not in siti.get("/data-saya/jejak/").content.decode()
    archives = own.shelf.archives()
    erased = message(timezone.now(), method="ERASE", basis="JRA 12/2026")
    own.append(log.Entry(erased))
    archiving.erase(own, archives[-1], message=erased.id)
    for archive in archives[:3]:
        assert archive.file
        archive.file.unlink()
    page = siti.get("/data-saya/jejak/").content.decode()
    assert "sampai 5 Juni 2026 sudah dihapus" in page
    assert "JRA 12/2026" in page
    assert "dari 5 Juni 2026 sampai 5 September 2026" in page
    assert page.count('class="notice"') == 3
    missing = siti.get("/data-saya/jejak.json").json()["missing"]
    assert [(one["erased"], one["basis"]) for one in missing] == [
        (True, "JRA 12/2026"),
        (False, ""),
    ]
    sheet = siti.get("/data-saya/jejak.csv").content.decode()
    assert all(one["said"] in sheet for one in missing)
    own.close()
