"""The engine: type files, lint, answers, numbers, the clock."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kartini.systems.joss.engine import clock, judge, loader, numbers, plan
from kartini.systems.joss.engine.definition import Definition

TODAY = date(2026, 11, 24)
NURSE = loader.TYPES / "sip-perawat-mandiri.toml"
GOOD_REGISTRATION = {
    "str_number": "1803122520240817",
    "str_issued_on": "2024-03-12",
    "other_licences": "none",
}


def broken(tmp_path: Path, *changes: tuple[str, str]) -> list[str]:
    """The nurse's file with changes, as lint sees it."""
    text = NURSE.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / NURSE.name
    path.write_text(text, encoding="utf-8")
    return [str(fault) for fault in loader.lint_files([path])]


def test_the_shipped_types_are_without_fault() -> None:
    assert loader.lint_files(loader.TYPES.glob("*.toml")) == []
    assert len(loader.shipped()) >= 3


@pytest.mark.parametrize("code", sorted(loader.shipped()))
def test_a_pinned_definition_reads_back_the_same(code: str) -> None:
    definition = loader.shipped()[code]
    again = Definition.read(definition.dump())
    assert again == definition
    assert again.digest == definition.digest


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("working_days = 7", "working_days = 9", "promise.working_days: 9 promised"),
        ('code = "str_number"', 'kode = "str_number"', "step[0].field[0].kode: is not a known key"),
        ('kind = "decision"', 'kind = "verification"', "stage: the last stage"),
        ("^[0-9]{16}$", "^[0-9{16}$", "step[0].field[0].schema: not a JSON Schema"),
        ("{str_number}", "{str_numbr}", "certificate.row[3].value: no answer 'str_numbr'"),
        ("/{serial:04}/", "/0001/", "certificate.number: needs {serial} exactly once"),
        ('template = "permit.typ"', 'template = "gone.typ"', "certificate.template: no such file"),
        ('village = "practice_village"', 'village = "str_number"', "village: 'str_number' is no"),
        ("survey = true", "survey = false", "survey: a stage with a survey"),
        ('code = "sip-perawat-mandiri"', 'code = "other"', "code: must be 'sip-perawat-mandiri'"),
        ('[cost]\nkind = "free"', '[cost]\nkind = "assessed"', "cost.kind: an amount to pay"),
        ("version = 1", "version = ", "not TOML in UTF-8"),
    ],
)
def test_lint_names_file_and_key(tmp_path: Path, old: str, new: str, fault: str) -> None:
    found = broken(tmp_path, (old, new))
    assert any(line.startswith("sip-perawat-mandiri.toml: ") and fault in line for line in found)


def test_lint_names_every_fault_at_once(tmp_path: Path) -> None:
    found = broken(
        tmp_path, ("working_days = 7", "working_days = 9"), ("{str_number}", "{nothing}")
    )
    assert len(found) == 2


def test_a_page_is_judged_in_plain_words() -> None:
    step = loader.shipped()["sip-perawat-mandiri"].steps[0]
    given_answers = {"str_number": "18031225", "str_issued_on": "2027-03-12", "other_licences": ""}
    faults = judge.judge(step.fields, given_answers, today=TODAY, before={})
    assert {code: words.id for code, words in faults.items()} == {
        "str_number": "Nomor STR terdiri dari 16 angka",
        "str_issued_on": "Tanggal tidak boleh di masa depan",
        "other_licences": "Pilih SIP lain yang Anda miliki",
    }
    assert judge.judge(step.fields, GOOD_REGISTRATION, today=TODAY, before={}) == {}


def test_a_date_may_be_bounded_by_another_answer() -> None:
    fields = loader.shipped()["izin-reklame-insidentil"].steps[1].fields
    two = [f for f in fields if f.code.startswith("hangs_")]
    faults = judge.judge(
        two,
        {"hangs_from_on": "2026-12-01", "hangs_until_on": "2027-01-31"},
        today=TODAY,
        before={},
    )
    assert set(faults) == {"hangs_until_on"}


