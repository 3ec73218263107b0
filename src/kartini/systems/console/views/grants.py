"""Grants: all of them, one of them, and the decision on one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
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
from kartini.people.guards import no_access, role_required
from kartini.people.models import Organisation, User
from kartini.systems.console import rules
from kartini.systems.console.forms.grants import (
    ApproveForm,
    DecisionForm,
    GrantFilterForm,
    NarrowForm,
    ReasonForm,
    optional_fields,
)
from kartini.systems.console.services import grants, letters
from kartini.systems.console.views.parts import MOST_LINES, named, paged, pdf, query_without, sheet
from kartini.systems.console.views.systems import history

EXPIRING = "expiring"
A_PAGE = 12


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
    link: Any = ""  #: on the grant's page, where the button of the form would promise too much


DECISIONS = (
    Decision(
        "approve",
        "setujui",
        ApproveForm,
        grants.approve,
        gettext_lazy("Approve this grant?"),
        gettext_lazy("From now on the system may ask exactly this, for exactly this purpose."),
        gettext_lazy("Approve"),
        gettext_lazy("Approved. It holds from now on."),
    ),
    Decision(
        "narrow",
        "persempit",
        NarrowForm,
        grants.narrow,
        gettext_lazy("Grant less"),
        gettext_lazy("What is not ticked never leaves the system that answers."),
        gettext_lazy("Grant this much"),
        gettext_lazy("Narrowed. It holds from now on."),
        link=gettext_lazy("Narrow"),
    ),
    Decision(
        "refuse",
        "tolak",
        ReasonForm,
        grants.refuse,
        gettext_lazy("Refuse this grant?"),
        gettext_lazy("The system keeps running, without this answer."),
        gettext_lazy("Refuse"),
        gettext_lazy("Refused. Whoever asked reads your reason."),
        tone="bad",
    ),
    Decision(
        "withdraw",
        "batalkan",
        ReasonForm,
        grants.withdraw,
        gettext_lazy("Withdraw this request?"),
        gettext_lazy("The owner need not decide any more. You can ask again at any time."),
        gettext_lazy("Withdraw"),
        gettext_lazy("Withdrawn."),
        tone="bad",
    ),
    Decision(
        "end",
        "akhiri",
        ReasonForm,
        grants.end,
        gettext_lazy("End this grant?"),
        gettext_lazy("From the next second on nothing passes any more."),
        gettext_lazy("End"),
        gettext_lazy("Ended. Nothing passes any more."),
        tone="bad",
    ),
)


@never_cache
@role_required(rules.OFFICER, rules.OWNER, rules.DEVELOPER)
def index(request: HttpRequest) -> HttpResponse:
    """Those that this account may read; ``?state=`` chooses a state, ``?csv`` gives a file."""
    reach = rules.grants_of(request.user)
    names = dict(Organisation.objects.values_list("code", "name"))
    asking = {*reach.order_by().values_list("asker__member", flat=True).distinct()}
    form = GrantFilterForm(request.GET, members={code: names.get(code, code) for code in asking})
    soon = Q(state__in=Grant.HOLDING, valid_until__lte=_soon(), valid_until__gte=_today())
    chosen, wanted = _filtered(form, reach, soon)
    if "csv" in request.GET:
        return _file(chosen, names)
    tabs = _tabs(reach, soon)
    page = paged(request, chosen, A_PAGE)
    facts = {
        "form": form,
        "page": page,
        "rows": [_row(one) for one in page],
        "tabs": tabs,
        "wanted": wanted,
        "all": sum(number for state, _label, number in tabs if state != EXPIRING),
        "query": query_without(request, "state", "halaman"),
        "may_ask": rules.systems_of(request.user).exists(),
    }
    return render(request, "console/grants.html", facts)


def _tabs(reach: QuerySet[Grant], soon: Q) -> list[tuple[str, Any, int]]:
    """Each state with how many there are."""
    counts = dict(reach.order_by().values_list("state").annotate(number=Count("pk")))
    tabs: list[tuple[str, Any, int]] = [
        (value, label, counts.get(value, 0)) for value, label in Grant.State.choices
    ]
    tabs.insert(3, (EXPIRING, _("Ends soon"), reach.filter(soon).count()))
    return tabs


def _row(grant: Grant) -> dict[str, Any]:
    return {
        "grant": grant,
        "purpose": words.of_purpose(grant.purpose),
        "title": words.of_contract(grant.contract),
        "fields": [title or code for title, code in named(grant.fields)],
    }


def _today() -> Any:
    return timezone.localdate()


def _soon() -> Any:
    return _today() + timedelta(days=rights.SOON_DAYS)


def _filtered(
    form: GrantFilterForm, found: QuerySet[Grant], soon: Q
) -> tuple[QuerySet[Grant], str]:
    form.is_valid()
    said = form.cleaned_data
    wanted = said.get("state", "")
    if wanted in Grant.State.values:
        found = found.filter(state=wanted)
    elif wanted == EXPIRING:
        found = found.filter(soon)
    if text := said.get("q"):
        found = found.filter(
            Q(contract__icontains=text) | Q(asker__title__icontains=text) | Q(basis__icontains=text)
        )
    if said.get("member"):
        found = found.filter(asker__member=said["member"])
    return found.order_by("asker_id", "contract", "-pk"), wanted


def _file(chosen: QuerySet[Grant], names: dict[str, str]) -> HttpResponse:
    head = [
        _("Asker"),
        _("Organisation"),
        _("May ask or hear"),
        _("What for"),
        _("Legal basis"),
        _("Fields"),
        _("Valid until"),
        _("State"),
    ]
    rows = (
        [
            str(one.asker),
            names.get(one.asker.member, one.asker.member),
            one.contract,
            words.of_purpose(one.purpose),
            one.basis,
            ", ".join(one.fields) or "*",
            one.valid_until or "",
            one.get_state_display(),
        ]
        for one in chosen[:MOST_LINES]
    )
    return sheet("izin", head, rows)


def _one(request: HttpRequest, pk: int) -> Grant:
    return get_object_or_404(rules.grants_of(request.user), pk=pk)


@never_cache
@role_required(rules.OFFICER, rules.OWNER, rules.DEVELOPER)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    grant = _one(request, pk)
    possible = rules.verbs(request.user, grant, rights.FLOW.verbs(grant.state))
    over = grant.state in {Grant.State.REFUSED, Grant.State.ENDED} or grant.is_over
    facts = {
        **_words(grant),
        "decisions": [one for one in DECISIONS if one.verb in possible],
        "decides": "approve" in possible,
        "history": history(f"console.grant:{pk}"),
        "may_ask_again": over and rules.develops(request.user, grant.asker),
        "deciders": rules.deciders(grant.contract) if grant.state == Grant.State.ASKED else [],
        "asked_by_me": grant.asked_by == request.user.pk,
        "opens_log": rules.runs_the_exchange(request.user),
    }
    return render(request, "console/grant.html", facts)


@never_cache
@role_required(rules.OFFICER, rules.OWNER, rules.DEVELOPER)
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """The agreement behind the grant, as a PDF for both to sign."""
    grant = _one(request, pk)
    return pdf(f"perjanjian-izin-{pk}", letters.agreement(grant=grant, at=timezone.now()))


@never_cache
@role_required(rules.OFFICER, rules.OWNER, rules.DEVELOPER)
def decide(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """One decision on one grant: a page of its own, so that it also asks back without JavaScript."""
    grant = _one(request, pk)
    decision = next((one for one in DECISIONS if one.slug == slug), None)
    if decision is None:
        raise Http404
    if not rules.verbs(request.user, grant, [decision.verb]):
        return no_access(request, rules.OWNER)
    form = decision.form(request.POST if request.method == "POST" else None, grant=grant)
    if form.is_valid():
        try:
            given = _cleaned(form)
            decision.service(grant=grant, **given, by=cast("User", request.user), at=timezone.now())
        except rights.MoreThanAsked as more:
            form.add_error(FIELD_OF[str(more)], _("This is more than what was asked for."))
        except (MoveRefused, rights.SameEyes):
            return _too_late(request, pk)
        else:
            messages.success(request, str(decision.done))
            return redirect("console:grant", pk)
    return render(
        request, "console/decide.html", {**_words(grant), "form": form, "decision": decision}
    )


FIELD_OF = {"fields": "fields_kept", "per_minute": "per_minute", "valid_until": "valid_until"}


def _too_late(request: HttpRequest, pk: int) -> HttpResponse:
    return conflict(
        request,
        heading=_("Somebody else decided first"),
        text=_("The grant is no longer in the state that you saw."),
        link=reverse("console:grant", args=[pk]),
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
        "fields": named(grant.fields or optional_fields(grant.contract)),
        "asked_fields": named(grant.asked_fields),
        "title": words.of_contract(grant.contract),
        "decided_by": User.objects.filter(pk=grant.decided_by or 0).first(),
        "asked_by": User.objects.filter(pk=grant.asked_by or 0).first(),
        "owner": names.get(owner := rules.member_of(grant.contract), owner),
    }
