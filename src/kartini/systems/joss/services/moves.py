"""How an application moves: the one place where state, clock, history, fact and trail change together."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from kartini.contracts.joss import ApplicationMoved
from kartini.exchange import bus
from kartini.office import notices
from kartini.people import trail
from kartini.people.models import User
from kartini.people.roles import roles_of
from kartini.systems.joss import rules
from kartini.systems.joss.engine import clock, plan
from kartini.systems.joss.models import CLOSED, Application, Decision, HistoryLine
from kartini.systems.joss.services import days

LEASE = timedelta(minutes=2)


class ChangedMeanwhile(Exception):
    """Somebody else changed the application since this page was opened."""


class BeingDecided(Exception):
    """A decision is being signed at this moment."""


def lock(pk: UUID, revision: int | None = None) -> Application:
    """The application, locked until the end of the transaction. Raises ``ChangedMeanwhile`` when a
    ``revision`` is given and is no longer the current one."""
    application = (
        Application.objects.select_for_update(of=("self",)).select_related("type").get(pk=pk)
    )
    if revision is not None and application.revision != revision:
        raise ChangedMeanwhile(application.number)
    return application


def not_while_signing(application: Application, at: datetime) -> None:
    """Raise ``BeingDecided`` while somebody signs a decision about this application."""
    begun = Decision.objects.filter(application=application, done_at=None, began_at__gt=at - LEASE)
    if begun.exists():
        raise BeingDecided(application.number)


def move(
    application: Application,
    *,
    verb: str,
    to: str,
    by: User | None,
    at: datetime,
    stage: int | None = None,
    words: str = "",
) -> HistoryLine:
    """Change the state as the flow allows; keep the clock, write history, state the fact, leave a trail.

    Within the caller's transaction, on a locked application. Raises ``kit.flow.MoveRefused``.
    """
    state = rules.FLOW.step(verb, application.state, to=to)
    same_stage = stage is None or stage == application.stage
    _keep_clock(application, state, same_stage=same_stage, stage=stage, at=at)
    application.state = state
    application.stage = application.stage if stage is None else stage
    application.holder = _holder(application)
    application.officer = application.officer if same_stage and state not in CLOSED else None
    application.closed_at = at if state in CLOSED else None
    application.revision += 1
    application.save()
    line = HistoryLine.objects.create(
        application=application,
        at=at,
        verb=verb,
        state=state,
        holder=application.holder,
        counted=_counts(application),
        by=by,
        organisation=_office_of(by, at),
        words=words[:1000],
    )
    bus.publish(fact(application, at))
    trail.did(by=by, verb=f"joss.{verb}", thing=application.thing, at=at, person=application.person)
    return line


def next_stage(
    application: Application,
    *,
    verb: str,
    by: User | None,
    at: datetime,
    words: str = "",
) -> HistoryLine:
    """Pass the file on to the stage after the present one."""
    stage = application.stage + 1
    state = plan.state_of(application.type.rules(), stage)
    return move(application, verb=verb, to=state, stage=stage, by=by, at=at, words=words)


def fact(application: Application, at: datetime) -> ApplicationMoved:
    return ApplicationMoved(
        application=str(application.number),
        permit_type=application.type.code,
        title=application.type.title_id,
        state=application.state,
        holder=application.holder,
        village_code=application.village_code,
        due_on=application.due_on,
        at=at,
    )


def tell(application: Application, template: str, at: datetime, **words: Any) -> None:
    """Tell the applicant: inbox, e-mail, WhatsApp."""
    if application.applicant is None:
        return
    known = {
        "number": application.number,
        "title": application.type.title(application.applicant.language),
        "name": application.applicant_name,
        "due_on": application.due_on,
    }
    notices.tell(
        to=application.applicant,
        template=f"joss/{template}",
        words=known | words,
        at=at,
        link=reverse("joss:status", args=[application.number]),
    )


def tell_officer(
    application: Application, officer: User, template: str, at: datetime, **words: Any
) -> None:
    """Tell an officer about a file."""
    known = {"number": application.number, "title": application.type.title(officer.language)}
    notices.tell(
        to=officer,
        template=f"joss/{template}",
        words=known | words,
        at=at,
        link=reverse("joss:file", args=[application.number]),
    )


def stays(application: Application, lines: Sequence[HistoryLine] | None = None) -> list[clock.Stay]:
    """Who held the file when, since it was submitted; ``lines`` is its history, where it was read already."""
    if lines is None:
        lines = list(application.history.order_by("at", "pk"))
    ends: list[date | None] = [timezone.localdate(line.at) for line in lines[1:]]
    if application.closed_at is None:
        ends.append(None)
    return [
        clock.Stay(line.holder, timezone.localdate(line.at), end, counted=line.counted)
        for line, end in zip(lines, ends, strict=False)
        if line.holder
    ]


def _keep_clock(
    application: Application, state: str, *, same_stage: bool, stage: int | None, at: datetime
) -> None:
    today = timezone.localdate(at)
    if state in CLOSED:
        application.working_days = clock.spent(stays(application), today, days.between)
        return
    if application.is_stopped:
        _shift(application, today)
    definition = application.type.rules()
    if stage is not None and stage > 0 and application.complete_at is None:
        application.complete_at = at
        application.due_on = days.add(today, definition.promise.working_days)
    fresh = not same_stage or application.act_by_on is None
    if fresh or (application.complete_at is None and application.is_stopped):
        turn = definition.stages[application.stage if stage is None else stage]
        application.act_by_on = days.add(today, turn.working_days)


def _shift(application: Application, today: date) -> None:
    """The applicant gives the file back: both days move by as many working days as it was away."""
    last = application.history.order_by("-at", "-pk").first()
    if last is None:
        return
    away = clock.Stay(last.holder, timezone.localdate(last.at), today, counted=False)
    for name in ("due_on", "act_by_on"):
        day: date | None = getattr(application, name)
        if day is not None:
            setattr(application, name, clock.moved(day, away, today, days.between, days.add))


def _counts(application: Application) -> bool:
    """Does the promised time run?"""
    complete = application.complete_at is not None
    return complete and application.is_open and not application.is_stopped


def _holder(application: Application) -> str:
    if application.state in CLOSED:
        return ""
    if application.is_stopped:
        return plan.APPLICANT
    return application.type.rules().stages[application.stage].agency


def _office_of(by: User | None, at: datetime) -> str:
    held = [r for r in roles_of(by, on=timezone.localdate(at)) if r.kind in rules.STAFF]
    return next((role.organisation_id or "" for role in held), "")