def test_a_page_that_fell_away_is_neither_asked_nor_submitted() -> None:
    research = loader.shipped()["surat-keterangan-penelitian"]
    answers = {"researcher_kind": "lecturer", "student_number": "21.11.0001"}
    assert [s.code for s in plan.steps_for(research, answers)] == ["research", "place"]
    assert "student_number" not in plan.relevant(research, answers)
    assert "student-card" not in [p.code for p in plan.papers_for(research, answers)]


def test_the_whole_application_is_judged_in_the_order_of_its_pages() -> None:
    nurse = loader.shipped()["sip-perawat-mandiri"]
    gaps = judge.gaps(nurse, GOOD_REGISTRATION, ["photo"], today=TODAY)
    assert [gap.code for gap in gaps][:2] == ["practice_name", "practice_address"]
    assert [gap.code for gap in gaps if gap.step == "papers"] == [
        "registration",
        "health",
        "statement",
        "diploma",
    ]


hostile = st.recursive(
    st.none()
    | st.dates().map(date.isoformat)
    | st.booleans()
    | st.integers()
    | st.text(max_size=40)
    | st.floats(allow_nan=True),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@given(st.sampled_from(sorted(loader.shipped())), st.data())
def test_whatever_is_sent_is_judged_and_never_breaks(code: str, data: st.DataObject) -> None:
    definition = loader.shipped()[code]
    answers: dict[str, Any] = {field: data.draw(hostile) for field in definition.fields}
    for gap in judge.gaps(definition, answers, [], today=TODAY):
        assert gap.words.id
        assert gap.words.en


def test_numbers_are_as_the_type_says() -> None:
    pattern = "500.16.7/{serial:04}/SIPP/{month}/{year}"
    assert numbers.permit_number(pattern, 123, TODAY) == "500.16.7/0123/SIPP/XI/2026"
    assert numbers.application_number(2026, 123) == "JOSS-2026-000123"
    assert numbers.end_of_validity("months", 6, None, date(2026, 8, 31)) == date(2027, 2, 28)
    assert numbers.end_of_validity("years", 5, None, date(2024, 2, 29)) == date(2029, 2, 28)
    assert numbers.end_of_validity("permanent", 0, None, TODAY) is None


# -- the clock, with a plain calendar: Saturdays and Sundays are free


def between(first: date, last: date) -> int:
    days = range(1, (last - first).days + 1)
    return sum((first + timedelta(days=d)).weekday() < 5 for d in days)


def add(start: date, days: int) -> date:
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


@st.composite
def histories(draw: st.DrawFn) -> list[clock.Stay]:
    day = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 300)))
    stays = []
    for _ in range(draw(st.integers(1, 8))):
        end = day + timedelta(days=draw(st.integers(0, 20)))
        holder = draw(st.sampled_from(["dpmptsp", "dinkes", plan.APPLICANT]))
        stays.append(clock.Stay(holder, day, end, counted=holder != plan.APPLICANT))
        day = end
    return stays


@given(histories())
def test_the_days_of_all_parties_add_up_to_the_days_of_the_whole(stays: list[clock.Stay]) -> None:
    today = stays[-1].until_on or TODAY
    book = clock.account(stays, today, between)
    assert sum(book.values()) == between(stays[0].from_on, today)


@given(histories(), st.integers(1, 30))
def test_the_promise_is_late_exactly_when_the_house_used_its_days(
    stays: list[clock.Stay], promised: int
) -> None:
    due = add(stays[0].from_on, promised)
    for stay in stays:
        due = clock.moved(due, stay, TODAY, between, add)
    today = stays[-1].until_on or TODAY
    assert (clock.spent(stays, today, between) > promised) == (
        between(stays[0].from_on, today) > between(stays[0].from_on, due)
    )
