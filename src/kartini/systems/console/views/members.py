"""Members and their systems: listed, entered, changed, suspended."""

from datetime import date, timedelta
from typing import Any, cast

from django.contrib import messages
from django.core.cache import cache
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from kartini.exchange import dispatch, log
from kartini.exchange.models import Subsystem
from kartini.exchange.subsystems import CodeTaken
from kartini.people.guards import role_required
from kartini.people.models import Organisation, User
from kartini.systems.console import rules
from kartini.systems.console.forms.members import (
    MemberFilterForm,
    RegisterForm,
    SuspendForm,
    SystemForm,
)
from kartini.systems.console.services import members
from kartini.systems.console.views.parts import MOST_LINES, form_page, paged, sheet

SEEN_DAYS = 90
FRESH_SECONDS = 10
QUIET_AFTER = timedelta(days=7)


@never_cache
@role_required(rules.OFFICER, rules.DEVELOPER)
def index(request: HttpRequest) -> HttpResponse:
    """Systems by organisation, with when they were last heard of; ``?csv`` as a file."""
    form = MemberFilterForm(request.GET)
    found = _filtered(form, rules.systems_of(request.user))
    names = dict(Organisation.objects.values_list("code", "name"))
    seen = last_seen()
    if "csv" in request.GET:
        return _file(found, names, seen)
    page = paged(request, found)
    facts = {
        "form": form,
        "page": page,
        "rows": [_row(one, names, seen) for one in page],
        "institutions": dispatch.standing(),
        "now": timezone.now(),
        "may_enter": rules.runs_the_exchange(request.user),
    }
    return render(request, "console/members.html", facts)


def _file(found: QuerySet[Subsystem], names: dict[str, str], seen: dict[str, Any]) -> HttpResponse:
    head = [_("Identifier"), _("System"), _("Organisation"), _("Last seen"), _("Whom to call")]
    rows = (
        [
            str(one),
            one.title,
            names.get(one.member, one.member),
            seen.get(str(one), ""),
            one.contact,
        ]
        for one in found[:MOST_LINES]
    )
    return sheet("anggota", head, rows)


def _filtered(form: MemberFilterForm, found: QuerySet[Subsystem]) -> QuerySet[Subsystem]:
    form.is_valid()
    said = form.cleaned_data
    found = found.annotate(
        answers=Count("services", distinct=True), may=Count("grants", distinct=True)
    )
    if words := said.get("q"):
        members_ = Organisation.objects.filter(
            Q(name__icontains=words) | Q(short_name__icontains=words)
        )
        found = found.filter(
            Q(code__icontains=words)
            | Q(title__icontains=words)
            | Q(member__in=members_.values("code"))
        )
    if said.get("kind"):
        found = found.filter(member_class=said["kind"])
    where = {
        "here": Q(built_in=True),
        "outside": Q(built_in=False),
        "suspended": Q(suspended_at__isnull=False),
    }
    return found.filter(where.get(said.get("where", ""), Q())).order_by("member", "code")


def _row(one: Subsystem, names: dict[str, str], seen: dict[str, Any]) -> dict[str, Any]:
    return {"system": one, "member": names.get(one.member, one.member), **health(one, seen)}


def health(one: Subsystem, seen: dict[str, Any]) -> dict[str, Any]:
    """When a system was last heard of, and how that stands: ``lively``, ``quiet`` for a week, ``unseen``."""
    at = seen.get(str(one))
    if at is None:
        return {"seen_at": None, "health": "unseen"}
    return {"seen_at": at, "health": "quiet" if timezone.now() - at > QUIET_AFTER else "lively"}


def last_seen() -> dict[str, Any]:
    """Of all systems; read at most every ten seconds."""
    found: dict[str, Any] | None = cache.get("console-last-seen")
    if found is None:
        found = log.the_log().last_seen(_ago(SEEN_DAYS))
        cache.set("console-last-seen", found, FRESH_SECONDS)
    return found


def _ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


