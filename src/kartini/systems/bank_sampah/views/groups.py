"""Schools and other groups: their classes, the ranking, certificates, and the account that holds the book."""

from datetime import timedelta
from pathlib import Path

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from kartini.kit import formats
from kartini.office import documents
from kartini.systems.bank_sampah.forms.counter import HolderForm
from kartini.systems.bank_sampah.models import Depositor, Part
from kartini.systems.bank_sampah.models.figures import ranking
from kartini.systems.bank_sampah.services import depositors
from kartini.systems.bank_sampah.views import files
from kartini.systems.bank_sampah.views.doorway import (
    account,
    for_depositors,
    kilograms,
    sent,
    with_depositor,
)

CERTIFICATE = Path(__file__).parent.parent / "templates/bank_sampah/certificate.typ"
A_YEAR = timedelta(days=365)
BEST = 3


def ranked(group: Depositor) -> list[tuple[Part, int]]:
    """What the classes brought in the last twelve months. Raises 404 for whoever is no group."""
    if group.kind != Depositor.Kind.GROUP:
        raise Http404
    today = localdate()
    return ranking(group, today - A_YEAR, today)


@with_depositor
def classes(request: HttpRequest, one: Depositor) -> HttpResponse:
    """A school's classes by what they brought. Classes, not children."""
    rows = ranked(one)
    if request.method == "POST" and (name := request.POST.get("name", "").strip()[:40]):
        depositors.add_part(group=one, name=name, by=account(request), at=now())
        return redirect("bank_sampah:classes", one.unit.code, one.pk)
    if files.wanted(request):
        return _listed(request, one, rows)
    return render(request, "bank_sampah/classes.html", {"one": one, "unit": one.unit, "rows": rows})


@require_safe
@for_depositors
def own_classes(request: HttpRequest, one: Depositor) -> HttpResponse:
    """The same ranking, for the school itself; to hang it up."""
    rows = ranked(one)
    if files.wanted(request):
        return _listed(request, one, rows)
    return render(request, "bank_sampah/own_classes.html", {"one": one, "rows": rows})


def _listed(request: HttpRequest, one: Depositor, rows: list[tuple[Part, int]]) -> HttpResponse:
    heads = (pgettext("ranking", "Place"), _("Class or group"), _("Kilograms"))
    lines = ((place, part.name, grams / 1000) for place, (part, grams) in enumerate(rows, 1))
    return files.answer(files.wanted(request), f"kelas-{one.passbook}", heads, lines)


@require_safe
@with_depositor
def certificate(request: HttpRequest, one: Depositor, place: int) -> HttpResponse:
    return certified(one, place)


@require_safe
@for_depositors
def own_certificate(request: HttpRequest, one: Depositor, place: int) -> HttpResponse:
    return certified(one, place)


def certified(one: Depositor, place: int) -> HttpResponse:
    """A certificate for one of the three best classes."""
    rows = ranked(one)[:BEST]
    if not 1 <= place <= len(rows):
        raise Http404
    part, grams = rows[place - 1]
    data = {
        "agency": {"name": one.unit.name, "address": one.unit.address},
        "place": place,
        "class": part.name,
        "school": one.name,
        "brought": kilograms(grams),
        "day": formats.long_date(localdate()),
    }
    letter = documents.render(template=CERTIFICATE, data=data, title=_("Certificate"), at=now())
    return files.letter(letter, f"piagam-{place}")


@with_depositor
def entrust(request: HttpRequest, one: Depositor) -> HttpResponse:
    """Which account sees and withdraws for a school, a group or a company."""
    if one.kind == Depositor.Kind.HOUSEHOLD:
        raise Http404
    form = HolderForm(sent(request))
    if form.is_valid():
        holder = form.cleaned_data["account"]
        depositors.entrust(depositor=one, holder=holder, by=account(request), at=now())
        messages.success(request, _("Saved."))
        return redirect("bank_sampah:depositor", one.unit.code, one.pk)
    context = {"one": one, "unit": one.unit, "form": form}
    return render(request, "bank_sampah/entrust.html", context)
