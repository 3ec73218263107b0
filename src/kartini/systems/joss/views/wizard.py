"""From the start button to the receipt: one topic a page, each a plain form; nothing typed is lost."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kartini.contracts import Purpose
from kartini.contracts.dukcapil import ResidentByNik
from kartini.exchange import bus
from kartini.people import persons, phones
from kartini.people.models import Person
from kartini.systems.joss.engine import plan
from kartini.systems.joss.engine.definition import Step
from kartini.systems.joss.forms.answers import AnswersForm
from kartini.systems.joss.forms.applicant import ContactForm, DeclareForm, HandForm
from kartini.systems.joss.models import Application
from kartini.systems.joss.services import drafts, identity, pins, types
from kartini.systems.joss.views import parts, uploads
from kartini.systems.joss.views.doorway import account, for_applicants, language, own_draft, sent
from kartini.systems.joss.views.public import track_url

IDENTITY, PAPERS, CHECK = "diri", "berkas", "periksa"
FRESH_PIN = "joss-pin"


@dataclass(frozen=True)
class Page:
    """A page of the wizard: its code, its short name for the stepper, its address."""

    code: str
    short: str
    url: str


def pages_of(draft: Application) -> list[Page]:
    """The pages that this draft needs now, in order."""
    definition = draft.type.rules()
    steps = plan.steps_for(definition, draft.answers)
    listed = [Page(IDENTITY, _("About you"), _to("identity", draft))]
    listed += [Page(s.code, s.short.say(language()), _to("step", draft, s.code)) for s in steps]
    if definition.papers:
        listed.append(Page(PAPERS, _("Papers"), _to("papers", draft)))
    return [*listed, Page(CHECK, _("Check"), _to("check", draft))]


def _to(name: str, draft: Application, *parts_: str) -> str:
    return reverse(f"joss:{name}", args=[draft.pk, *parts_])


def _place(draft: Application, code: str) -> dict[str, Any]:
    """Where a page stands among the others: for the stepper, the way back and the way on."""
    listed = pages_of(draft)
    codes = [page.code for page in listed]
    if code not in codes:
        raise Http404
    here = codes.index(code)
    back = listed[here - 1].url if here else reverse("joss:service", args=[draft.type.code])
    return {
        "draft": draft,
        "d": parts.told(draft.type.rules()),
        "steps": [page.short for page in listed],
        "current": here + 1,
        "back": back,
        "onward": listed[min(here + 1, len(listed) - 1)].url,
    }


@require_POST
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Ask Dukcapil who this is, then begin the draft (or go on with it)."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("joss:service", args=[code]))
    return _start(request, code)


@for_applicants
def _start(request: HttpRequest, code: str) -> HttpResponse:
    try:
        definition = types.offer(code)
    except types.NoSuchType:
        raise Http404 from None
    user = account(request)
    if user.person is None:
        raise Http404
    known = ask_dukcapil(request, user.person)
    draft = drafts.start_draft(definition=definition, identity=known, by=user, at=now())
    return redirect("joss:identity", draft.pk)


def ask_dukcapil(request: HttpRequest, person: Person) -> identity.Identity:
    """What the civil registry knows about the applicant; when it does not answer, it goes on by hand."""
    nik = identity.nik_of(person)
    try:
        resident = bus.ask(
            ResidentByNik(nik=nik),
            asker="joss",
            purpose=Purpose.PERMIT_IDENTITY,
            subjects=[nik],
            by=account(request),
        )
    except bus.Unanswered:
        return identity.by_hand(person, doubt="away")
    return identity.from_resident(resident, person=person, at=now())


@for_applicants
def draft(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Go on where something is missing."""
    found = own_draft(request, pk)
    if found is None:
        return _handed_in(request, pk)
    missing = drafts.gaps_of(found, at=now())
    first = missing[0].step if missing else CHECK
    codes = {page.code: page.url for page in pages_of(found)}
    return redirect(codes.get(PAPERS if first == "papers" else first, codes[CHECK]))


