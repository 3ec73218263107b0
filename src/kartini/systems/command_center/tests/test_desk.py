"""The desk: what needs a decision, with an owner and a deadline."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from kartini.office.models import Notice
from kartini.people.models import Organisation, User
from kartini.systems.command_center import handlers, rules
from kartini.systems.command_center.models import Assignment, Case
from kartini.systems.command_center.services import decisions, hearing
from kartini.systems.command_center.tests.conftest import NOW, TODAY, moved

DESK = reverse("command_center:desk")
CASE = reverse("command_center:case", args=["JOSS-1"])


def rows(response: Any) -> list[str]:
    return [row.case.pk for row in response.context["rows"]]


def words(**changes: Any) -> dict[str, Any]:
    return {
        "owner": "dinkes",
        "due_on": "2026-11-26",
        "note": "Survei besok.",
        "seen": "0",
        **changes,
    }


def test_the_list_holds_what_is_late_or_due_soon_the_first_due_first(
    client: Client, sekda: User, jepara: None, some_cases: None
) -> None:
    assert rows(client.get(DESK)) == ["JOSS-1", "JOSS-2", "JOSS-3"]
    assert rows(client.get(DESK + "?tampil=late")) == ["JOSS-1", "JOSS-2"]
    assert rows(client.get(DESK + "?tampil=soon")) == ["JOSS-3"]
    assert rows(client.get(DESK + "?lembaga=bpkad")) == ["JOSS-3"]
    assert len(rows(client.get(DESK + "?tampil=open"))) == 5
    assert len(rows(client.get(DESK + "?tampil=nonsense&lembaga=nobody&halaman=x"))) == 3


def test_many_rows_cost_no_more_queries(
    client: Client, sekda: User, jepara: None, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for n in range(60):
        handlers.application_moved(moved(n, due_on=TODAY - timedelta(days=n % 9)))
    dinkes = Organisation.objects.get(code="dinkes")
    for case in Case.objects.all()[:20]:
        decisions.assign(case=case, owner=dinkes, due_on=TODAY, note="", seen=0, by=sekda, at=NOW)
    with django_assert_max_num_queries(32):
        page = client.get(DESK)
    assert len(rows(page)) == 25


def test_the_csv_holds_the_same_rows_and_runs_no_formula(
    client: Client, sekda: User, jepara: None, some_cases: None
) -> None:
    handlers.application_moved(moved(6, title="=1+1", due_on=TODAY))
    answer = client.get(reverse("command_center:desk-csv"))
    table = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["nomor"] for row in table] == ["JOSS-1", "JOSS-2", "JOSS-6", "JOSS-3"]
    assert [row["hari_terlambat"] for row in table] == ["3", "1", "0", "0"]
    assert table[2]["izin"] == "'=1+1"


def test_the_secretary_puts_a_case_into_hands_and_the_head_is_told(
    client: Client, sekda: User, person: Callable[..., User], some_cases: None
) -> None:
    head = person("ratna", "dinkes")
    for _ in range(2):
        assert client.post(CASE, words()).status_code == 302
    made = Assignment.objects.get()
    assert (made.owner_id, made.note, made.by) == ("dinkes", "Survei besok.", sekda)
    [notice] = Notice.objects.filter(to=head)
    assert "JOSS-1" in notice.subject
    assert notice.link == CASE
    page = client.get(DESK)
    assert page.context["rows"][0].assignment == made


def test_the_quicker_of_two_wins_and_the_other_is_told_what_stands(
    client: Client, sekda: User, person: Callable[..., User], some_cases: None
) -> None:
    ratna = person("ratna", "dinkes")
    client.post(CASE, words())
    other = Client()
    other.force_login(ratna)
    answer = other.post(CASE, words(due_on="2026-12-01", note="Kami tangani."))
    assert answer.status_code == 409
    assert "Sekda" in answer.content.decode()
    assert "Kami tangani." in answer.content.decode()
    again = other.post(CASE, words(due_on="2026-12-01", note="Kami tangani.", seen="1"))
    assert again.status_code == 302
    assert [a.number for a in Assignment.objects.order_by("number")] == [1, 2]


def test_a_head_takes_only_what_lies_with_his_agency(
    client: Client, person: Callable[..., User], some_cases: None
) -> None:
    client.force_login(person("ratna", "dinkes"))
    assert client.post(CASE, words(owner="bpkad")).status_code == 200
    elsewhere = reverse("command_center:case", args=["JOSS-3"])
    assert "putuskan" not in client.get(elsewhere).content.decode()
    assert client.post(elsewhere, words(owner="bpkad")).status_code == 403
    assert not Assignment.objects.exists()


@pytest.mark.parametrize(
    "bad",
    [
        {"due_on": "2026-11-20"},
        {"due_on": "2099-01-01"},
        {"due_on": "soon"},
        {"owner": "nobody"},
        {"seen": "-1"},
        {"seen": ""},
        {"note": "x" * 301},
    ],
)
def test_a_form_that_makes_no_sense_comes_back_with_what_was_typed(
    client: Client, sekda: User, some_cases: None, bad: dict[str, str]
) -> None:
    answer = client.post(CASE, words(**bad))
    assert answer.status_code == 200
    assert not Assignment.objects.exists()


def test_a_decided_case_can_be_put_into_no_hands(
    client: Client, sekda: User, some_cases: None
) -> None:
    handlers.application_moved(moved(1, state="issued", holder="", at=NOW))
    answer = client.post(CASE, words())
    assert answer.status_code == 409
    assert not Assignment.objects.exists()
    assert client.get(reverse("command_center:case", args=["JOSS-404"])).status_code == 404


def test_the_database_keeps_assignments_in_a_row(sekda: User, some_cases: None) -> None:
    case, owner = Case.objects.get(pk="JOSS-1"), Organisation.objects.get(code="dinkes")
    row = {"case": case, "owner": owner, "due_on": TODAY, "by": sekda, "at": NOW}
    Assignment.objects.create(number=1, **row)
    for number in (1, 0):
        with pytest.raises(IntegrityError), transaction.atomic():
            Assignment.objects.create(number=number, **row)


def test_the_desk_says_when_joss_counts_otherwise(
    client: Client, sekda: User, some_cases: None
) -> None:
    hearing.keep_readings(figures={"joss.open": 8, "joss.late": 2}, at=NOW)
    page = client.get(DESK)
    assert page.context["disagreements"] == [("open", 8, 5)]
    assert rules.leads(sekda)
