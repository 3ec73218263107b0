"""The holiday calendar: what is known, and what decrees changed."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kartini.office import calendar
from kartini.office.forms import DayForm, YearForm
from kartini.office.models import HolidayOverride
from kartini.office.rules import CALENDAR_KEEPER
from kartini.office.views.signed_in import account
from kartini.people.guards import role_required


@role_required(CALENDAR_KEEPER)
@require_http_methods(["GET", "HEAD", "POST"])
def days(request: HttpRequest) -> HttpResponse:
    """One year, and the form that writes what a decree says."""
    form = DayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        override = calendar.set_day(**form.cleaned_data, by=account(request), at=timezone.now())
        messages.success(request, _("%(name)s is in the calendar.") % {"name": override.name})
        return redirect(f"{request.path}?tahun={override.day_on.year}")
    asked = YearForm(request.GET)
    year = asked.cleaned_data["tahun"] if asked.is_valid() else timezone.localdate().year
    shown = {"form": form, "year": year, "days": calendar.of_year(year)}
    return render(request, "office/calendar.html", shown, status=422 if form.errors else 200)


@role_required(CALENDAR_KEEPER)
@require_http_methods(["GET", "HEAD", "POST"])
def clear(request: HttpRequest, day: date) -> HttpResponse:
    """A confirm page; its button takes the override away."""
    override = get_object_or_404(HolidayOverride, day_on=day)
    if request.method != "POST":
        return render(request, "office/calendar_clear.html", {"override": override})
    calendar.clear_day(day_on=day, by=account(request), at=timezone.now())
    messages.success(request, _("The decree's day is taken out of the calendar."))
    return redirect("office:calendar")
