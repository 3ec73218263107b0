"""What the technical agency does: survey the place, and advise."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from kartini.office.models import Paper
from kartini.people import roles
from kartini.people.models import User
from kartini.systems.joss import rules
from kartini.systems.joss.engine.definition import Text
from kartini.systems.joss.engine.judge import judge
from kartini.systems.joss.models import (
    Application,
    Recommendation,
    State,
    Survey,
    SurveyPhoto,
)
from kartini.systems.joss.services.drafts import NotYours
from kartini.systems.joss.services.moves import lock, move, next_stage, tell, tell_officer


class NoSurveyHere(Exception):
    """The stage has no survey, or none is planned."""


class SurveyMissing(Exception):
    """The type wants a survey before the agency advises."""


class NotASurveyor(Exception):
    """Only somebody who surveys for this agency can be sent."""


class InThePast(Exception):
    """A visit is planned for later and recorded after it was made."""


class FindingsWrong(Exception):
    """``faults`` says what is wrong with the findings, by question."""

    def __init__(self, faults: dict[str, Text]) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


class ReasonMissing(Exception):
    """Advice to refuse says why."""


@transaction.atomic
def plan_survey(
    *,
    application: Application,
    surveyor: User,
    planned_for: datetime,
    note: str = "",
    by: User,
    at: datetime,
    revision: int | None = None,
) -> Survey:
    """Plan a visit, or another day instead of the one that was planned. The applicant is told and asked."""
    current = lock(application.pk, revision)
    rules.ensure(by, "plan-survey", current, on=timezone.localdate(at))
    if not _stage(current).survey:
        raise NoSurveyHere(current.number)
    if planned_for <= at:
        raise InThePast(planned_for)
    if not roles.holds(surveyor, rules.SURVEYOR, rules.TECHNICAL, organisation=current.holder):
        raise NotASurveyor(surveyor.pk)
    current.surveys.filter(recorded_at=None, cancelled_at=None).update(cancelled_at=at)
    survey = Survey.objects.create(
        application=current,
        stage=current.stage,
        organisation=current.holder,
        planned_for=planned_for,
        surveyor=surveyor,
        note=note,
        planned_at=at,
    )
    move(current, verb="plan-survey", to=State.SURVEY, by=by, at=at)
    tell(current, "survey-planned", at, planned_for=planned_for, surveyor=str(surveyor), note=note)
    if surveyor.pk != by.pk:
        tell_officer(current, surveyor, "survey-given", at, planned_for=planned_for)
    return survey


@transaction.atomic
def agree_to_survey(*, application: Application, by: User, at: datetime) -> Survey:
    """The applicant says that the day suits."""
    current = lock(application.pk)
    if current.applicant_id != by.pk:
        raise NotYours(current.pk)
    survey = open_survey(current)
    if survey is None:
        raise NoSurveyHere(current.number)
    if survey.agreed_at is None:
        survey.agreed_at = at
        survey.save(update_fields=["agreed_at"])
    return survey


@transaction.atomic
def record_survey(
    *,
    application: Application,
    findings: dict[str, Any],
    photos: Sequence[Paper] = (),
    made_at: datetime,
    by: User,
    at: datetime,
    revision: int | None = None,
) -> Survey:
    """Write down what was found on the spot. Raises ``FindingsWrong`` with the faults by question."""
    current = lock(application.pk, revision)
    rules.ensure(by, "record-survey", current, on=timezone.localdate(at))
    survey = open_survey(current)
    if survey is None:
        raise NoSurveyHere(current.number)
    if made_at > at:
        raise InThePast(made_at)
    questions = current.type.rules().survey
    faults = judge(questions, findings, today=timezone.localdate(at), before={})
    if faults:
        raise FindingsWrong(faults)
    known = {question.code for question in questions}
    survey.findings = {k: v for k, v in findings.items() if k in known}
    survey.made_at, survey.recorded_at, survey.recorded_by = made_at, at, by
    survey.save()
    SurveyPhoto.objects.bulk_create(SurveyPhoto(survey=survey, paper=paper) for paper in photos)
    move(current, verb="record-survey", to=State.RECOMMENDATION, by=by, at=at)
    tell(current, "surveyed", at)
    return survey


@transaction.atomic
def recommend(
    *,
    application: Application,
    verdict: str,
    words: str = "",
    by: User,
    at: datetime,
    revision: int | None = None,
) -> Recommendation:
    """Advise to issue or to refuse, and pass the file on. The decision stays with whoever signs."""
    current = lock(application.pk, revision)
    rules.ensure(by, "recommend", current, on=timezone.localdate(at))
    if _stage(current).survey and not _surveyed(current):
        raise SurveyMissing(current.number)
    if verdict == Recommendation.Verdict.REFUSE and not words.strip():
        raise ReasonMissing
    advice, _new = Recommendation.objects.update_or_create(
        application=current,
        stage=current.stage,
        defaults={
            "organisation": current.holder,
            "verdict": verdict,
            "words": words.strip(),
            "at": at,
            "by": by,
        },
    )
    next_stage(current, verb="recommend", by=by, at=at, words=words)
    tell(current, "recommended", at)
    return advice


def fits(verb: str, application: Application) -> bool:
    """Does this stage call for the verb? No survey where the type wants none; no advice before it is made."""
    if verb not in {"plan-survey", "recommend"}:
        return True
    wanted = _stage(application).survey
    return bool(wanted) if verb == "plan-survey" else not wanted or _surveyed(application)


def open_survey(application: Application) -> Survey | None:
    """The visit that is planned."""
    return (
        application.surveys.select_related("surveyor")
        .filter(recorded_at=None, cancelled_at=None)
        .first()
    )


def _surveyed(application: Application) -> bool:
    return application.surveys.filter(stage=application.stage, recorded_at__isnull=False).exists()


def _stage(application: Application) -> Any:
    return application.type.rules().stages[application.stage]
