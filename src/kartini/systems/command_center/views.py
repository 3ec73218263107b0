"""The wall for everyone in the room, the desk for those who decide, the keeper's page."""

import csv
from collections.abc import Callable
from datetime import timedelta
from hashlib import blake2b
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kartini.kit import formats
from kartini.kit.parts import Column
from kartini.people import roles
from kartini.people.guards import no_access, role_required
from kartini.people.models import Organisation, User
from kartini.places import svg
from kartini.systems.command_center import rules
from kartini.systems.command_center.forms import AssignForm, FilterForm, ScreenForm, TargetForm
from kartini.systems.command_center.models import (
    Assignment,
    Case,
    Cases,
    Permit,
    Screen,
    Target,
)
from kartini.systems.command_center.services import decisions, screens, waste
from kartini.systems.command_center.services.board import Board, disagreements, scene_at
from kartini.systems.command_center.services.shown import Tile

A_PAGE = 25
ON_THE_WALL = 8
COOKIE = "dinding"
HEADINGS = {
    "pelayanan": gettext_lazy("Service today"),
    "keputusan": gettext_lazy("Needs a decision now"),
    "terbit": gettext_lazy("Permits issued in 30 days"),
    "sampah": gettext_lazy("Waste banks"),
}


# -- the wall


def _may_see_wall(request: HttpRequest) -> bool:
    if roles.holds(request.user, rules.VIEWER, rules.KEEPER):
        return True
    try:
        screens.admit(token=request.COOKIES.get(COOKIE, ""), on=timezone.localdate())
    except screens.ScreenRefused:
        return False
    return True


@require_safe
@never_cache
def wall(request: HttpRequest) -> HttpResponse:
    """The whole wall; it renews itself by script, and by itself without one."""
    if not _may_see_wall(request):
        return no_access(request, rules.VIEWER)
    return render(request, "command_center/wall.html", _shown(request))


