"""Archives of the message log: what was moved where, how to check it, and the rule by which it is moved."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from kartini.exchange import log
from kartini.exchange.models import PeriodicRun
from kartini.people.guards import role_required
from kartini.people.rules import DATA_OFFICER
from kartini.systems.console import rules
from kartini.systems.console.forms.pdp import ArchiveForm, KeepingForm
from kartini.systems.console.models import RetentionRule
from kartini.systems.console.services import archives, retention
from kartini.systems.console.views.keeping import rule_page
from kartini.systems.console.views.parts import paged, sheet

Kind = RetentionRule.Kind


@never_cache
@role_required(rules.OFFICER, DATA_OFFICER)
def index(request: HttpRequest) -> HttpResponse:
    found = archives.everything()
    if "csv" in request.GET:
        return _file(found)
    now, today = timezone.now(), timezone.localdate()
    rule, erasing = (retention.rule_for(kind, today) for kind in archives.KINDS)
    run = PeriodicRun.objects.filter(pk=archives.ARCHIVE).first()
    facts = {
        "page": paged(request, found),
        "rule": rule,
        "rules": archives.rules(),
        "run": run,
        "next_at": run.begun_at + timedelta(seconds=archives.ARCHIVE_SECONDS) if run else None,
        "due_before": archives.due_before(rule, now) if rule else None,
        "erasing": erasing,
        "erased_before": archives.due_before(erasing, now) if erasing else None,
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
        _("Erased"),
    ]
    return sheet("arsip-log", head, map(_row, found))


def _row(one: archives.Moved) -> list[object]:
    return [
        _iso(one.first_at),
        _iso(one.last_at),
        one.archive.messages,
        one.archive.first,
        one.name,
        one.archive.digest,
        _iso(one.moved_at),
        one.basis,
        _iso(one.erasure and one.erasure.at),
    ]


def _iso(moment: object) -> str:
    return moment.isoformat() if hasattr(moment, "isoformat") else ""


@never_cache
@role_required(rules.OFFICER, DATA_OFFICER)
def set_rule(request: HttpRequest) -> HttpResponse:
    return rule_page(
        request,
        ArchiveForm,
        title=_("When do messages move into an archive?"),
        lead=_(
            "Whole months that are older move into a file each, within the hour after the rule begins. The tree and its signed roots stay, so every proof holds; citizens still see what concerns them as long as the file is there."
        ),
        back=reverse("console:archives"),
        kind=Kind.MESSAGES,
    )


@never_cache
@role_required(rules.OFFICER, DATA_OFFICER)
def set_erasure(request: HttpRequest) -> HttpResponse:
    return rule_page(
        request,
        KeepingForm,
        title=_("When are archives erased?"),
        lead=_(
            "A file is erased for good, within the hour after the rule begins, when its newest message is older. Which messages it held, its digest and the signed root stay provable in the log; what stood in them is seen by nobody any more, citizens are told so. Copies elsewhere are yours to erase."
        ),
        back=reverse("console:archives"),
        kind=Kind.ARCHIVES,
    )
