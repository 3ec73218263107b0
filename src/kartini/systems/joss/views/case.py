"""The file: everything about one application, and what this officer can do with it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kartini.kit import formats
from kartini.office import papers as office_papers
from kartini.people import persons, phones
from kartini.people.models import TrailLine
from kartini.places import names
from kartini.systems.joss import rules
from kartini.systems.joss.engine.show import show
from kartini.systems.joss.forms.applicant import WordsForm
from kartini.systems.joss.models import (
    Application,
    Decision,
    HistoryLine,
    Survey,
    SurveyPhoto,
)
from kartini.systems.joss.services import advice, desk, permits
from kartini.systems.joss.views import parts
from kartini.systems.joss.views.doorway import account, language, with_file

MOST_TRAIL = 12
ICONS = {
    "accept": "check-circle",
    "issue": "shield",
    "record-survey": "map-pin",
    "recommend": "edit",
    "plan-survey": "calendar",
    "assess": "scale",
    "return": "pause",
    "refuse": "ban",
}


@with_file
def file(request: HttpRequest, application: Application) -> HttpResponse:
    """The whole file. That it was opened is recorded, and the applicant can read it."""
    at = now()
    desk.opened(application=application, by=account(request), at=at)
    return render(request, "joss/file.html", _context(request, application, at))


def _context(request: HttpRequest, application: Application, at: datetime) -> dict[str, Any]:
    lines = parts.history(application)
    return {
        "it": application,
        "title": application.type.title(language()),
        "look": parts.LOOK[application.state],
        **_person(application, at),
        **_handed_in(application, at, lines),
        **_happened(application),
        **_possible(account(request), application),
        "write": WordsForm(),
        "history": list(reversed(parts.past(lines))),
        "trail": _trail(application),
    }


def _person(application: Application, at: datetime) -> dict[str, Any]:
    """Who applies, with the NIK masked."""
    masked = persons.masked_nik(application.person) if application.person else formats.NOTHING
    return {
        "identity": parts.identity_rows(application, masked)[1:],
        "masked": masked,
        "phone": phones.shown(application.phone),
        "age": _age(application, at),
    }


def _handed_in(application: Application, at: datetime, lines: list[HistoryLine]) -> dict[str, Any]:
    """Answers, papers and clock; a file whose type has no definition shows only what was attached."""
    known = application.type.definition is not None
    attached = list(application.papers.select_related("paper").order_by("-pk"))
    return {
        "clock": parts.clock_parts(application, at, lines, for_staff=True) if known else [],
        "sections": parts.sections(application) if known else [],
        "papers": parts.papers(application, attached) if known else [],
        "former": [one for one in attached if one.replaced_at is not None],
    }


def _happened(application: Application) -> dict[str, Any]:
    """What others said and did about it."""
    decided = Decision.objects.select_related("by", "letter").filter(
        application=application, done_at__isnull=False
    )
    return {
        "surveys": [_survey(one) for one in _surveys(application)],
        "advice": list(application.recommendations.select_related("by").order_by("stage")),
        "assessments": list(application.assessments.order_by("stage")),
        "decision": decided.first(),
        "letters": list(application.messages.select_related("by").order_by("at")),
    }


def _possible(user: Any, application: Application) -> dict[str, Any]:
    """What this officer may do now."""
    return {
        "verbs": verb_links(user, application),
        "may_assign": rules.may_assign(user, application),
        "permit_verbs": permit_links(user, application),
    }


def verb_links(user: Any, application: Application) -> list[tuple[str, str, str, str]]:
    """What can be done now, the usual thing first: verb, word, icon, address."""
    possible = [verb for verb in rules.verbs(user, application) if advice.fits(verb, application)]
    return [
        (
            verb,
            verb_word(verb),
            ICONS[verb],
            reverse("joss:turn", args=[application.number, verb]),
        )
        for verb in sorted(possible, key=list(ICONS).index)
    ]


def verb_word(verb: str) -> str:
    """What a verb is called on its button."""
    return {
        "accept": _("Found complete"),
        "return": _("Return to the applicant"),
        "plan-survey": _("Plan a survey"),
        "record-survey": _("Record the survey"),
        "recommend": _("Recommend"),
        "assess": _("Set the amount"),
        "issue": _("Sign the permit"),
        "refuse": _("Refuse"),
        "suspend": _("Suspend the permit"),
        "resume": _("Put it back in force"),
        "revoke": _("Revoke the permit"),
    }[verb]


def permit_links(user: Any, application: Application) -> list[tuple[str, str, str]]:
    """What can be done with the permit: verb, word, address."""
    permit = application.permit
    if permit is None or not rules.may_govern(user, permits.agency_of(permit)):
        return []
    return [
        (verb, verb_word(verb), reverse("joss:permit-turn", args=[application.number, verb]))
        for verb in permits.STATES.verbs(permit.state)
    ]


def _surveys(application: Application) -> list[Survey]:
    found = application.surveys.select_related("surveyor", "recorded_by").order_by("planned_at")
    return list(found.prefetch_related("photos__paper").filter(cancelled_at=None))


def _survey(survey: Survey) -> dict[str, Any]:
    questions = survey.application.type.rules().survey
    rows = [
        (
            question.label.say(language()),
            show(question, survey.findings.get(question.code), language(), names.label),
        )
        for question in questions
    ]
    return {"it": survey, "rows": rows if survey.recorded_at else [], "photos": survey.photos.all()}


@dataclass(frozen=True)
class Trace:
    """A line of the trail as the desk reads it."""

    icon: str
    who: str
    words: str
    at: datetime


def _trail(application: Application) -> list[Trace]:
    """Who looked, and what else the history does not say; the newest first."""
    lines = TrailLine.objects.filter(thing=application.thing).select_related("by", "organisation")
    told = {
        "joss.opened": ("eye", _("opened the file")),
        "joss.nik-shown": ("eye", _("looked at the NIK")),
        "joss.paper-opened": ("eye", _("opened a paper")),
        "joss.assign": ("users", _("handed the file on")),
        "joss.identity-rechecked": ("flow", _("asked Dukcapil again")),
    }
    return [
        Trace(
            told[line.verb][0],
            f"{line.by or 'Kartini'}{f', {line.organisation}' if line.organisation else ''}",
            f"{told[line.verb][1]}{f': {line.note}' if line.note else ''}",
            line.at,
        )
        for line in lines.filter(verb__in=told).order_by("-at", "-pk")[:MOST_TRAIL]
    ]


def _age(application: Application, at: datetime) -> int | None:
    born = application.identity.get("birth_on")
    if not born:
        return None
    day, today = date.fromisoformat(born), timezone.localdate(at)
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


@require_POST
@with_file
def show_nik(request: HttpRequest, application: Application) -> HttpResponse:
    """The whole NIK, once, recorded by itself."""
    at = now()
    nik = desk.show_nik(application=application, by=account(request), at=at)
    shown = " ".join(nik[i : i + 4] for i in range(0, 16, 4))
    context = _context(request, application, at) | {"nik": shown}
    return render(request, "joss/file.html", context)


@require_POST
@with_file
def write(request: HttpRequest, application: Application) -> HttpResponse:
    """A message to the applicant."""
    form = WordsForm(request.POST)
    if form.is_valid():
        desk.write(
            application=application,
            words=form.cleaned_data["words"],
            by=account(request),
            at=now(),
        )
        messages.success(request, _("The applicant was told."))
    else:
        messages.error(request, _("Write something first"))
    return redirect("joss:file", application.number)


@with_file
def paper(request: HttpRequest, application: Application, pk: int) -> HttpResponse:
    """A paper of the file, shown in the browser or, with ``?unduh``, given to keep."""
    attached = application.papers.select_related("paper").filter(pk=pk).first()
    if attached is None:
        raise Http404
    desk.opened(application=application, by=account(request), at=now(), verb="joss.paper-opened")
    return office_papers.response(attached.paper, inline="unduh" not in request.GET)


@with_file
def photo(request: HttpRequest, application: Application, pk: int) -> HttpResponse:
    """A photograph of a survey."""
    found = (
        SurveyPhoto.objects.select_related("paper")
        .filter(pk=pk, survey__application=application)
        .first()
    )
    if found is None:
        raise Http404
    return office_papers.response(found.paper, inline=True)
