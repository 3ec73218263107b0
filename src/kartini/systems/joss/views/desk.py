"""The worklist, its file for a spreadsheet, handing files to colleagues, and the surveyor's list."""

import csv
import io
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate, localtime, now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from kartini.kit import formats
from kartini.kit.parts import Chip, Column
from kartini.kit.remembered import remembered
from kartini.people import trail
from kartini.places import names
from kartini.systems.joss import rules
from kartini.systems.joss.forms.officer import AssignForm
from kartini.systems.joss.models import NUMBER, Application, Survey
from kartini.systems.joss.services import days, desk
from kartini.systems.joss.tables import MOST, Worklist
from kartini.systems.joss.views import pieces
from kartini.systems.joss.views.doorway import account, for_staff, language, sent

MOST_EXPORTED = 5000
HEADS = (
    *("nomor", "jenis", "pemohon", "desa", "tahap", "pemegang", "diajukan"),
    *("batas", "janji", "petugas"),
)


@remembered
@for_staff
def worklist(request: HttpRequest) -> HttpResponse:
    """What lies on this officer's desk; every filter is in the address."""
    found = Worklist(account(request), request.GET, localdate(), language())
    page = found.page()
    all_picked = request.GET.get("pilih") == "semua"
    context = {
        "page": page,
        "rows": [pieces.line(row(one, found.today), picked=all_picked) for one in page],
        "tabs": found.tabs(),
        "tab": found.tab,
        "filters": found.filters.form,
        "chips": [Chip(said, without(request, name)) for said, name in found.filters.chips],
        "clear": f"?tampilan={found.tab.key}",
        "columns": _columns(request, found),
        "all_picked": all_picked,
        "capped": page.paginator.is_capped,
        "most": MOST,
        "now": now(),
    }
    return render(request, "joss/worklist.html", context)


def _columns(request: HttpRequest, found: Worklist) -> list[Column]:
    turned = "-sisa" if found.order == "sisa" else "sisa"
    order = {"sisa": "ascending", "-sisa": "descending"}.get(found.order, "")
    return [
        Column(_("Pick")),
        Column(_("Application")),
        Column(_("Applicant")),
        Column(_("Village"), minor=True),
        Column(_("Time left"), url=without(request, "urut", urut=turned), sorted=order),
        Column(_("Stage")),
        Column(_("Officer"), minor=True),
    ]


def without(request: HttpRequest, name: str, **more: str) -> str:
    """The address of this list without one of its filters."""
    query = request.GET.copy()
    for key in (name, "halaman", "pilih"):
        query.pop(key, None)
    for key, value in more.items():
        query[key] = value
    return f"?{query.urlencode()}"


def row(application: Application, today: date) -> pieces.Row:
    """What a line of the list shows."""
    left, tone, used = time_left(application, today)
    place = names.every().get(application.village_code)
    return pieces.Row(
        number=str(application.number),
        title=application.type.title(language()),
        applicant=application.applicant_name,
        village=place.name if place else application.village_code,
        kecamatan=names.label(application.district_code) if application.district_code else "",
        left=left,
        tone=tone,
        used=used,
        state=application.state,
        officer=called(str(application.officer)) if application.officer else "",
    )


def called(name: str) -> str:
    """What colleagues call somebody: ``dr. Ratna Kusumaningrum`` → ``Ratna``."""
    words = [word for word in name.split() if not word.endswith(".")]
    return words[0] if words else name


def time_left(application: Application, today: date) -> tuple[str, str, int]:
    """How long whoever holds it still has: words, tone, and how much of the turn is used in percent."""
    if application.closed_at:
        day = localtime(application.closed_at).date()
        return formats.long_date(day, language=language()), "off", 100
    if application.is_stopped or application.act_by_on is None:
        return _("Stopped"), "off", 100
    left = days.between(today, application.act_by_on)
    if left < 0:
        late = ngettext("%(n)s day late", "%(n)s days late", -left) % {"n": -left}
        return late, "bad", 100
    if left == 0:
        return _("Today"), "warn", 95
    whole = max(1, application.type.rules().stages[application.stage].working_days)
    words = ngettext("%(n)s day left", "%(n)s days left", left) % {"n": left}
    return words, "warn" if left == 1 else "info", max(4, round(100 * (whole - left) / whole))


