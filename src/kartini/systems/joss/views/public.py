"""For everyone: the services, one service, and tracking by number and PIN."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from kartini.office import limits
from kartini.systems.joss.engine.definition import Definition
from kartini.systems.joss.forms.applicant import TrackForm
from kartini.systems.joss.models import Application, State
from kartini.systems.joss.services import figures, pins, types
from kartini.systems.joss.views import parts
from kartini.systems.joss.views.doorway import language, sent

TRIES, PER_SECONDS = 10, 15 * 60
ICONS = {
    "verification": "document",
    "recommendation": "edit",
    "survey": "map-pin",
    "assessment": "scale",
    "decision": "shield",
}


def services(request: HttpRequest) -> HttpResponse:
    """All services, by sector; the search narrows them."""
    words = request.GET.get("q", "").strip()[:100]
    found = [d for d in types.offered() if fits(d, words)]
    sectors: dict[str, list[dict[str, Any]]] = {}
    for definition in found:
        sectors.setdefault(definition.sector.say(language()), []).append(parts.told(definition))
    context = {"words": words, "sectors": sectors, "count": len(found)}
    return render(request, "joss/services.html", context)


def fits(definition: Definition, words: str) -> bool:
    """Do all these words occur in the name, title or summary, in either language?"""
    texts = (definition.title, definition.name, definition.summary, definition.sector)
    told = " ".join(f"{t.id} {t.en}" for t in texts).casefold()
    return all(word in told for word in words.casefold().split())


def service(request: HttpRequest, code: str) -> HttpResponse:
    """One service: who, what, how long, and the start."""
    try:
        definition = types.offer(code)
    except types.NoSuchType:
        raise Http404 from None
    draft = None
    if request.user.is_authenticated:
        drafts = Application.objects.filter(applicant=request.user, state=State.DRAFT)
        draft = drafts.filter(type__code=code).first()
    context = {
        "d": parts.told(definition),
        "draft": draft,
        "survey": any(stage.survey for stage in definition.stages),
        "stages": [
            (ICONS["survey" if stage["survey"] else stage["kind"]], stage)
            for stage in parts.told(definition)["stages"]
        ],
        "figures": figures.of_type(code, now()),
        "now": now(),
    }
    return render(request, "joss/service.html", context)


def track(request: HttpRequest) -> HttpResponse:
    """Where an application stands, for whoever has number and PIN: no names, no papers.

    A wrong PIN and a number that does not exist get the same answer, after the same work.
    """
    form = TrackForm(sent(request), initial={"number": request.GET.get("nomor", "")[:40]})
    if request.method != "POST":
        return render(request, "joss/track.html", {"form": form})
    if limits.too_often("joss-track", limits.caller(request), most=TRIES, seconds=PER_SECONDS):
        return render(request, "joss/track.html", {"form": form, "too_often": True}, status=429)
    if not form.is_valid():
        return render(request, "joss/track.html", {"form": form})
    number, pin = form.cleaned_data["number"], form.cleaned_data["pin"]
    found = _tracked(number, pin)
    if found is None:
        form.add_error(None, _("Number and PIN do not belong together. Check both and try again."))
        return render(request, "joss/track.html", {"form": form})
    return render(request, "joss/tracked.html", _public_view(found, now()))


def _tracked(number: str, pin: str) -> Application | None:
    found = Application.objects.select_related("type", "permit").filter(number=number).first()
    blocked = limits.too_often("joss-pin", number, most=TRIES, seconds=PER_SECONDS)
    fits_ = pins.fits(number, pin, found.pin_hash if found else "")
    return found if fits_ and not blocked else None


def _public_view(application: Application, at: datetime) -> dict[str, Any]:
    lines = parts.history(application)
    return {
        "application": application,
        "title": application.type.title(language()),
        "standing": parts.standing(application),
        "clock": parts.clock_parts(application, at, lines),
        "journey": parts.journey(application, lines, public=True),
        "number": application.number,
    }


def track_url(application: Application) -> str:
    """What the QR code on the receipt leads to."""
    return f"{settings.BASE_URL}{reverse('joss:track')}?nomor={application.number}"
