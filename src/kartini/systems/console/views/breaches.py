"""The register of breaches, with its clock."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from kartini.kit.answers import conflict
from kartini.kit.parts import ClockPart, Tone
from kartini.people.guards import role_required
from kartini.people.models import User
from kartini.people.rules import DATA_OFFICER
from kartini.systems.console import rules
from kartini.systems.console.forms.pdp import BreachForm, ToldForm
from kartini.systems.console.models import Breach, BreachTold
from kartini.systems.console.services import breaches
from kartini.systems.console.views.parts import form_page, paged, sheet

PRESSING = 0.66
MUST = (BreachTold.Whom.SUBJECTS, BreachTold.Whom.AUTHORITY)


@never_cache
@role_required(rules.OFFICER, DATA_OFFICER)
def index(request: HttpRequest) -> HttpResponse:
    found, now = Breach.objects.prefetch_related("told").order_by("-known_at"), timezone.now()
    if "csv" in request.GET:
        return _file(found)
    page = paged(request, found)
    facts = {"page": page, "rows": [{"breach": one, **clock(one, now)} for one in page]}
    return render(request, "console/breaches.html", facts)


def _file(found: Iterable[Breach]) -> HttpResponse:
    head = [
        _("What happened"),
        _("Known since"),
        _("Due"),
        _("Personal data"),
        _("Persons"),
        _("Who was told"),
        _("Closed"),
    ]
    rows = (
        [
            one.title,
            one.known_at.isoformat(),
            one.due_at.isoformat(),
            one.personal_data,
            "" if one.persons is None else one.persons,
            ", ".join(f"{line.get_whom_display()} {line.told_at:%Y-%m-%d}" for line in one.told.all()),
            one.closed_at.isoformat() if one.closed_at else "",
        ]
        for one in found
    )  # fmt: skip
    return sheet("kegagalan", head, rows)


def clock(breach: Breach, now: datetime) -> dict[str, Any]:
    """How much of the 3×24 hours is used, who was told in time, who was not told yet."""
    told: dict[str, datetime] = {}
    for line in breach.told.all():
        told[line.whom] = min(told.get(line.whom, line.told_at), line.told_at)
    missing = [whom for whom in MUST if whom not in told]
    end = now if missing else max(told[whom] for whom in MUST)
    used = (end - breach.known_at) / (breach.due_at - breach.known_at)
    return {
        "missing": [whom.label for whom in missing],
        "late": end > breach.due_at,
        "percent": round(100 * used),
        "clock": [
            ClockPart(
                who=_("3×24 hours"),
                value=_left(breach, now) if missing else _told(end <= breach.due_at),
                percent=min(100, round(100 * used)),
                tone=_tone(late=end > breach.due_at, pressing=bool(missing) and used > PRESSING),
            )
        ],
    }


def _tone(*, late: bool, pressing: bool) -> Tone:
    if late:
        return "bad"
    return "warn" if pressing else "ok"


def _told(in_time: bool) -> str:
    return _("Told in time") if in_time else _("Told late")


def _next_to_tell(breach: Breach) -> dict[str, Any]:
    told = {line.whom for line in breach.told.all()}
    return {"whom": next((whom for whom in MUST if whom not in told), MUST[0])}


def _left(breach: Breach, now: datetime) -> str:
    """How many hours are left, or by how many it is late."""
    hours = int(abs(breach.due_at - now).total_seconds() // 3600)
    if now > breach.due_at:
        return ngettext("%(n)s hour late", "%(n)s hours late", hours) % {"n": hours}
    return ngettext("%(n)s hour left", "%(n)s hours left", hours) % {"n": hours}


@never_cache
@role_required(rules.OFFICER, DATA_OFFICER)
def enter(request: HttpRequest) -> HttpResponse:
    form = BreachForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        breach = breaches.enter(
            **form.cleaned_data, by=cast("User", request.user), at=timezone.now()
        )
        messages.success(request, _("Entered. The officers for personal data were told."))
        return redirect("console:breach", breach.pk)
    return form_page(
        request,
        form,
        title=_("Enter a breach"),
        lead=_(
            "The persons concerned and the authority are told within 3×24 hours (UU 27/2022 art. 46)."
        ),
        back=reverse("console:breaches"),
        button=_("Enter the breach"),
    )


@never_cache
@role_required(rules.OFFICER, DATA_OFFICER)
def detail(request: HttpRequest, pk: str) -> HttpResponse:
    """One breach; here is written down who was told."""
    breach = get_object_or_404(Breach.objects.prefetch_related("told__entered_by"), pk=pk)
    form = ToldForm(request.POST or None, initial=_next_to_tell(breach))
    if request.method == "POST" and form.is_valid():
        by = cast("User", request.user)
        try:
            breaches.tell(breach=breach, **form.cleaned_data, by=by, at=timezone.now())
        except breaches.Closed:
            return _closed(request, breach)
        messages.success(request, _("Written down."))
        return redirect("console:breach", breach.pk)
    facts = {"breach": breach, "form": form, **clock(breach, timezone.now())}
    return render(request, "console/breach.html", facts)


@never_cache
@role_required(rules.OFFICER, DATA_OFFICER)
def close(request: HttpRequest, pk: str) -> HttpResponse:
    breach = get_object_or_404(Breach, pk=pk)
    back = reverse("console:breach", args=[breach.pk])
    if request.method == "POST":
        try:
            breaches.close(breach=breach, by=cast("User", request.user), at=timezone.now())
        except breaches.NotTold:
            return conflict(
                request,
                heading=_("Not everybody was told"),
                text=_("The persons concerned and the authority must be told first."),
                link=back,
            )
        messages.success(request, _("Closed."))
        return redirect(back)
    lead = _("Afterwards nothing is added any more.")
    return form_page(
        request, None, title=_("Close this breach?"), lead=lead, back=back, button=_("Close")
    )


def _closed(request: HttpRequest, breach: Breach) -> HttpResponse:
    return conflict(
        request,
        heading=_("This breach is closed"),
        text=_("Nothing is added to it any more."),
        link=reverse("console:breach", args=[breach.pk]),
    )
