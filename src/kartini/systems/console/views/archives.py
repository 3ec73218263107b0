"""Archives of the message log: what was moved where, how to check it, and the rule by which it is moved."""

from datetime import timedelta
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from kartini.exchange import log
from kartini.exchange.models import PeriodicRun
from kartini.people.guards import role_required
from kartini.people.models import User
from kartini.people.rules import DATA_OFFICER
from kartini.systems.console import rules
from kartini.systems.console.forms.pdp import ArchiveForm
from kartini.systems.console.models import RetentionRule
from kartini.systems.console.services import archives, retention
from kartini.systems.console.views.parts import form_page, paged, sheet

KIND = RetentionRule.Kind.MESSAGES


@never_cache
@role_required(rules.OFFICER, DATA_OFFICER)
def index(request: HttpRequest) -> HttpResponse:
    found = archives.everything()
    if "csv" in request.GET:
        return _file(found)
    now = timezone.now()
    rule = retention.rule_for(KIND, timezone.localdate(now))
    run = PeriodicRun.objects.filter(pk=archives.ARCHIVE).first()
    facts = {
        "page": paged(request, found),
        "rule": rule,
        "rules": archives.rules(),
        "run": run,
        "next_at": run.begun_at + timedelta(seconds=archives.ARCHIVE_SECONDS) if run else None,
        "due_before": archives.due_before(rule, now) if rule else None,
        "shelf": log.the_log().shelf.folder,
        "opens_log": rules.runs_the_exchange(request.user),
    }
    return render(request, "console/archives.html", facts)


def _file(found: list[archives.Moved]) -> HttpResponse:
    head = [
        _("From"),
        _("Until"),
        _("Messages"),
        _("Position"),
        _("File"),
        "SHA-256",
        _("Moved"),
        _("Basis"),
    ]
    rows = (
        [
            _iso(one.first_at),
            _iso(one.last_at),
            one.archive.messages,
            one.archive.first,
            one.name,
            one.archive.digest,
            _iso(one.moved_at),
            one.basis,
        ]
        for one in found
    )  # fmt: skip
    return sheet("arsip-log", head, rows)


def _iso(moment: object) -> str:
    return moment.isoformat() if hasattr(moment, "isoformat") else ""


@never_cache
@role_required(rules.OFFICER, DATA_OFFICER)
def set_rule(request: HttpRequest) -> HttpResponse:
    form = ArchiveForm(request.POST or None, initial={"from_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        by = cast("User", request.user)
        try:
            retention.set_rule(kind=KIND, **form.cleaned_data, by=by, at=timezone.now())
        except retention.RuleExists:
            form.add_error("from_on", _("On this day a rule for this data begins already."))
        else:
            messages.success(request, _("The rule is set."))
            return redirect("console:archives")
    return form_page(
        request,
        form,
        title=_("When do messages move into an archive?"),
        lead=_(
            "Whole months that are older move into a file each, within the hour after the rule begins. The tree and its signed roots stay, so every proof holds; citizens still see what concerns them as long as the file is there."
        ),
        back=reverse("console:archives"),
        button=_("Set the rule"),
    )
