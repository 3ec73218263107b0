"""The applicant's own applications: how they stand, and what can be done about them."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kartini.kit.flow import MoveRefused
from kartini.office import papers as office_papers
from kartini.systems.joss.forms.answers import AnswersForm
from kartini.systems.joss.forms.applicant import WithdrawForm, WordsForm
from kartini.systems.joss.models import (
    STOPPED,
    Application,
    AttachedPaper,
    Decision,
    Fault,
    FaultList,
    State,
)
from kartini.systems.joss.services import (
    advice,
    desk,
    drafts,
    moves,
    pins,
    verification,
    waiting,
)
from kartini.systems.joss.views import parts, uploads
from kartini.systems.joss.views.doorway import (
    account,
    for_applicants,
    language,
    moved_on,
    own_application,
    sent,
)
from kartini.systems.joss.views.public import track_url
from kartini.systems.joss.views.wizard import FRESH_PIN, fresh_pin

MOST_LISTED = 100
WAITING = {State.DRAFT, *STOPPED}


@for_applicants
def applications(request: HttpRequest) -> HttpResponse:
    """All of them: drafts first, then what waits for the applicant, then the rest."""
    found = list(
        Application.objects.of(account(request))
        .select_related("type", "permit")
        .defer("type__definition", "answers")
        .order_by("-saved_at")[:MOST_LISTED]
    )
    rows = [
        (one, one.type.title(language()), *parts.LOOK[one.state], parts.word_of(one.state))
        for one in found
    ]
    waiting = [row for row in rows if row[0].state in WAITING]
    context = {
        "waiting": waiting,
        "running": [r for r in rows if r[0].is_open and r not in waiting],
        "ended": [r for r in rows if r[0].closed_at],
        "today": localdate(),
    }
    return render(request, "joss/applications.html", context)


@for_applicants
def status(request: HttpRequest, number: str) -> HttpResponse:
    """How one application stands: the promise, the clock, the journey, and what to do.

    While a payment is awaited, htmx asks again by itself; nothing new is a 204.
    """
    application = own_application(request, number)
    live: bool = request.htmx  # type: ignore[attr-defined]
    if live and request.GET.get("seen") == str(application.revision):
        return HttpResponse(status=204)
    at, lines = now(), parts.history(application)
    context = {
        "application": application,
        "title": application.type.title(language()),
        "standing": parts.standing(application),
        "clock": parts.clock_parts(application, at, lines),
        "journey": parts.journey(application, lines),
        "left": parts.days_left(application, at),
        "survey": advice.open_survey(application),
        **_faults(application),
        "bill": application.assessments.filter(paid_at=None).first(),
        "decision": _decision(application),
        "letters": list(application.messages.select_related("by").order_by("at")),
        "write": WordsForm(),
        "track_url": track_url(application),
        "pin": fresh_pin(request, number),
        "now": at,
    }
    return render(request, "joss/_status.html" if live else "joss/status.html", context)


def _faults(application: Application) -> dict[str, Any]:
    if application.state != State.RETURNED:
        return {}
    faults = verification.open_faults(application)
    named = [verification.named(application, one, language()) for one in faults.faults.all()]
    return {"faults": named, "lapses_on": waiting.lapses_on(faults)}


def _decision(application: Application) -> Decision | None:
    found = Decision.objects.select_related("letter").filter(
        application=application, done_at__isnull=False
    )
    return found.first()


@for_applicants
def mend(request: HttpRequest, number: str) -> HttpResponse:
    """The list of faults as a form: named answers and named papers; then send it back."""
    application = own_application(request, number)
    if application.state != State.RETURNED:
        return moved_on(request, application)
    faults = verification.open_faults(application)
    listed = list(faults.faults.all())
    form = _mend_form(request, application, listed)
    named = [p for p in parts.papers(application) if p.code in _codes(listed, "paper")]
    forms = uploads.forms_for(request, application, named)
    if request.method == "POST":
        fine = form.is_valid()
        verification.save_mended(
            application=application, answers=form.answers, by=account(request), at=now()
        )
        if uploads.take_all(request, application, list(forms.values())) and fine:
            go_on = _keep_for_later if "later" in request.POST else _send_back
            return go_on(request, application)
    context = {
        **_to_mend(application, faults, listed),
        "form": form,
        "papers": [(paper, forms[paper.code], _words(listed, paper.code)) for paper in named],
        "failed": uploads.failed(forms),
    }
    return render(request, "joss/mend.html", context)


def _to_mend(application: Application, faults: FaultList, listed: list[Fault]) -> dict[str, Any]:
    """The list as it is read: what each fault is about, and whether it is mended already."""
    return {
        "application": application,
        "title": application.type.title(language()),
        "faults": faults,
        "listed": [
            (
                verification.named(application, fault, language()),
                fault,
                verification.is_mended(application, fault, faults),
            )
            for fault in listed
        ],
        "lapses_on": waiting.lapses_on(faults),
    }


def _keep_for_later(request: HttpRequest, application: Application) -> HttpResponse:
    messages.success(request, _("Saved. Send it when everything is mended."))
    return redirect("joss:status", application.number)


def _send_back(request: HttpRequest, application: Application) -> HttpResponse:
    try:
        verification.mend(application=application, by=account(request), at=now())
    except verification.NotMended as left:
        said = "; ".join(verification.named(application, one, language()) for one in left.faults)
        messages.warning(
            request, _("Saved, but not sent yet. Still open: %(left)s") % {"left": said}
        )
        return redirect("joss:mend", application.number)
    except drafts.Incomplete as wrong:
        said = "; ".join(gap.words.say(language()) for gap in wrong.gaps)
        messages.warning(
            request, _("Saved, but not sent yet. Still open: %(left)s") % {"left": said}
        )
        return redirect("joss:mend", application.number)
    messages.success(request, _("Sent. The clock goes on."))
    return redirect("joss:status", application.number)


def _mend_form(request: HttpRequest, application: Application, faults: list[Fault]) -> AnswersForm:
    codes = _codes(faults, "field")
    fields = application.type.rules().fields
    return AnswersForm(
        sent(request),
        specs=[fields[code] for code in fields if code in codes],
        today=localdate(),
        before=application.answers,
        initial=application.answers,
    )


def _codes(faults: Iterable[Fault], about: str) -> set[str]:
    return {fault.code for fault in faults if fault.about == about}


def _words(faults: Iterable[Fault], code: str) -> str:
    return " ".join(fault.words for fault in faults if fault.code == code)


@for_applicants
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Ask first, then withdraw."""
    application = own_application(request, number)
    form = WithdrawForm(sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            desk.withdraw(
                application=application,
                words=form.cleaned_data["words"],
                by=account(request),
                at=now(),
            )
        except (MoveRefused, moves.BeingDecided):
            return moved_on(request, application)
        messages.success(request, _("Withdrawn. You may apply again at any time."))
        return redirect("joss:status", number)
    title = application.type.title(language())
    return render(
        request, "joss/withdraw.html", {"application": application, "form": form, "title": title}
    )


@require_POST
@for_applicants
def agree(request: HttpRequest, number: str) -> HttpResponse:
    """The day of the survey suits."""
    application = own_application(request, number)
    try:
        advice.agree_to_survey(application=application, by=account(request), at=now())
    except advice.NoSurveyHere:
        return moved_on(request, application)
    messages.success(request, _("Thank you. The surveyor comes at that time."))
    return redirect("joss:status", number)


@require_POST
@for_applicants
def write(request: HttpRequest, number: str) -> HttpResponse:
    """A message to the officers."""
    application = own_application(request, number)
    form = WordsForm(request.POST)
    if form.is_valid():
        desk.write(
            application=application,
            words=form.cleaned_data["words"],
            by=account(request),
            at=now(),
        )
        messages.success(request, _("Your message is with the officers."))
    else:
        messages.error(request, _("Write something first"))
    return redirect(f"{reverse('joss:status', args=[number])}#surat")


@require_POST
@for_applicants
def new_pin(request: HttpRequest, number: str) -> HttpResponse:
    """A new PIN instead of a lost one, shown this once."""
    application = own_application(request, number)
    pin = drafts.new_pin(application=application, pin=pins.new_pin(), by=account(request), at=now())
    request.session[FRESH_PIN] = {number: pin}
    return redirect("joss:status", number)


@for_applicants
def paper(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """A paper of the applicant's own application."""
    application = own_application(request, number)
    attached = (
        AttachedPaper.objects.select_related("paper").filter(application=application, pk=pk).first()
    )
    if attached is None:
        raise Http404
    return office_papers.response(attached.paper, inline=True)