@never_cache
@role_required(rules.OFFICER)
def register(request: HttpRequest) -> HttpResponse:
    """Enter a member's system; then its page, where credentials are made."""
    asked_for = Organisation.objects.filter(pk=request.GET.get("anggota", "")[:40]).first()
    form = RegisterForm(
        request.POST or None, initial={"organisation": asked_for, "new_kind": "COM"}
    )
    if request.method == "POST" and form.is_valid():
        try:
            entered = _entered(form, cast("User", request.user))
        except CodeTaken:
            form.add_error("code", _("Another system has this code."))
        else:
            messages.success(request, _("Entered. Now make its credentials."))
            return redirect("console:system", entered.pk)
    return form_page(
        request,
        form,
        title=_("Enter a member's system"),
        lead=_("An information system outside this house that asks, answers or hears."),
        back=reverse("console:members"),
        button=_("Enter"),
    )


def _entered(form: RegisterForm, by: User) -> Subsystem:
    """Raises ``CodeTaken``."""
    said = form.cleaned_data
    named = {name: said[name] for name in ("organisation", "code", "title", "contact")}
    facts = {} if said["organisation"] else form.facts()
    return members.register(**named, facts=facts, by=by, at=timezone.now())


@never_cache
@role_required(rules.OFFICER)
def member(request: HttpRequest, code: str) -> HttpResponse:
    """One organisation: what it is, its systems, who decides and develops for it."""
    organisation = get_object_or_404(Organisation, pk=code)
    seen = last_seen()
    systems = Subsystem.objects.filter(member=code).order_by("code")
    counted = systems.annotate(
        answers=Count("services", distinct=True), may=Count("grants", distinct=True)
    )
    facts = {
        "organisation": organisation,
        "rows": [_row(one, {code: organisation.name}, seen) for one in counted],
        "owners": rules.holders(rules.OWNER, code),
        "developers": rules.holders(rules.DEVELOPER, code),
    }
    return render(request, "console/member.html", facts)


@never_cache
@role_required(rules.OFFICER, rules.DEVELOPER)
def change(request: HttpRequest, code: str) -> HttpResponse:
    system = mine(request, code)
    form = SystemForm(
        request.POST or None, initial={"title": system.title, "contact": system.contact}
    )
    if request.method == "POST" and form.is_valid():
        by = cast("User", request.user)
        members.change(subsystem=system, **form.cleaned_data, by=by, at=timezone.now())
        messages.success(request, _("Changed."))
        return redirect("console:system", system.pk)
    return form_page(
        request,
        form,
        title=_("Change what is known of %(system)s") % {"system": system.title},
        back=reverse("console:system", args=[system.pk]),
        button=_("Save"),
    )


@never_cache
@role_required(rules.OFFICER)
def suspend(request: HttpRequest, code: str) -> HttpResponse:
    """Shut out a system at once, or let it in again."""
    system = get_object_or_404(Subsystem, pk=code, built_in=False)
    back = reverse("console:system", args=[system.pk])
    if system.suspended_at:
        return _resume(request, system, back)
    form = SuspendForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        by = cast("User", request.user)
        members.suspend(subsystem=system, **form.cleaned_data, by=by, at=timezone.now())
        messages.success(request, _("Suspended. From the next second on it is shut out."))
        return redirect(back)
    lead = _(
        "It proves nothing, asks nothing and hears nothing until you let it in again. Events wait for it."
    )
    return form_page(
        request,
        form,
        title=_("Suspend this system?"),
        lead=lead,
        back=back,
        button=_("Suspend"),
        tone="bad",
    )


def _resume(request: HttpRequest, system: Subsystem, back: str) -> HttpResponse:
    if request.method == "POST":
        members.resume(subsystem=system, by=cast("User", request.user), at=timezone.now())
        messages.success(request, _("It is let in again."))
        return redirect(back)
    lead = _("Its credentials and grants are in force again from the next second on.")
    return form_page(
        request, None, title=_("Let it in again?"), lead=lead, back=back, button=_("Let in")
    )


def mine(request: HttpRequest, code: str) -> Subsystem:
    """The system, if this account looks after it."""
    system = rules.systems_of(request.user).filter(pk=code).first()
    if system is None:
        raise Http404
    return system
