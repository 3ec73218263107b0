"""An officer's turn: each verb has a page with a form; who may not, or comes too late, is told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate, localtime, now
from django.utils.translation import gettext as _

from kartini.kit import formats
from kartini.kit.flow import MoveRefused
from kartini.office import documents
from kartini.office import papers as office_papers
from kartini.people.guards import no_access
from kartini.systems.joss import rules
from kartini.systems.joss.engine import plan
from kartini.systems.joss.forms.officer import (
    AssessForm,
    NoteForm,
    ReasonForm,
    RecommendForm,
    RefuseForm,
    ReturnForm,
    SignForm,
    SurveyForm,
    SurveyPlanForm,
    TurnForm,
)
from kartini.systems.joss.models import Application
from kartini.systems.joss.services import (
    advice,
    certificate,
    days,
    decisions,
    money,
    moves,
    permits,
    verification,
)
from kartini.systems.joss.views import parts
from kartini.systems.joss.views.case import verb_word
from kartini.systems.joss.views.doorway import account, language, moved_on, sent, with_file

MOST_PHOTOS = 10
TOO_LATE = (
    moves.ChangedMeanwhile,
    moves.BeingDecided,
    MoveRefused,
    rules.NotAllowed,
    advice.SurveyMissing,
    advice.NoSurveyHere,
)


@dataclass(frozen=True)
class Turn:
    """How one verb is done: its form, its deed, and the page that asks for it."""

    form: Callable[[HttpRequest, Application], Any]
    deed: Callable[..., Any]
    template: str = "joss/turn.html"
    tone: str = ""


@with_file
def turn(request: HttpRequest, application: Application, verb: str) -> HttpResponse:
    """The page of one verb."""
    act = TURNS.get(verb)
    if act is None:
        raise Http404
    back = reverse("joss:file", args=[application.number])
    if turned_away := _turned_away(request, application, verb, back):
        return turned_away
    form = act.form(request, application)
    if request.method == "POST" and form.is_valid():
        done = _do(request, application, act, form, back)
        if done is not None:
            return done
    context = {
        "it": application,
        "title": application.type.title(language()),
        "form": form,
        "verb": verb,
        "heading": verb_word(verb),
        "explained": explained(verb, application),
        "tone": act.tone,
        "back": back,
        "signed": _signed(application) if verb == "issue" else [],
    }
    return render(request, act.template, context)


def _turned_away(
    request: HttpRequest, application: Application, verb: str, back: str
) -> HttpResponse | None:
    """Somebody else's turn, or nobody's any more."""
    may = rules.may(account(request), verb, application)
    if may and advice.fits(verb, application):
        return None
    possible = rules.WHO[verb].get(application.state)
    if may or not possible:
        return moved_on(request, application, back)
    return no_access(request, *possible)


def _signed(application: Application) -> list[tuple[str, str]]:
    """What a signature will give, and to whom; who advised what."""
    until = certificate.valid_until(application, localdate())
    rows = [
        (_("Applicant"), application.applicant_name),
        (_("Permit"), application.type.title(language())),
        (_("Valid until"), formats.long_date(until, language=language()) if until else "–"),
    ]
    advised = application.recommendations.select_related("by").order_by("stage")
    return rows + [
        (_("Recommendation"), f"{one.get_verdict_display()}, {one.by}") for one in advised
    ]


def _do(
    request: HttpRequest, application: Application, act: Turn, form: Any, back: str
) -> HttpResponse | None:
    """Do it once; ``None`` when the form has to be shown again."""
    try:
        act.deed(
            application=application,
            by=account(request),
            at=now(),
            revision=form.cleaned_data["revision"],
            **_details(request, application, form),
        )
    except TOO_LATE:
        return moved_on(request, application, back)
    except decisions.AlreadyDecided as other:
        messages.warning(
            request, _("%(who)s was quicker: it is decided already.") % {"who": other.decision.by}
        )
        return moved_on(request, application, back)
    except documents.SigningRefused as refused:
        form.add_error("passphrase" if "passphrase" in form.fields else None, _unsigned(refused))
        return None
    except office_papers.PaperRefused as refused_paper:
        form.add_error(None, office_papers.words(refused_paper))
        return None
    messages.success(request, _("Done: %(number)s.") % {"number": application.number})
    return redirect("joss:desk")


def _details(request: HttpRequest, application: Application, form: Any) -> dict[str, Any]:
    details: dict[str, Any] = form.details()
    if isinstance(form, SignForm):
        nik, secret = details.pop("nik", ""), details.pop("passphrase", "")
        details["consent"] = documents.Consent(nik, secret) if secret else None
    if isinstance(form, SurveyForm):
        details["photos"] = [
            office_papers.receive(
                upload=upload,
                owner=account(request),
                label=f"Foto survei {application.number}",
                at=now(),
            )
            for upload in request.FILES.getlist("photos")[:MOST_PHOTOS]
        ]
    return details


def _unsigned(refused: documents.SigningRefused) -> str:
    return {
        "passphrase": _("The passphrase was wrong. Nothing was signed."),
        "certificate": _("Your certificate cannot be used. Nothing was signed."),
        "away": _("The signing service does not answer. Nothing was signed; try again."),
    }.get(refused.reason, _("The signing service refused. Nothing was signed."))


def explained(verb: str, application: Application) -> str:
    """What will happen, in a sentence."""
    return {
        "accept": _("The file goes on to the next stage, and the clock runs."),
        "return": _(
            "Check everything before you return it: the applicant gets one complete list. The clock stops."
        ),
        "plan-survey": _("The applicant is told and asked to agree."),
        "record-survey": _("Fill it in on the spot. Photographs are kept with the file."),
        "recommend": _("Your advice goes to whoever decides. The applicant is told."),
        "assess": _("The applicant gets a bill to pay by QRIS. The clock stops until it is paid."),
        "issue": _("You sign with your electronic signature. The permit is in force at once."),
        "refuse": _("You sign a letter with your reasons and the way to object."),
    }[verb]


def _start(application: Application) -> dict[str, Any]:
    return {"revision": application.revision}


def _return(request: HttpRequest, application: Application) -> ReturnForm:
    papers = [
        {
            "about": "paper",
            "code": paper.code,
            "title": paper.title,
            "value": paper.attached.paper.name if paper.attached else _("Missing"),
        }
        for paper in parts.papers(application)
    ]
    definition = application.type.rules()
    shown = {s.code: s for s in parts.sections(application)}
    answers = [
        {"about": "field", "code": field.code, "title": label, "value": value}
        for step in plan.steps_for(definition, application.answers)
        for field, (label, value) in zip(step.fields, shown[step.code].rows, strict=True)
    ]
    return ReturnForm(sent(request), items=papers + answers, initial=_start(application))


def _plan(request: HttpRequest, application: Application) -> SurveyPlanForm:
    day = days.add(localdate(), 2)
    initial = _start(application) | {"on": day, "hour": "09:00"}
    colleagues = rules.colleagues(application.holder, localdate())
    return SurveyPlanForm(sent(request), colleagues=colleagues, now=now(), initial=initial)


def _record(request: HttpRequest, application: Application) -> SurveyForm:
    moment = localtime(now() - timedelta(minutes=5))
    initial = _start(application) | {"made_on": moment.date(), "made_hour": f"{moment:%H:%M}"}
    return SurveyForm(
        sent(request),
        specs=application.type.rules().survey,
        today=localdate(),
        now=now(),
        initial=initial,
    )


def _plain(form: type[TurnForm], **more: Callable[[], Any]) -> Callable[..., TurnForm]:
    """A page that asks only what its form asks."""

    def make(request: HttpRequest, application: Application) -> TurnForm:
        given = {name: ask() for name, ask in more.items()}
        return form(sent(request), initial=_start(application), **given)

    return make


def _needs_consent() -> bool:
    """Asked anew each time: the signing service may change."""
    return documents.needs_consent()


TURNS = {
    "accept": Turn(_plain(NoteForm), verification.accept),
    "return": Turn(_return, verification.return_with_faults, "joss/return.html"),
    "plan-survey": Turn(_plan, advice.plan_survey),
    "record-survey": Turn(_record, advice.record_survey, "joss/survey.html"),
    "recommend": Turn(_plain(RecommendForm), advice.recommend),
    "assess": Turn(_plain(AssessForm), money.assess),
    "issue": Turn(
        _plain(SignForm, needs_consent=_needs_consent), decisions.issue, "joss/sign.html"
    ),
    "refuse": Turn(
        _plain(RefuseForm, needs_consent=_needs_consent),
        decisions.refuse,
        "joss/turn.html",
        "bad",
    ),
}


@with_file
def preview(request: HttpRequest, application: Application) -> HttpResponse:
    """The permit as it would be signed, as PDF."""
    if not rules.may(account(request), "issue", application):
        return no_access(request, rules.HEAD)
    pdf = certificate.preview(application, at=now())
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="pratinjau.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@with_file
def permit_turn(request: HttpRequest, application: Application, verb: str) -> HttpResponse:
    """Suspend, put back, revoke: asks for the reason first."""
    permit, back = application.permit, reverse("joss:file", args=[application.number])
    deeds = {"suspend": permits.suspend, "resume": permits.resume, "revoke": permits.revoke}
    if permit is None or verb not in deeds:
        raise Http404
    if not rules.may_govern(account(request), permits.agency_of(permit)):
        return no_access(request, rules.HEAD)
    form = ReasonForm(sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            deeds[verb](
                permit=permit, words=form.cleaned_data["words"], by=account(request), at=now()
            )
        except MoveRefused:
            return moved_on(request, application, back)
        messages.success(request, _("Done: %(number)s.") % {"number": permit.number})
        return redirect(back)
    context = {
        "it": application,
        "permit": permit,
        "form": form,
        "heading": verb_word(verb),
        "tone": "" if verb == "resume" else "bad",
        "back": back,
    }
    return render(request, "joss/permit_turn.html", context)


@with_file
def hand_over(request: HttpRequest, application: Application) -> HttpResponse:
    """The document was given to its holder at the counter."""
    permit = application.permit
    if permit is None or request.method != "POST":
        raise Http404
    if not rules.may_hand_over(account(request), permits.agency_of(permit)):
        return no_access(request, rules.FRONT_OFFICE)
    permits.hand_over(permit=permit, how="counter", by=account(request), at=now())
    messages.success(request, _("Written down: handed over at the counter."))
    return redirect("joss:file", application.number)
