"""The life of an application: what each verb does, and what it refuses."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from kartini.contracts.joss import ApplicationMoved
from kartini.exchange.testing import Post
from kartini.kit.flow import MoveRefused
from kartini.office.models import Notice
from kartini.people.models import TrailLine
from kartini.systems.joss import rules
from kartini.systems.joss.engine import clock
from kartini.systems.joss.models import Application, AttachedPaper, Permit
from kartini.systems.joss.services import (
    advice,
    days,
    desk,
    drafts,
    moves,
    pins,
    types,
    verification,
)
from kartini.systems.joss.services.verification import Finding
from kartini.systems.joss.tests.conftest import (
    VERIFIED,
    Cast,
    accepted,
    at,
    draft,
    fresh,
    paper,
    submitted,
)

FINDINGS = [
    Finding("paper", "photo", "Pasfoto berlatar biru"),
    Finding("paper", "health", "Surat sehat lebih dari 3 bulan"),
]


def test_one_person_has_one_draft_of_a_type(cast: Cast) -> None:
    first, second = draft(cast.siti), draft(cast.siti)
    assert first.pk == second.pk


def test_a_draft_is_handed_in_once_however_often_it_is_sent(cast: Cast, post: Post) -> None:
    begun = draft(cast.siti)
    receipt = drafts.submit(application=begun, pin="482913", by=cast.siti, at=at())
    again = drafts.submit(application=begun, pin="111111", by=cast.siti, at=at())
    assert receipt.application.number == "JOSS-2026-000001"
    assert (receipt.pin, again.pin) == ("482913", None)
    assert again.application.pk == receipt.application.pk
    assert len(post.published) == 1
    assert Notice.objects.filter(to=cast.siti).count() == 1
    kept = fresh(begun).pin_hash
    assert pins.fits("JOSS-2026-000001", "482913", kept)
    assert not pins.fits("JOSS-2026-000001", "482914", kept)


def test_what_is_missing_is_named_all_at_once(cast: Cast) -> None:
    begun = drafts.start_draft(
        definition=types.offer("sip-perawat-mandiri"), identity=VERIFIED, by=cast.siti, at=at()
    )
    with pytest.raises(drafts.Incomplete) as refused:
        drafts.submit(application=begun, pin="482913", by=cast.siti, at=at())
    assert {gap.step for gap in refused.value.gaps} == {"registration", "practice", "papers"}
    assert fresh(begun).state == "draft"


def test_nobody_writes_in_the_draft_of_another(cast: Cast) -> None:
    begun = draft(cast.siti)
    with pytest.raises(drafts.NotYours):
        drafts.save_step(application=begun, answers={}, by=cast.budi, at=at())
    with pytest.raises(drafts.NoSuchPaper):
        drafts.attach_paper(
            application=begun, code="photo", paper=paper(cast.budi, "x"), by=cast.siti, at=at()
        )


def test_a_draft_that_nobody_touches_is_forgotten_after_thirty_days(cast: Cast) -> None:
    begun = draft(cast.siti)
    assert drafts.forget_old(at=at(29)) == 0
    drafts.forget_old(at=at(31))
    assert not Application.objects.filter(pk=begun.pk).exists()
    assert not AttachedPaper.objects.exists()


def test_the_promise_begins_when_the_file_is_complete(nurse: Application, cast: Cast) -> None:
    assert (nurse.state, nurse.holder, nurse.due_on) == ("submitted", "dpmptsp", None)
    assert nurse.act_by_on == days.add(at().date(), 1)
    accepted(cast, nurse, day=1)
    now = fresh(nurse)
    assert (now.state, now.holder) == ("recommendation", "dinkes")
    assert now.due_on == days.add(at(1).date(), 7)
    assert now.act_by_on == days.add(at(1).date(), 5)


def test_a_file_goes_back_with_one_complete_list_and_the_clock_stops(
    nurse: Application, cast: Cast
) -> None:
    verification.return_with_faults(application=nurse, findings=FINDINGS, by=cast.bambang, at=at(1))
    assert (fresh(nurse).state, fresh(nurse).holder) == ("returned", "applicant")
    with pytest.raises(verification.NotMended) as refused:
        verification.mend(application=nurse, by=cast.siti, at=at(2))
    assert [fault.code for fault in refused.value.faults] == ["photo", "health"]
    for code in ("photo", "health"):
        drafts.attach_paper(
            application=nurse,
            code=code,
            paper=paper(cast.siti, code, "blue", at(5)),
            by=cast.siti,
            at=at(5),
        )
    verification.mend(application=nurse, by=cast.siti, at=at(6))
    verification.mend(application=nurse, by=cast.siti, at=at(6))
    assert fresh(nurse).state == "submitted"
    assert nurse.papers.get(code="photo", replaced_at=None).version == 2
    book = clock.account(moves.stays(nurse), at(6).date(), days.between)
    assert book == {"dpmptsp": 1, "applicant": 3}


def test_the_promise_moves_by_the_working_days_at_the_applicant(
    nurse: Application, cast: Cast
) -> None:
    accepted(cast, nurse)
    before = fresh(nurse).due_on
    assert before
    verification.return_with_faults(
        application=nurse,
        findings=[Finding("field", "str_number", "Nomor STR tidak terbaca di kartu")],
        by=cast.ratna,
        at=at(1),
    )
    verification.save_mended(
        application=nurse,
        answers={"str_number": "1803122520240818", "opens_at": "03:00"},
        by=cast.siti,
        at=at(8),
    )
    verification.mend(application=nurse, by=cast.siti, at=at(8))
    now = fresh(nurse)
    assert (now.state, now.holder) == ("recommendation", "dinkes")
    assert now.due_on == days.add(before, days.between(at(1).date(), at(8).date()))
    assert (now.answers["str_number"], now.answers["opens_at"]) == ("1803122520240818", "16:00")


@pytest.mark.parametrize(
    "findings",
    [
        [],
        [*FINDINGS, FINDINGS[0]],
        [Finding("paper", "passport", "x")],
        [Finding("other", "", " ")],
    ],
)
def test_a_return_names_something_once_that_the_type_asks_for(
    nurse: Application, cast: Cast, findings: list[Finding]
) -> None:
    with pytest.raises(verification.NothingWrong):
        verification.return_with_faults(
            application=nurse, findings=findings, by=cast.bambang, at=at()
        )


def test_there_is_never_a_second_open_list_of_faults(nurse: Application, cast: Cast) -> None:
    first = verification.return_with_faults(
        application=nurse, findings=FINDINGS, by=cast.bambang, at=at()
    )
    with pytest.raises(rules.NotAllowed):
        verification.return_with_faults(
            application=nurse, findings=FINDINGS, by=cast.bambang, at=at()
        )
    first.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save(force_insert=True)


def test_the_agency_surveys_before_it_advises(nurse: Application, cast: Cast) -> None:
    accepted(cast, nurse)
    with pytest.raises(advice.SurveyMissing):
        advice.recommend(application=nurse, verdict="issue", by=cast.ratna, at=at(1))
    with pytest.raises(advice.InThePast):
        advice.plan_survey(
            application=nurse, surveyor=cast.agus, planned_for=at(0), by=cast.ratna, at=at(1)
        )
    with pytest.raises(advice.NotASurveyor):
        advice.plan_survey(
            application=nurse, surveyor=cast.bambang, planned_for=at(3), by=cast.ratna, at=at(1)
        )
    advice.plan_survey(
        application=nurse, surveyor=cast.agus, planned_for=at(3), by=cast.ratna, at=at(1)
    )
    advice.plan_survey(
        application=nurse, surveyor=cast.agus, planned_for=at(6), by=cast.ratna, at=at(1)
    )
    assert nurse.surveys.filter(cancelled_at=None).count() == 1
    assert advice.agree_to_survey(application=nurse, by=cast.siti, at=at(2)).agreed_at == at(2)
    with pytest.raises(advice.FindingsWrong) as refused:
        advice.record_survey(
            application=nurse, findings={"room": "perhaps"}, made_at=at(6), by=cast.agus, at=at(6)
        )
    assert set(refused.value.faults) == {"room", "equipment", "waste"}
    advice.record_survey(
        application=nurse,
        findings={"room": "yes", "equipment": "yes", "waste": "no", "extra": "x"},
        photos=[paper(cast.agus, "photo")],
        made_at=at(6),
        by=cast.agus,
        at=at(6),
    )
    assert "extra" not in nurse.surveys.get(cancelled_at=None).findings
    with pytest.raises(advice.ReasonMissing):
        advice.recommend(application=nurse, verdict="refuse", words=" ", by=cast.ratna, at=at(7))
    advice.recommend(application=nurse, verdict="issue", by=cast.ratna, at=at(7))
    assert (fresh(nurse).state, fresh(nurse).holder) == ("decision", "dpmptsp")


def test_each_verb_belongs_to_a_role_at_the_agency_that_holds_the_file(
    nurse: Application, cast: Cast
) -> None:
    assert rules.verbs(cast.bambang, nurse) == ["return", "accept"]
    for stranger in (cast.ratna, cast.tri, cast.lina, cast.hendro, cast.siti):
        assert rules.verbs(stranger, nurse) == []
    accepted(cast, nurse)
    assert rules.verbs(cast.ratna, fresh(nurse)) == ["return", "plan-survey", "recommend"]
    assert rules.verbs(cast.agus, fresh(nurse)) == ["plan-survey"]
    assert rules.verbs(cast.bambang, fresh(nurse)) == []
    assert rules.may_open(cast.bambang, nurse)
    assert rules.may_open(cast.ratna, nurse)
    assert not rules.may_open(cast.tri, nurse)


def test_nobody_handles_an_application_of_his_own(cast: Cast, nurse: Application) -> None:
    cast.bambang.person = cast.siti.person
    assert not rules.may_open(cast.bambang, nurse)
    assert rules.verbs(cast.bambang, nurse) == []


def test_a_role_for_one_district_ends_at_its_border(cast: Cast, nurse: Application) -> None:
    cast.bambang.roles.update(place_code="33.20.01")
    assert not rules.may_open(cast.bambang, nurse)
    assert not rules.may(cast.bambang, "accept", nurse)


def test_a_page_that_is_out_of_date_changes_nothing(nurse: Application, cast: Cast) -> None:
    stale = nurse.revision
    desk.assign(applications=[nurse.pk], officer=cast.dewi, by=cast.bambang, at=at())
    accepted(cast, nurse)
    with pytest.raises(moves.ChangedMeanwhile):
        verification.accept(application=nurse, by=cast.bambang, at=at(), revision=stale)


def test_files_are_handed_only_to_colleagues(nurse: Application, cast: Cast) -> None:
    with pytest.raises(desk.NotAColleague):
        desk.assign(applications=[nurse.pk], officer=cast.ratna, by=cast.bambang, at=at())
    assert desk.assign(applications=[nurse.pk], officer=cast.dewi, by=cast.ratna, at=at()) == []
    assert desk.assign(applications=[nurse.pk], officer=cast.dewi, by=cast.bambang, at=at())
    assert fresh(nurse).officer == cast.dewi


def test_the_applicant_withdraws_once_and_at_any_time(nurse: Application, cast: Cast) -> None:
    with pytest.raises(drafts.NotYours):
        desk.withdraw(application=nurse, by=cast.budi, at=at())
    desk.withdraw(application=nurse, by=cast.siti, at=at(1))
    desk.withdraw(application=nurse, by=cast.siti, at=at(2))
    now = fresh(nurse)
    assert (now.state, now.holder, now.closed_at) == ("withdrawn", "", at(1))
    assert rules.verbs(cast.bambang, now) == []


def test_every_look_at_a_file_is_recorded_with_purpose_and_basis(
    nurse: Application, cast: Cast
) -> None:
    desk.opened(application=nurse, by=cast.ratna, at=at())
    assert desk.show_nik(application=nurse, by=cast.ratna, at=at()) == "3320116204959002"
    with pytest.raises(rules.NotAllowed):
        desk.show_nik(application=nurse, by=cast.tri, at=at())
    looks = TrailLine.objects.filter(kind="looked", person=cast.siti.person)
    assert [line.verb for line in looks.order_by("pk")] == ["joss.opened", "joss.nik-shown"]
    assert all(line.purpose and line.basis and line.organisation_id == "dinkes" for line in looks)


def test_messages_reach_the_applicant(nurse: Application, cast: Cast) -> None:
    desk.write(application=nurse, words="Jam berapa?", by=cast.siti, at=at())
    before = Notice.objects.filter(to=cast.siti).count()
    desk.write(application=nurse, words="Pukul 09.00", by=cast.bambang, at=at())
    assert Notice.objects.filter(to=cast.siti).count() == before + 1
    with pytest.raises(rules.NotAllowed):
        desk.write(application=nurse, words="x", by=cast.budi, at=at())


def test_each_move_is_a_fact_without_personal_data(
    nurse: Application, cast: Cast, post: Post
) -> None:
    accepted(cast, nurse)
    facts = [f for f in post.published if isinstance(f, ApplicationMoved)]
    assert [(f.state, f.holder) for f in facts] == [
        ("submitted", "dpmptsp"),
        ("recommendation", "dinkes"),
    ]
    assert "Siti" not in "".join(f.model_dump_json() for f in facts)


def test_an_application_is_found_by_the_beginning_of_name_number_and_village(
    nurse: Application, cast: Cast
) -> None:
    submitted(cast.budi, day=1)
    found = Application.objects.found_by
    assert found("siti aisy").get() == nurse
    assert found("JOSS-2026-000001").get() == nurse
    assert found("33.20.11").count() == 2
    assert not found("sitti").exists()
    assert found("% --").count() == 2, "nothing to look for finds everything"


def test_the_flow_knows_no_way_out_of_the_end() -> None:
    for state in ("issued", "refused", "withdrawn"):
        assert rules.FLOW.verbs(state) == []
    with pytest.raises(MoveRefused):
        rules.FLOW.step("issue", "submitted")
    reached, before = {"draft"}, set[str]()
    while reached != before:
        before = set(reached)
        reached |= {m.target for m in rules.FLOW.moves if m.sources & reached}
    assert reached == rules.FLOW.states


def test_the_database_knows_a_permit_only_with_an_issued_application(
    nurse: Application, cast: Cast
) -> None:
    permit = Permit.objects.create(
        number="1", type=nurse.type, holder_name="x", issued_at=at(), state_at=at()
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=nurse.pk).update(permit=permit)
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=nurse.pk).update(
            state="issued", holder="", closed_at=at() + timedelta(days=1)
        )