@require_safe
def wall_parts(request: HttpRequest) -> HttpResponse:
    """Only what changes; 304 when nothing did."""
    if not _may_see_wall(request):
        return HttpResponse(status=403)
    page = render_to_string("command_center/_parts.html", _shown(request)).encode()
    tag = f'"{blake2b(page, digest_size=12).hexdigest()}"'
    same = request.headers.get("If-None-Match") == tag
    response = HttpResponse(status=304) if same else HttpResponse(page)
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
@never_cache
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """The screen's link: leaves a cookie for the wall alone, and the token leaves the address bar."""
    today = timezone.localdate()
    try:
        screen = screens.admit(token=token, on=today)
    except screens.ScreenRefused:
        return render(request, "command_center/screen_refused.html", status=403)
    response = redirect("command_center:wall")
    response.set_cookie(
        COOKIE,
        token,
        max_age=((screen.valid_until - today).days + 1) * 86400,
        path=reverse("command_center:wall"),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


def _shown(request: HttpRequest) -> dict[str, Any]:
    board = Board(now())
    scene = scene_at(board.at, list(HEADINGS), request.GET.get("adegan", ""))
    return {
        "board": board,
        "scene": scene,
        "scenes": list(HEADINGS.items()),
        "heading": HEADINGS[scene],
        "map": _map(board, scene),
        "ticker": board.ticker(),
        "tiles": TILES[scene](board) if scene in TILES else [],
        "urgent": board.urgent(ON_THE_WALL) if scene == "keputusan" else [],
        "permits": _permits(board) if scene == "terbit" else [],
        "here": request.GET.get("adegan", "") if request.GET.get("adegan") in HEADINGS else "",
    }


TILES: dict[str, Callable[[Board], list[Tile]]] = {
    "pelayanan": Board.tiles,
    "sampah": Board.waste_tiles,
}


def _map(board: Board, scene: str) -> SafeString:
    if scene == "terbit":
        since = board.at - timedelta(days=30)
        counts, unit = Permit.objects.issued_since(since).of_villages(), _("Permits issued")
    elif scene == "sampah":
        counts, unit = waste.of_villages(board.today), _("Kilograms kept from the landfill")
    elif scene == "keputusan":
        due = Case.objects.with_agencies().filter(due_on__lte=board.soon_until)
        counts, unit = due.of_villages(), _("Late or due soon")
    else:
        counts, unit = Case.objects.open().of_villages(), _("Open applications")
    return svg.map_svg(counts, title=_("Map of the regency"), unit=unit)


def _permits(board: Board) -> list[dict[str, Any]]:
    return [
        {
            "title": permit.title,
            "place": board.place(permit.village_code),
            "when": board.clock(permit.issued_at),
            "in_time": permit.working_days <= permit.promised_days,
            "days": permit.working_days,
        }
        for permit in board.latest_permits(ON_THE_WALL)
        if permit.issued_at
    ]


# -- the desk


@role_required(rules.VIEWER)
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What needs a decision, the first due first."""
    board = Board(now())
    form = FilterForm(request.GET, agencies=board.agencies)
    show, agency = form.chosen("tampil", "urgent"), form.chosen("lembaga", "")
    cases = _filtered(board, show, agency)
    page = Paginator(cases, A_PAGE).get_page(request.GET.get("halaman"))
    return render(
        request,
        "command_center/desk.html",
        {
            "board": board,
            "form": FilterForm({"tampil": show, "lembaga": agency}, agencies=board.agencies),
            "page": page,
            "rows": board.described(list(page.object_list)),
            "columns": _columns(),
            "tiles": board.tiles()[:4],
            "disagreements": list(disagreements(board)),
            "waste": board.waste,
            "query": request.GET.urlencode(),
        },
    )


@role_required(rules.VIEWER)
@require_safe
def desk_csv(request: HttpRequest) -> HttpResponse:
    """The same list for a spreadsheet."""
    board = Board(now())
    form = FilterForm(request.GET, agencies=board.agencies)
    cases = _filtered(board, form.chosen("tampil", "urgent"), form.chosen("lembaga", ""))
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="putusan-{board.today}.csv"'
    out = csv.writer(response)
    head = "nomor izin desa kode_desa giliran tahap janji hari_terlambat penanggung_jawab tenggat"
    out.writerow(head.split())
    for row in board.described(list(cases)):
        case, owner = row.case, row.assignment
        late = max(0, case.days_late(board.today)) if row.tone == "bad" else 0
        hands = (owner.owner.short_name, owner.due_on) if owner else ("", "")
        cells = (case.pk, case.title, row.place, case.village_code, row.agency, case.state)
        out.writerow([formats.harmless(cell) for cell in (*cells, case.due_on, late, *hands)])
    return response


def _filtered(board: Board, show: str, agency: str) -> Cases:
    cases = Case.objects.with_agencies()
    if agency:
        cases = cases.filter(holder=agency)
    by_choice = {
        "urgent": cases.filter(due_on__lte=board.soon_until),
        "late": cases.late(board.today),
        "soon": cases.soon(board.today, board.soon_until),
        "assigned": cases.filter(assignments__number=1),
        "open": Case.objects.open().filter(**({"holder": agency} if agency else {})),
    }
    return by_choice[show].first_due_first()


def _columns() -> list[Column]:
    return [
        Column(_("Application")),
        Column(_("Place"), minor=True),
        Column(_("Whose turn")),
        Column(_("Promised day"), sorted="ascending"),
        Column(_("Owner and deadline")),
    ]


@role_required(rules.VIEWER)
def case(request: HttpRequest, application: str) -> HttpResponse:
    """One case: how it stands, who has it in hand, and the form to put it into somebody's hands."""
    found = get_object_or_404(Case, pk=application)
    board = Board(now())
    owners = rules.owners_for(request.user, found)
    if request.method == "POST" and not owners:
        return no_access(request, rules.VIEWER)
    form = _assign_form(request, found, board, owners)
    late = False
    if form.is_valid():
        if answer := _assign(request, found, form):
            return answer
        late = True
    context = {
        "row": board.described([found])[0],
        "case": found,
        "history": _assigned(found),
        "form": form if owners and not found.closed_at else None,
    }
    return render(request, "command_center/case.html", context, status=409 if late else 200)


def _assigned(found: Case) -> list[Assignment]:
    """Into whose hands it was put, the latest first."""
    return list(found.assignments.select_related("owner", "by").order_by("-number"))


def _assign_form(
    request: HttpRequest, found: Case, board: Board, owners: QuerySet[Organisation]
) -> AssignForm:
    latest = found.assignments.order_by("-number").first()
    proposed = {
        "seen": latest.number if latest else 0,
        "owner": found.holder,
        "due_on": board.soon_until,
    }
    return AssignForm(request.POST or None, owners=owners, today=board.today, initial=proposed)


def _assign(request: HttpRequest, found: Case, form: AssignForm) -> HttpResponse | None:
    try:
        made = decisions.assign(
            case=found, **form.cleaned_data, by=cast(User, request.user), at=now()
        )
    except decisions.AssignedMeanwhile as error:
        form.data = {**request.POST.dict(), "seen": str(error.assignment.number)}
        words = _("%(who)s was quicker: %(owner)s acts. Look at it, then decide again.")
        form.add_error(None, words % {"who": error.assignment.by, "owner": error.assignment.owner})
        return None
    except decisions.CaseClosed:
        form.add_error(None, _("This application was decided meanwhile."))
        return None
    messages.success(request, _("%(owner)s has it in hand and was told.") % {"owner": made.owner})
    return redirect("command_center:case", found.pk)


# -- the keeper's page


@role_required(rules.KEEPER)
def keep(request: HttpRequest) -> HttpResponse:
    """Screens and targets."""
    chosen = request.POST.get("do", "") if request.method == "POST" else ""
    screen_form = ScreenForm(request.POST if chosen == "screen" else None)
    target_form = TargetForm(request.POST if chosen == "target" else None)
    by, at = cast(User, request.user), now()
    if screen_form.is_valid():
        screens.open_screen(**screen_form.cleaned_data, by=by, at=at)
        messages.success(request, _("Open the link once on that screen."))
        return redirect("command_center:keep")
    if target_form.is_valid():
        screens.set_target(**target_form.cleaned_data, by=by, at=at)
        messages.success(request, _("The wall shows the new target."))
        return redirect("command_center:keep")
    opened = Screen.objects.filter(closed_at=None).select_related("made_by").order_by("name", "pk")
    links = [(screen, request.build_absolute_uri(_link(screen))) for screen in opened]
    context = {
        "screens": links,
        "targets": Target.objects.order_by("key"),
        "screen_form": screen_form,
        "target_form": target_form,
    }
    return render(request, "command_center/keep.html", context)


@role_required(rules.KEEPER)
def close(request: HttpRequest, screen: str) -> HttpResponse:
    """Ask first, then shut the wall to this screen."""
    found = get_object_or_404(Screen, pk=screen)
    if request.method != "POST":
        return render(request, "command_center/close.html", {"screen": found})
    screens.close_screen(screen=found, by=cast(User, request.user), at=now())
    messages.success(request, _("%(name)s shows the wall no longer.") % {"name": found.name})
    return redirect("command_center:keep")


def _link(screen: Screen) -> str:
    return reverse("command_center:enter", args=[screens.token(screen)])
