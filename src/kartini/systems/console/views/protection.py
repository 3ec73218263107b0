"""Data protection: the record of processing, how long things are kept, what was erased."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from kartini.exchange.models import Grant
from kartini.people import roles
from kartini.people.guards import role_required
from kartini.people.models import DataRequest, Organisation
from kartini.people.rules import DATA_OFFICER
from kartini.systems.console import rules
from kartini.systems.console.forms.pdp import RetentionForm
from kartini.systems.console.models import Breach, Erasure, RetentionRule
from kartini.systems.console.services import letters, retention
from kartini.systems.console.views.keeping import rule_page
from kartini.systems.console.views.parts import paged, pdf


@never_cache
@role_required(rules.OFFICER, DATA_OFFICER)
def index(request: HttpRequest) -> HttpResponse:
    """What the law asks for, and how it stands."""
    now, today = timezone.now(), timezone.localdate()
    held = RetentionRule.objects.select_related("made_by").order_by("kind", "-from_on")
    in_force = retention.in_force(today)
    facts = {
        "rules": [{"rule": one, "now": one in in_force} for one in held],
        "page": paged(request, Erasure.objects.select_related("rule").order_by("-at"), 10),
        "open_breaches": Breach.objects.filter(closed_at=None).count(),
        "grants": Grant.objects.filter(state__in=Grant.HOLDING).count(),
        "open_questions": DataRequest.objects.filter(answered_at=None).count(),
        "late_questions": DataRequest.objects.filter(answered_at=None, due_at__lt=now).count(),
        "answers_questions": roles.holds(request.user, DATA_OFFICER),
        "members": Organisation.objects.filter(active=True).order_by("name"),
    }
    return render(request, "console/protection.html", facts)


@never_cache
@role_required(rules.OFFICER, DATA_OFFICER)
def record(request: HttpRequest) -> HttpResponse:
    """The record of processing as a PDF; ``?anggota=`` for one organisation."""
    code = request.GET.get("anggota", "")[:40]
    if code:
        get_object_or_404(Organisation, pk=code)
    name = f"rekaman-pemrosesan-{code or 'semua'}"
    return pdf(name, letters.record_of_processing(member=code, at=timezone.now()))


@never_cache
@role_required(rules.OFFICER, DATA_OFFICER)
def set_rule(request: HttpRequest) -> HttpResponse:
    return rule_page(
        request,
        RetentionForm,
        title=_("How long is this kept?"),
        lead=_(
            "A rule holds from its day until a later one begins. What is over is erased by itself, and provably."
        ),
        back=reverse("console:protection"),
    )


@never_cache
@role_required(rules.OFFICER, DATA_OFFICER)
def erasure(request: HttpRequest, pk: str) -> HttpResponse:
    """What was erased, by which rule, and whether it can still be proved."""
    found = get_object_or_404(Erasure.objects.select_related("rule"), pk=pk)
    lines = found.lines.splitlines()
    facts = {
        "erasure": found,
        "proves": retention.still_proves(found),
        "lines": lines[:200],
        "more": max(0, len(lines) - 200),
        "opens_log": rules.runs_the_exchange(request.user),
    }
    return render(request, "console/erasure.html", facts)
