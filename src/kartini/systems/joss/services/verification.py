"""The check of a file: accepted as complete, or returned with one complete list of faults and mended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from kartini.people.models import User
from kartini.systems.joss import rules
from kartini.systems.joss.engine import plan
from kartini.systems.joss.models import Application, Fault, FaultList, State
from kartini.systems.joss.services import waiting
from kartini.systems.joss.services.drafts import Incomplete, NotYours, gaps_of, index_words
from kartini.systems.joss.services.moves import lock, move, next_stage, not_while_signing, tell


class NothingWrong(Exception):
    """A return names at least one fault, each once, and only what the type asks for."""


class NotMended(Exception):
    """Not everything on the list was touched: ``faults`` are still open."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: ``about`` is ``field``, ``paper`` or ``other``."""

    about: str
    code: str
    words: str


@transaction.atomic
def return_with_faults(
    *,
    application: Application,
    findings: Sequence[Finding],
    words: str = "",
    by: User,
    at: datetime,
    revision: int | None = None,
) -> FaultList:
    """Give the file back with everything that is wrong, in one list. The clock stops."""
    current = lock(application.pk, revision)
    rules.ensure(by, "return", current, on=timezone.localdate(at))
    not_while_signing(current, at)
    _check(current, findings)
    agency = current.holder
    current.surveys.filter(recorded_at=None, cancelled_at=None).update(cancelled_at=at)
    move(current, verb="return", to=State.RETURNED, by=by, at=at, words=words)
    faults = FaultList.objects.create(
        application=current,
        stage=current.stage,
        organisation=agency,
        words=words,
        returned_at=at,
        returned_by=by,
    )
    Fault.objects.bulk_create(
        Fault(fault_list=faults, about=f.about, code=f.code, words=f.words) for f in findings
    )
    _tell_returned(current, faults, findings)
    return faults


def _tell_returned(current: Application, faults: FaultList, findings: Sequence[Finding]) -> None:
    """In the applicant's language: the whole list, and until when it can be mended."""
    language = current.applicant.language if current.applicant else "id"
    listed = [named(current, finding, language) for finding in findings]
    until = waiting.lapses_on(faults)
    tell(
        current, "returned", faults.returned_at, faults=listed, words=faults.words, lapses_on=until
    )


@transaction.atomic
def save_mended(
    *, application: Application, answers: dict[str, Any], by: User, at: datetime
) -> Application:
    """Keep mended answers; only those that the list of faults names."""
    current = _in_hand(application, by)
    named = open_faults(current).faults.filter(about="field").values_list("code", flat=True)
    current.answers = current.answers | {k: v for k, v in answers.items() if k in set(named)}
    current.saved_at = at
    current.revision += 1
    current.save(update_fields=["answers", "saved_at", "revision"])
    return current


@transaction.atomic
def mend(*, application: Application, by: User, at: datetime) -> Application:
    """Hand the mended file in again, to the agency that returned it. The clock goes on.

    Handed in twice, it is handed in once. Raises ``NotMended`` while a named paper was not replaced or
    a named answer not changed, ``Incomplete`` when an answer is wrong.
    """
    current = lock(application.pk)
    if current.applicant_id != by.pk:
        raise NotYours(current.pk)
    if current.state != State.RETURNED:
        return current
    faults = open_faults(current)
    untouched = [f for f in faults.faults.all() if not is_mended(current, f, faults)]
    if untouched:
        raise NotMended(untouched)
    wrong = _wrong_answers(current, faults, at)
    if wrong:
        raise Incomplete(wrong)
    faults.mended_at = at
    faults.save(update_fields=["mended_at"])
    _settle_place(current)
    state = plan.state_of(current.type.rules(), current.stage)
    move(current, verb="mend", to=state, by=by, at=at)
    tell(current, "mended", at)
    return current


@transaction.atomic
def accept(
    *,
    application: Application,
    words: str = "",
    by: User,
    at: datetime,
    revision: int | None = None,
) -> Application:
    """The file is complete and correct: pass it on. With the first acceptance the clock starts."""
    current = lock(application.pk, revision)
    rules.ensure(by, "accept", current, on=timezone.localdate(at))
    first = current.complete_at is None
    next_stage(current, verb="accept", by=by, at=at, words=words)
    if first:
        tell(current, "complete", at)
    return current


def open_faults(application: Application) -> FaultList:
    """The list of faults that the applicant has in hand."""
    return application.fault_lists.prefetch_related("faults").get(mended_at=None)


def named(application: Application, fault: Fault | Finding, language: str) -> str:
    """The fault with what it is about: ``Surat keterangan sehat: terpotong``."""
    about = application.type.rules().titled(fault.about, fault.code)
    return f"{about.say(language)}: {fault.words}" if about else fault.words


def is_mended(application: Application, fault: Fault, faults: FaultList) -> bool:
    """Was a named paper replaced since the return? Answers and other things the applicant confirms."""
    if fault.about != Fault.About.PAPER:
        return True
    return application.papers.filter(
        code=fault.code, replaced_at=None, attached_at__gte=faults.returned_at
    ).exists()


def _wrong_answers(application: Application, faults: FaultList, at: datetime) -> list[Any]:
    """Only what was to be mended is judged again: a date that was fine then may have passed by now, and
    the applicant could not change it."""
    named = {f.code for f in faults.faults.all() if f.about == Fault.About.FIELD}
    return [gap for gap in gaps_of(application, at=at) if gap.code in named]


def _settle_place(application: Application) -> None:
    field = application.type.rules().village
    place = application.answers.get(field) if field else None
    if place and place != application.village_code:
        application.village_code, application.district_code = place, place[:8]
        index_words(application)


def _check(application: Application, findings: Sequence[Finding]) -> None:
    definition = application.type.rules()
    known = {("field", code) for code in definition.fields}
    known |= {("paper", paper.code) for paper in definition.papers}
    named = [(f.about, f.code) for f in findings if f.about != "other"]
    if not findings or len(set(named)) < len(named) or not set(named) <= known:
        raise NothingWrong
    if any(not f.words.strip() for f in findings):
        raise NothingWrong


def _in_hand(application: Application, by: User) -> Application:
    current = lock(application.pk)
    if current.applicant_id != by.pk or current.state != State.RETURNED:
        raise NotYours(current.pk)
    return current