@for_staff
def export(request: HttpRequest) -> HttpResponse:
    """The same list as a file; that somebody took it out is recorded."""
    found = Worklist(account(request), request.GET, localdate(), language())
    rows = found.rows().select_related("officer").prefetch_related("type").defer("answers")
    listed = list(rows[:MOST_EXPORTED])
    with transaction.atomic():
        note = f"{len(listed)}; {request.GET.urlencode()[:400]}"
        trail.did(
            by=account(request), verb="joss.export", thing="joss.worklist", at=now(), note=note
        )
    out = io.StringIO("\ufeff", newline="")
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out)
    writer.writerow(HEADS)
    writer.writerows([formats.harmless(cell) for cell in _cells(one)] for one in listed)
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="antrean-{localdate():%Y-%m-%d}.csv"'
    return response


def _cells(one: Application) -> list[Any]:
    submitted = localtime(one.submitted_at).date().isoformat() if one.submitted_at else ""
    return [
        one.number,
        one.type.title(language()),
        one.applicant_name,
        names.label(one.village_code),
        one.get_state_display(),
        one.holder,
        submitted,
        one.act_by_on or "",
        one.due_on or "",
        one.officer or "",
    ]


@require_POST
@for_staff
def assign(request: HttpRequest) -> HttpResponse:
    """Hand the picked files to a colleague: first shown for confirmation, then done."""
    user, picked = account(request), _picked(request)
    allowed = [one for one in picked if rules.may_assign(user, one)]
    agencies = {one.holder for one in allowed}
    if len(agencies) != 1:
        messages.warning(request, _("Pick files that lie at your own agency."))
        return redirect("joss:desk")
    colleagues = rules.colleagues(agencies.pop(), localdate())
    form = AssignForm(sent(request) if "officer" in request.POST else None, colleagues=colleagues)
    if form.is_bound and form.is_valid():
        pks: list[UUID] = [one.pk for one in allowed]
        changed = desk.assign(applications=pks, officer=form.chosen, by=user, at=now())
        told = ngettext(
            "%(n)s file is now with %(who)s.", "%(n)s files are now with %(who)s.", len(changed)
        )
        messages.success(request, told % {"n": len(changed), "who": form.chosen})
        return redirect("joss:desk")
    context = {
        "form": form,
        "rows": [row(one, localdate()) for one in allowed],
        "left_out": len(picked) - len(allowed),
    }
    return render(request, "joss/assign.html", context)


def _picked(request: HttpRequest) -> list[Application]:
    """The open files whose boxes were ticked."""
    numbers = [n for n in request.POST.getlist("pilih")[:200] if NUMBER.fullmatch(n)]
    return list(Application.objects.open().prefetch_related("type").filter(number__in=numbers))


@for_staff
def surveys(request: HttpRequest) -> HttpResponse:
    """The visits that lie ahead of this surveyor, for the phone."""
    user = account(request)
    planned = (
        Survey.objects.filter(
            recorded_at=None, cancelled_at=None, organisation__in=rules.desks(user)
        )
        .select_related("application", "surveyor")
        .prefetch_related("application__type")
        .order_by("planned_for")[:200]
    )
    mine = [one for one in planned if one.surveyor_id == user.pk]
    others = [one for one in planned if one.surveyor_id != user.pk]
    groups = [(_("Yours"), _visits(mine)), (_("Your colleagues'"), _visits(others))]
    return render(request, "joss/surveys.html", {"groups": groups, "now": now()})


def _visits(planned: list[Survey]) -> list[dict[str, Any]]:
    return [
        {
            "survey": one,
            "it": one.application,
            "title": one.application.type.title(language()),
            "where": one.application.answers.get("practice_address", ""),
            "village": names.label(one.application.village_code),
        }
        for one in planned
    ]