def _handed_in(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A page of a draft that is no draft any more: show how it stands, change nothing."""
    application = Application.objects.get(pk=pk, applicant=account(request))
    messages.info(request, _("You have already handed in this application."))
    return redirect("joss:status", application.number)


def _leave(request: HttpRequest) -> HttpResponse:
    messages.success(
        request, _("Saved. You can go on within 30 days, on any device, where you stopped.")
    )
    return redirect("joss:applications")


@for_applicants
def about_you(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is known is shown; contact is asked; the rest only when Dukcapil could not say it."""
    found = own_draft(request, pk)
    if found is None:
        return _handed_in(request, pk)
    by_hand = found.identity_verified_at is None
    initial = {"phone": found.phone, "email": found.email, "name": found.applicant_name}
    form_class = HandForm if by_hand else ContactForm
    form = form_class(sent(request), initial=found.identity | initial)
    if request.method == "POST" and form.is_valid():
        drafts.save_identity(
            application=found,
            identity=_identity(found, form),
            phone=form.cleaned_data["phone"],
            email=form.cleaned_data["email"],
            by=account(request),
            at=now(),
        )
        return (
            _leave(request)
            if "later" in request.POST
            else redirect(_place(found, IDENTITY)["onward"])
        )
    context = _place(found, IDENTITY) | {"form": form, "by_hand": by_hand}
    context["known"] = parts.identity_rows(found, _masked(found))
    return render(request, "joss/identity.html", context)


def _identity(found: Application, form: ContactForm) -> identity.Identity:
    if isinstance(form, HandForm):
        return identity.Identity(**form.facts(), doubt=found.identity.get("doubt", "away"))
    known = {k: v for k, v in found.identity.items() if k in identity.ASKED}
    return identity.Identity(
        **known, source=found.identity_source, verified_at=found.identity_verified_at
    )


def _masked(application: Application) -> str:
    return persons.masked_nik(application.person) if application.person else ""


@for_applicants
def step(request: HttpRequest, pk: UUID, code: str) -> HttpResponse:
    """One page of the type's questions."""
    found = own_draft(request, pk)
    if found is None:
        return _handed_in(request, pk)
    context = _place(found, code)
    page: Step = next(s for s in found.type.rules().steps if s.code == code)
    form = AnswersForm(
        sent(request),
        specs=page.fields,
        today=localdate(),
        before=found.answers,
        initial=found.answers | _proposed(found, page),
    )
    if request.method == "POST":
        form.is_valid()
        saved = drafts.save_step(
            application=found, answers=form.answers, by=account(request), at=now()
        )
        if "later" in request.POST:
            return _leave(request)
        if form.is_valid():
            return redirect(_place(saved, code)["onward"])
    lead = page.lead.say(language()) if page.lead else ""
    context |= {"form": form, "lead": lead, "title": page.title.say(language())}
    return render(request, "joss/step.html", context)


def _proposed(found: Application, page: Step) -> dict[str, Any]:
    """A village that was not answered yet starts with the applicant's own."""
    home = found.identity.get("village_code")
    return {
        field.code: home
        for field in page.fields
        if field.widget == "village" and field.code not in found.answers and home
    }


@for_applicants
def hand_in_papers(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Upload papers, one or several at once, or use those that were sent before."""
    found = own_draft(request, pk)
    if found is None:
        return _handed_in(request, pk)
    if request.method == "POST" and "remove" in request.POST:
        with suppress(drafts.NoSuchPaper):
            drafts.detach_paper(
                application=found, code=request.POST["remove"], by=account(request), at=now()
            )
        return redirect(request.path)
    forms = uploads.forms_for(request, found, parts.papers(found))
    if request.method == "POST":
        fine = uploads.take_all(request, found, list(forms.values()))
        if fine and "later" in request.POST:
            return _leave(request)
        if fine and "stay" not in request.POST:
            return redirect(_place(found, PAPERS)["onward"])
        if fine:
            return redirect(request.path)
    shown = [(paper, forms[paper.code]) for paper in parts.papers(found)]
    context = _place(found, PAPERS) | {"shown": shown, "failed": uploads.failed(forms)}
    return render(
        request, "joss/papers.html", context, status=422 if uploads.failed(forms) else 200
    )


@for_applicants
def check(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Check the answers, then hand in. However often it is sent, it is handed in once."""
    found = own_draft(request, pk)
    if found is None:
        return _handed_in(request, pk)
    form = DeclareForm(sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            return _submit(request, found)
        except drafts.Incomplete:
            found.refresh_from_db()
    gaps = drafts.gaps_of(found, at=now())
    urls = {page.code: page.url for page in pages_of(found)} | {"papers": _to("papers", found)}
    context = _place(found, CHECK) | {
        "form": form,
        "identity": parts.identity_rows(found, _masked(found)),
        "sections": [(section, urls.get(section.code, "")) for section in parts.sections(found)],
        "phone": phones.shown(found.phone),
        "papers": parts.papers(found),
        "urls": urls,
        "identity_url": urls[IDENTITY],
        "gaps": [(gap.words.say(language()), urls.get(gap.step, "")) for gap in gaps],
        "tried": request.method == "POST",
    }
    return render(request, "joss/check.html", context)


def _submit(request: HttpRequest, found: Application) -> HttpResponse:
    """Hand it in; this session remembers the PIN, so that the receipt shows it once."""
    receipt = drafts.submit(application=found, pin=pins.new_pin(), by=account(request), at=now())
    if receipt.pin:
        request.session[FRESH_PIN] = {receipt.application.number: receipt.pin}
    return redirect("joss:receipt", receipt.application.number)


@for_applicants
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """The number, the PIN (this once), the QR code, and what happens next."""
    application = (
        Application.objects.submitted()
        .select_related("type")
        .filter(number=number, applicant=account(request))
        .first()
    )
    if application is None:
        raise Http404
    context = {
        "application": application,
        "title": application.type.title(language()),
        "pin": fresh_pin(request, number),
        "track_url": track_url(application),
        "d": parts.told(application.type.rules()),
    }
    return render(request, "joss/receipt.html", context)


def fresh_pin(request: HttpRequest, number: str) -> str:
    """The PIN as long as this session remembers it, in two groups of three."""
    pin: str = request.session.get(FRESH_PIN, {}).get(number, "")
    return f"{pin[:3]} {pin[3:]}" if pin else ""


@for_applicants
def discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask first, then throw the draft away."""
    found = own_draft(request, pk)
    if found is None:
        return _handed_in(request, pk)
    if request.method == "POST":
        drafts.discard(application=found, by=account(request))
        messages.success(request, _("The draft is gone. Your papers are still among your papers."))
        return redirect("joss:applications")
    return render(
        request, "joss/discard.html", {"draft": found, "title": found.type.title(language())}
    )
