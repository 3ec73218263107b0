"""How an application is shown, to whoever it is: heading, clock, journey, answers, papers."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kartini.kit import formats
from kartini.kit.parts import ClockPart, Tone, TrackStep
from kartini.people.models import Organisation
from kartini.places import names
from kartini.systems.joss.engine import clock, plan
from kartini.systems.joss.engine.definition import Definition
from kartini.systems.joss.engine.show import show
from kartini.systems.joss.models import Application, AttachedPaper, HistoryLine, State
from kartini.systems.joss.services import days, moves
from kartini.systems.joss.services.identity import full_address
from kartini.systems.joss.views.doorway import language

LOOK: dict[str, tuple[Tone, str]] = {
    State.DRAFT: ("off", "document"),
    State.SUBMITTED: ("info", "document"),
    State.RETURNED: ("warn", "pause"),
    State.RECOMMENDATION: ("info", "edit"),
    State.SURVEY: ("info", "map-pin"),
    State.ASSESSMENT: ("info", "scale"),
    State.PAYMENT: ("warn", "scale"),
    State.VERIFICATION: ("info", "check"),
    State.DECISION: ("info", "shield"),
    State.ISSUED: ("ok", "check-circle"),
    State.REFUSED: ("bad", "ban"),
    State.WITHDRAWN: ("off", "x"),
    State.LAPSED: ("off", "hourglass"),
}


def told(definition: Definition) -> dict[str, Any]:
    """A permit type for a template, with every text in the language of the page."""
    data: dict[str, Any] = _in_language(definition.model_dump())
    return data | {
        "cost_word": _cost_word(definition),
        "validity_word": _validity_word(definition),
    }


def _in_language(piece: Any) -> Any:
    if isinstance(piece, dict):
        if piece.keys() == {"id", "en"}:
            return piece["en" if language().startswith("en") else "id"]
        return {key: _in_language(value) for key, value in piece.items()}
    if isinstance(piece, (list, tuple)):
        return [_in_language(one) for one in piece]
    return piece


def _cost_word(definition: Definition) -> str:
    return {
        "free": _("Free"),
        "fixed": formats.rupiah(definition.cost.amount_rupiah, language=language()),
        "assessed": _("Worked out for you"),
    }[definition.cost.kind]


def _validity_word(definition: Definition) -> str:
    n = definition.validity.amount
    return {
        "years": ngettext("%(n)s year", "%(n)s years", n) % {"n": n},
        "months": ngettext("%(n)s month", "%(n)s months", n) % {"n": n},
        "days": days_word(n),
        "until-field": _("As you need it"),
        "permanent": _("Without end"),
    }[definition.validity.kind]


@dataclass(frozen=True)
class Standing:
    """The one sentence that says where an application stands, and its tag."""

    heading: str
    word: str
    tone: Tone
    icon: str


def agency_names(*codes: str) -> dict[str, str]:
    found = Organisation.objects.in_bulk({code for code in codes if code})
    return {code: str(found.get(code, code)) for code in codes if code}


def standing(application: Application) -> Standing:
    """Says whose turn it is, in a sentence for the applicant."""
    tone, icon = LOOK[application.state]
    agency = agency_names(application.holder).get(application.holder, "")
    heading = {
        State.DRAFT: _("You have not handed in this application yet"),
        State.SUBMITTED: _("%(agency)s checks whether everything is there"),
        State.RETURNED: _("Something has to be mended by you"),
        State.RECOMMENDATION: _("%(agency)s examines your application"),
        State.SURVEY: _("%(agency)s surveys the place"),
        State.ASSESSMENT: _("%(agency)s works out what is to be paid"),
        State.PAYMENT: _("We are waiting for your payment"),
        State.VERIFICATION: _("%(agency)s verifies your application"),
        State.DECISION: _("%(agency)s is about to decide"),
        State.ISSUED: _("Your permit has been issued"),
        State.REFUSED: _("Your application was refused"),
        State.WITHDRAWN: _("You withdrew this application"),
        State.LAPSED: _("This application has lapsed"),
    }[State(application.state)]
    return Standing(heading % {"agency": agency}, word_of(application.state), tone, icon)


def word_of(state: str) -> str:
    """The short word on the tag."""
    if state in {State.SUBMITTED, State.RECOMMENDATION, State.ASSESSMENT, State.VERIFICATION}:
        return _("In progress")
    return str(State(state).label)


def days_word(count: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", count) % {"n": formats.number(count)}


def days_left(application: Application, at: datetime) -> int | None:
    """Working days until the promised day; negative when it has passed."""
    if application.due_on is None or not application.is_open or application.is_stopped:
        return None
    return days.between(timezone.localdate(at), application.due_on)


def clock_parts(
    application: Application,
    at: datetime,
    lines: list[HistoryLine] | None = None,
    *,
    for_staff: bool = False,
) -> list[ClockPart]:
    """Waiting for the applicant, at the agency, promised: the three parts of the clock."""
    today = timezone.localdate(at)
    lines = history(application) if lines is None else lines
    stays = moves.stays(application, lines)
    book = clock.account(stays, today, days.between)
    parts = [_waiting(book.get(plan.APPLICANT, 0), for_staff)]
    if application.is_open and not application.is_stopped:
        parts.append(_at_the_agency(application, lines, stays, today))
    promise = _promise(application, clock.spent(stays, today, days.between), today)
    return parts + ([promise] if promise else [])


def _waiting(count: int, for_staff: bool) -> ClockPart:
    return ClockPart(
        _("With the applicant") if for_staff else _("Waiting for you"),
        days_word(count),
        _("Not counted in the promise"),
        percent=100 if count else 0,
        tone="off",
        icon="pause",
    )


def _at_the_agency(
    application: Application, lines: list[HistoryLine], stays: list[clock.Stay], today: date
) -> ClockPart:
    stage = application.type.rules().stages[application.stage]
    used = _days_in_turn(application, lines, stays, today)
    late = application.act_by_on is not None and application.act_by_on < today
    return ClockPart(
        agency_names(application.holder)[application.holder],
        _("%(used)s of %(most)s days")
        % {"used": formats.number(used), "most": formats.number(stage.working_days)},
        _("Until %(day)s") % {"day": formats.long_date(application.act_by_on, language=language())},
        percent=100 * used / max(1, stage.working_days),
        tone="bad" if late else "info",
    )


def _days_in_turn(
    application: Application, lines: list[HistoryLine], stays: list[clock.Stay], today: date
) -> int:
    """Working days of the present agency since its turn began, without those at the applicant. The check for
    completeness begins anew with each mended file."""
    begins = BEGINS_A_TURN if application.complete_at else {*BEGINS_A_TURN, "mend"}
    used = 0
    for line, stay in zip(reversed(lines), reversed(stays), strict=False):
        if stay.holder != plan.APPLICANT:
            used += clock.days_of(stay, today, days.between)
        if line.verb in begins:
            break
    return used


def _promise(application: Application, used: int, today: date) -> ClockPart | None:
    if application.due_on is None:
        return None
    promised = application.type.rules().promise.working_days
    late = used > promised
    kept = _("late") if late else _("on time")
    return ClockPart(
        _("Promised"),
        formats.long_date(application.due_on, language=language()),
        f"{_used(application, used, promised)}, {kept}",
        percent=100 * used / promised,
        tone="bad" if late else "ok",
        icon="warning" if late else "check-circle",
    )


def _used(application: Application, used: int, promised: int) -> str:
    facts = {"used": formats.number(used), "promised": formats.number(promised)}
    if application.closed_at is not None:
        return (
            _("Took %(used)s of %(promised)s working days") if used else _("Done the same day")
        ) % facts
    if used:
        return _("Working day %(used)s of %(promised)s") % facts
    return _("None of %(promised)s working days used") % facts


def journey(
    application: Application, lines: list[HistoryLine] | None = None, *, public: bool = False
) -> list[TrackStep]:
    """What happened, where it is, and what will come; ``public`` leaves out names and words."""
    steps = past(history(application) if lines is None else lines, public=public)
    if not application.is_open:
        return steps
    definition, stage = application.type.rules(), application.stage
    current = definition.stages[stage]
    until = formats.long_date(application.act_by_on, language=language())
    steps.append(
        TrackStep(
            _("Your turn") if application.is_stopped else current.title.say(language()),
            "current",
            meta="" if application.is_stopped else _("At the latest on %(day)s") % {"day": until},
            tone=LOOK[application.state][0],
            icon=LOOK[application.state][1],
        )
    )
    return steps + [
        TrackStep(later.title.say(language()), "todo") for later in definition.stages[stage + 1 :]
    ]


def past(lines: list[HistoryLine], *, public: bool = False) -> list[TrackStep]:
    """What happened, oldest first."""
    return [_past(line, public) for line in lines]


def history(application: Application) -> list[HistoryLine]:
    """The moves of an application, oldest first."""
    return list(application.history.select_related("by").order_by("at", "pk"))


BEGINS_A_TURN = {"submit", "accept", "recommend", "pay"}
PAST_ICONS = {
    "return": "pause",
    "plan-survey": "calendar",
    "record-survey": "map-pin",
    "assess": "scale",
    "issue": "shield",
    "refuse": "ban",
    "withdraw": "x",
    "lapse": "hourglass",
}


def _past(line: HistoryLine, public: bool) -> TrackStep:
    at = formats.moment(timezone.localtime(line.at), language=language())
    who = "" if public or line.by is None or not line.organisation else f", {line.by}"
    tone: Tone = "warn" if line.verb == "return" else "bad" if line.verb == "refuse" else "ok"
    return TrackStep(
        past_title(line.verb),
        "done",
        meta=f"{at}{who}",
        text="" if public else line.words,
        tone=tone,
        icon=PAST_ICONS.get(line.verb, "check"),
    )


def past_title(verb: str) -> str:
    """What a move is called once it has happened."""
    return {
        "submit": _("Application received"),
        "return": _("Returned for mending"),
        "mend": _("Mended and handed in again"),
        "accept": _("Found complete and correct"),
        "plan-survey": _("Survey planned"),
        "record-survey": _("Survey made"),
        "recommend": _("Recommendation given"),
        "assess": _("Bill written"),
        "pay": _("Payment received"),
        "issue": _("Permit signed and issued"),
        "refuse": _("Application refused"),
        "withdraw": _("Withdrawn by the applicant"),
        "lapse": _("Lapsed: it was not mended in time"),
    }[verb]


@dataclass(frozen=True)
class Section:
    """The answers of one page of the wizard."""

    code: str
    title: str
    rows: list[tuple[str, str]]


def sections(application: Application) -> list[Section]:
    """All answers, page by page, as people read them."""
    definition = application.type.rules()
    return [
        Section(
            step.code,
            step.title.say(language()),
            [
                (
                    field.label.say(language()),
                    show(field, application.answers.get(field.code), language(), names.label),
                )
                for field in step.fields
            ],
        )
        for step in plan.steps_for(definition, application.answers)
    ]


def identity_rows(application: Application, nik: str) -> list[tuple[str, str]]:
    """Who applies."""
    known = application.identity
    address = full_address(known)
    birth_on = known.get("birth_on")
    born = formats.long_date(
        datetime.fromisoformat(birth_on).date() if birth_on else None, language=language()
    )
    return [
        ("NIK", nik),
        (_("Name"), application.applicant_name),
        (_("Date of birth"), born),
        (_("Address"), address or formats.NOTHING),
    ]


@dataclass(frozen=True)
class ShownPaper:
    """A line of the list of papers."""

    code: str
    title: str
    hint: str
    required: bool
    attached: Any


def papers(
    application: Application, attached: list[AttachedPaper] | None = None
) -> list[ShownPaper]:
    """What the type asks for, with what was handed in."""
    definition = application.type.rules()
    if attached is None:
        attached = list(application.papers.select_related("paper").filter(replaced_at=None))
    current = {one.code: one for one in attached if one.replaced_at is None}
    return [
        ShownPaper(
            spec.code,
            spec.title.say(language()),
            spec.hint.say(language()),
            spec.required,
            current.get(spec.code),
        )
        for spec in plan.papers_for(definition, application.answers)
    ]
