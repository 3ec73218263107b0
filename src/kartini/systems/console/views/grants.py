"""Grants: all of them, one of them, and the decision on one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from kartini.exchange import grants as rights
from kartini.exchange.models import Grant
from kartini.kit.answers import conflict
from kartini.kit.flow import MoveRefused
from kartini.people import words
from kartini.people.guards import role_required
from kartini.people.models import Organisation, TrailLine, User
from kartini.systems.console import rules, services
from kartini.systems.console.forms import (
    ApproveForm,
    DecisionForm,
    NarrowForm,
    ReasonForm,
    optional_fields,
)

A_PAGE = 25


@dataclass(frozen=True)
class Decision:
    """A verb as the officer meets it: its address, its form, its words."""

    verb: str
    slug: str
    form: type[DecisionForm]
    service: Callable[..., Grant]
    title: Any
    text: Any
    button: Any
    done: Any
    tone: str = "ok"


DECISIONS = (
    Decision(
        "approve",
        "setujui",
        ApproveForm,
        services.approve,
        gettext_lazy("Approve this grant?"),
        gettext_lazy("From now on the system may ask exactly this, for exactly this purpose."),
        gettext_lazy("Approve"),
        gettext_lazy("Approved. It holds from now on."),
    ),
    Decision(
        "narrow",
        "persempit",
        NarrowForm,
        services.narrow,
        gettext_lazy("Grant less"),
        gettext_lazy("What is not ticked never leaves the system that answers."),
        gettext_lazy("Grant this much"),
        gettext_lazy("Narrowed. It holds from now on."),
    ),
    Decision(
        "refuse",
        "tolak",
        ReasonForm,
        services.refuse,
        gettext_lazy("Refuse this grant?"),
        gettext_lazy("The system keeps running, without this answer."),
        gettext_lazy("Refuse"),
        gettext_lazy("Refused. Whoever asked reads your reason."),
        tone="bad",
    ),
    Decision(
        "end",
        "akhiri",
        ReasonForm,
        services.end,
        gettext_lazy("End this grant?"),
        gettext_lazy("From the next second on nothing passes any more."),
        gettext_lazy("End"),
        gettext_lazy("Ended. Nothing passes any more."),
        tone="bad",
    ),
)


@never_cache
@role_required(rules.OFFICER)
def index(request: HttpRequest) -> HttpResponse:
    """All grants; ``?keadaan=`` chooses a state."""
    counts = dict(
        Grant.objects.order_by()
        .values_list("state")
        .annotate(number=Count("pk"))
        .values_list("state", "number")
    )
    wanted = request.GET.get("keadaan", "")
    chosen = Grant.objects.select_related("asker").order_by("asker_id", "contract", "-pk")
    if wanted in Grant.State.values:
        chosen = chosen.filter(state=wanted)
    tabs = [(value, label, counts.get(value, 0)) for value, label in Grant.State.choices]
    page = Paginator(chosen, A_PAGE).get_page(request.GET.get("halaman"))
    rows = [{"grant": grant, "purpose": words.of_purpose(grant.purpose)} for grant in page]
    facts = {
        "page": page,
        "rows": rows,
        "tabs": tabs,
        "wanted": wanted,
        "all": sum(counts.values()),
    }
    return render(request, "console/grants.html", facts)


@never_cache
@role_required(rules.OFFICER)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    grant = get_object_or_404(Grant.objects.select_related("asker"), pk=pk)
    possible = rights.FLOW.verbs(grant.state)
    facts = {
        **_words(grant),
        "decisions": [one for one in DECISIONS if one.verb in possible],
        "history": TrailLine.objects.filter(thing=f"console.grant:{pk}")
        .select_related("by")
        .order_by("-at"),
    }
    return render(request, "console/grant.html", facts)


@never_cache
@role_required(rules.OFFICER)
def decide(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """One decision on one grant: a page of its own, so that it also asks back without JavaScript."""
    grant = get_object_or_404(Grant.objects.select_related("asker"), pk=pk)
    decision = next((one for one in DECISIONS if one.slug == slug), None)
    if decision is None:
        raise Http404
    form = decision.form(request.POST if request.method == "POST" else None, grant=grant)
    if form.is_valid():
        given = _cleaned(form)
        try:
            decision.service(grant=grant, **given, by=cast("User", request.user), at=timezone.now())
        except MoveRefused:
            return conflict(
                request,
                heading=_("Somebody else decided first"),
                text=_("The grant is no longer in the state that you saw."),
                link=reverse("console:grant", args=[pk]),
            )
        messages.success(request, str(decision.done))
        return redirect("console:grant", pk)
    return render(
        request, "console/decide.html", {**_words(grant), "form": form, "decision": decision}
    )


def _cleaned(form: DecisionForm) -> dict[str, Any]:
    given = dict(form.cleaned_data)
    if isinstance(form, NarrowForm):
        given["fields"] = given.pop("fields_kept", [])
    return given


def _words(grant: Grant) -> dict[str, Any]:
    names = dict(Organisation.objects.values_list("code", "name"))
    return {
        "grant": grant,
        "purpose": words.of_purpose(grant.purpose),
        "member": names.get(grant.asker.member, grant.asker.member),
        "fields": grant.fields or optional_fields(grant.contract),
        "decided_by": User.objects.filter(pk=grant.decided_by or 0).first(),
    }


def public(request: HttpRequest) -> HttpResponse:
    """For everybody: which system may ask what, for what, by which right."""
    names = dict(Organisation.objects.values_list("code", "name"))
    today = timezone.localdate()
    held = Grant.objects.filter(state__in=Grant.HOLDING).select_related("asker")
    rows = [
        {
            "grant": grant,
            "member": names.get(grant.asker.member, grant.asker.member),
            "purpose": words.of_purpose(grant.purpose),
            "what": words.of_service(grant.contract),
        }
        for grant in held.order_by("asker__title", "contract")
        if grant.holds_on(today)
    ]
    return render(request, "console/public.html", {"rows": rows})
