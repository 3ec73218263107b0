"""The pages of officers: the worklist, the file, and each turn."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from kartini.office import documents
from kartini.people.models import TrailLine, User
from kartini.systems.joss import rules
from kartini.systems.joss.models import Application, Permit
from kartini.systems.joss.services import advice, decisions, desk, verification
from kartini.systems.joss.services.verification import Finding
from kartini.systems.joss.tables import TABS, Worklist
from kartini.systems.joss.tests.conftest import (
    ANSWERS,
    TODAY,
    Cast,
    accepted,
    at,
    fresh,
    picture,
    submitted,
)
from kartini.systems.joss.tests.test_decisions import to_decision

DESK = "/joss/meja/"


def as_(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def turn(application: Application, verb: str) -> str:
    return reverse("joss:turn", args=[application.number, verb])


def send(client: Client, application: Application, verb: str, **data: Any) -> Any:
    return client.post(turn(application, verb), {"revision": fresh(application).revision} | data)


def test_each_officer_finds_on_the_desk_what_waits_for_him(
    client: Client, cast: Cast, nurse: Application
) -> None:
    accepted(cast, submitted(cast.budi))
    seen = {
        "bambang": as_(client, cast.bambang).get(DESK).content.decode(),
        "ratna": as_(client, cast.ratna).get(DESK).content.decode(),
        "hendro": as_(client, cast.hendro).get(DESK).content.decode(),
    }
    assert "JOSS-2026-000001" in seen["bambang"]
    assert "JOSS-2026-000002" not in seen["bambang"]
    assert "JOSS-2026-000002" in seen["ratna"]
    assert "JOSS-2026" not in seen["hendro"]


def test_the_worklist_is_for_officers_only(client: Client, cast: Cast, nurse: Application) -> None:
    assert client.get(DESK).status_code == 302
    file = reverse("joss:file", args=[nurse.number])
    assert as_(client, cast.siti).get(DESK).status_code == 403
    assert client.get(file).status_code == 403
    assert as_(client, cast.tri).get(file).status_code == 403


def test_every_filter_is_an_address(client: Client, cast: Cast, nurse: Application) -> None:
    submitted(cast.budi, "izin-reklame-insidentil")
    as_(client, cast.bambang)

    def numbers(query: str) -> int:
        return client.get(f"{DESK}?{query}").content.decode().count('name="pilih" value=')

    assert numbers("tampilan=semua") == 2
    assert numbers("tampilan=semua&jenis=sip-perawat-mandiri") == 1
    assert numbers("tampilan=semua&tahap=issued") == 0
    assert numbers("tampilan=semua&q=siti") == 1
    assert numbers("tampilan=semua&q=JOSS-2026-000002") == 1
    assert numbers("tampilan=semua&petugas=saya") == 0
    assert numbers("urut=-sisa") == 2
    assert numbers("tampilan=zzz&jenis=zzz&kec=1'--&tahap=%00&urut=x&halaman=-1&q=%25") == 2


def test_each_view_counts_the_rows_that_it_shows(
    client: Client, cast: Cast, nurse: Application, villages: None
) -> None:
    others = [submitted(cast.budi, code, day=-20) for code in ANSWERS]
    accepted(cast, others[0], -19)
    desk.assign(applications=[nurse.pk], officer=cast.dewi, by=cast.bambang, at=at())
    verification.return_with_faults(
        application=others[2], findings=[Finding("other", "", "x")], by=cast.dewi, at=at()
    )
    for officer in (cast.bambang, cast.dewi, cast.ratna, cast.hendro, cast.tri):
        found = Worklist(officer, QueryDict(), TODAY, "id")
        for tab in TABS[:-1]:
            found.tab = tab
            assert found.counts[tab.key] == found.rows().count(), (officer, tab.key)


def test_files_are_handed_over_after_confirmation(
    client: Client, cast: Cast, nurse: Application
) -> None:
    as_(client, cast.bambang)
    url = reverse("joss:assign")
    asked = client.post(url, {"pilih": [nurse.number]}).content.decode()
    assert "Dewi Lestari" in asked
    assert "Ratna" not in asked
    client.post(url, {"pilih": [nurse.number], "officer": str(cast.dewi.pk)})
    assert fresh(nurse).officer == cast.dewi
    client.post(url, {"pilih": [nurse.number], "officer": str(cast.ratna.pk)})
    assert fresh(nurse).officer == cast.dewi


def test_the_export_is_recorded_and_holds_no_formula(
    client: Client, cast: Cast, nurse: Application
) -> None:
    Application.objects.update(applicant_name="=HYPERLINK(1)")
    text = as_(client, cast.bambang).get("/joss/meja/antrean.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0]["pemohon"] == "'=HYPERLINK(1)"
    assert TrailLine.objects.filter(verb="joss.export", by=cast.bambang).exists()


def test_opening_a_file_is_recorded_for_the_applicant(
    client: Client, cast: Cast, nurse: Application
) -> None:
    page = as_(client, cast.bambang).get(reverse("joss:file", args=[nurse.number]))
    text = page.content.decode()
    assert "3320 •••• •••• 9002" in text
    assert "3320 1162 0495 9002" not in text
    shown = client.post(reverse("joss:show-nik", args=[nurse.number])).content.decode()
    assert "3320 1162 0495 9002" in shown
    looked = TrailLine.objects.filter(kind="looked", person=cast.siti.person).order_by("pk")
    assert [line.verb for line in looked] == ["joss.opened", "joss.nik-shown"]


def test_papers_are_shown_to_those_who_may_open_the_file(
    client: Client, cast: Cast, nurse: Application
) -> None:
    attached = nurse.papers.get(code="photo")
    url = reverse("joss:file-paper", args=[nurse.number, attached.pk])
    shown = as_(client, cast.bambang).get(url)
    assert (shown["Content-Type"], shown["Content-Disposition"][:6]) == ("image/png", "inline")
    assert client.get(f"{url}?unduh")["Content-Disposition"].startswith("attachment")
    page = client.get(reverse("joss:file", args=[nurse.number])).content.decode()
    assert f'<img src="{url}"' in page
    assert as_(client, cast.tri).get(url).status_code == 403


@time_machine.travel(at(1), tick=False)
def test_a_file_is_returned_by_filling_in_a_checklist(
    client: Client, cast: Cast, nurse: Application
) -> None:
    as_(client, cast.bambang)
    page = client.get(turn(nurse, "return")).content.decode()
    assert "Praktik Perawat Siti" in page
    empty = send(client, nurse, "return")
    assert "error-summary" in empty.content.decode()
    sent = {
        "paper-photo": "Latar biru",
        "field-practice_name": "Terlalu umum",
        "words": "Terima kasih",
    }
    assert send(client, nurse, "return", **sent).status_code == 302
    faults = verification.open_faults(fresh(nurse))
    assert [f.words for f in faults.faults.all()] == ["Latar biru", "Terlalu umum"]


def test_a_permit_goes_over_all_desks_by_their_pages(
    client: Client, cast: Cast, nurse: Application
) -> None:
    with time_machine.travel(at(0, 10), tick=False):
        as_(client, cast.bambang)
        assert send(client, nurse, "accept").status_code == 302
    with time_machine.travel(at(1), tick=False):
        as_(client, cast.ratna)
        plan = {"surveyor": cast.agus.pk, "on_day": 27, "on_month": 11, "on_year": 2026}
        past = send(client, nurse, "plan-survey", **plan | {"on_day": 2, "hour": "09:00"})
        assert "error-summary" in past.content.decode()
        assert send(client, nurse, "plan-survey", **plan, hour="09:00").status_code == 302
    with time_machine.travel(at(3, 12), tick=False):
        as_(client, cast.agus)
        assert str(nurse.number) in client.get(reverse("joss:surveys")).content.decode()
        seen = {"room": "yes", "equipment": "yes", "waste": "yes", "made_hour": "09.30"}
        seen |= {"made_on_day": "27", "made_on_month": "11", "made_on_year": "2026"}
        photos = {"photos": [picture("a.png"), picture("b.png", "blue")]}
        assert send(client, nurse, "record-survey", **seen, **photos).status_code == 302
        assert nurse.surveys.get().photos.count() == 2
    with time_machine.travel(at(6), tick=False):
        as_(client, cast.ratna)
        why = send(client, nurse, "recommend", verdict="refuse", words="")
        assert "error-summary" in why.content.decode()
        assert send(client, nurse, "recommend", verdict="issue").status_code == 302
    with time_machine.travel(at(7), tick=False):
        as_(client, cast.hendro)
        preview = client.get(reverse("joss:preview", args=[nurse.number]))
        assert preview.content.startswith(b"%PDF")
        assert send(client, nurse, "issue").status_code == 302
        file = client.get(reverse("joss:file", args=[nurse.number])).content.decode()
        assert "500.16.7/0001/SIPP/2026" in file
    assert fresh(nurse).state == "issued"


@time_machine.travel(at(4), tick=False)
def test_who_comes_too_late_is_told_and_changes_nothing(
    client: Client, cast: Cast, nurse: Application
) -> None:
    ready = to_decision(cast, nurse)
    as_(client, cast.wakil)
    assert client.get(turn(ready, "refuse")).status_code == 200
    decisions.issue(application=ready, by=cast.hendro, at=at(4))
    late = client.post(turn(ready, "refuse"), {"revision": ready.revision, "words": "Tidak layak"})
    assert late.status_code == 409
    assert fresh(ready).state == "issued"
    stale = client.post(turn(ready, "accept"), {"revision": 1})
    assert stale.status_code == 409


@time_machine.travel(at(4), tick=False)
def test_a_stale_page_is_refused(client: Client, cast: Cast, nurse: Application) -> None:
    as_(client, cast.bambang)
    old = nurse.revision
    verification.return_with_faults(
        application=nurse,
        findings=[verification.Finding("other", "", "Lengkapi")],
        by=cast.dewi,
        at=at(1),
    )
    verification.mend(application=nurse, by=cast.siti, at=at(2))
    assert client.post(turn(nurse, "accept"), {"revision": old}).status_code == 409
    assert fresh(nurse).state == "submitted"


def test_a_wrong_passphrase_is_said_at_its_field(
    client: Client, cast: Cast, nurse: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = to_decision(cast, nurse)

    def refuse(**what: Any) -> None:
        assert what["consent"].passphrase == " rahasia-saya "
        raise documents.SigningRefused("passphrase")

    monkeypatch.setattr(documents, "needs_consent", lambda: True)
    monkeypatch.setattr(documents, "issue", refuse)
    as_(client, cast.hendro)
    data = {"nik": "3320010101010001", "passphrase": " rahasia-saya "}
    page = send(client, ready, "issue", **data).content.decode()
    assert 'href="#passphrase"' in page
    assert "rahasia-saya" not in page
    assert fresh(ready).state == "decision"


def test_a_verb_of_another_role_is_refused(client: Client, cast: Cast, nurse: Application) -> None:
    as_(client, cast.ratna)
    assert client.get(turn(nurse, "accept")).status_code == 403
    assert client.get(turn(nurse, "issue")).status_code == 409
    assert client.get(turn(nurse, "dance")).status_code == 404


@time_machine.travel(at(4), tick=False)
def test_a_permit_is_suspended_and_revoked_with_a_reason(
    client: Client, cast: Cast, nurse: Application
) -> None:
    decisions.issue(application=to_decision(cast, nurse), by=cast.hendro, at=at(3))
    suspend = reverse("joss:permit-turn", args=[nurse.number, "suspend"])
    assert as_(client, cast.bambang).get(suspend).status_code == 403
    client.post(reverse("joss:hand-over", args=[nurse.number]))
    as_(client, cast.hendro)
    assert "error-summary" in client.post(suspend, {"words": ""}).content.decode()
    assert client.post(suspend, {"words": "Pengaduan"}).status_code == 302
    assert client.post(suspend, {"words": "Pengaduan"}).status_code == 409
    client.post(reverse("joss:permit-turn", args=[nurse.number, "revoke"]), {"words": "Terbukti"})
    permit = Permit.objects.get()
    assert (permit.state, permit.handed_over_how) == ("revoked", "counter")


def test_lists_and_files_ask_the_database_a_bounded_number_of_times(
    client: Client,
    cast: Cast,
    villages: None,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    ready = to_decision(cast, submitted(cast.siti))
    for number in range(25):
        other = submitted(cast.siti if number % 2 else cast.budi, "surat-keterangan-penelitian")
        if number % 3:
            accepted(cast, other)
    as_(client, cast.bambang)
    client.get(DESK)
    for url, most in {
        DESK: 10,  # one of them is asked by a neighbour's door
        f"{DESK}?tampilan=semua": 10,
        f"{DESK}?tampilan=semua&q=siti&tahap=submitted": 10,
        reverse("joss:file", args=[ready.number]): 20,
        turn(Application.objects.filter(state="submitted").first() or ready, "return"): 14,
    }.items():
        with django_assert_max_num_queries(most):
            assert client.get(url).status_code == 200


def test_messages_go_both_ways(client: Client, cast: Cast, nurse: Application) -> None:
    desk.write(application=nurse, words="Jam berapa?", by=cast.siti, at=at())
    as_(client, cast.bambang)
    client.post(reverse("joss:file-write", args=[nurse.number]), {"words": "Pukul 09.00"})
    page = client.get(reverse("joss:file", args=[nurse.number])).content.decode()
    assert "Jam berapa?" in page
    assert "Pukul 09.00" in page


def test_rules_say_which_states_a_desk_works_on(cast: Cast) -> None:
    assert rules.states_of(cast.bambang) == {"submitted"}
    assert rules.states_of(cast.agus) == {"recommendation", "survey"}
    assert rules.states_of(cast.siti) == set()
    assert advice.open_survey(Application()) is None
