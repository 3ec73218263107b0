"""Data saya: who I am here, who looked, and why."""

import csv
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from kartini.kit import formats
from kartini.people import persons, questions, traces, trail, words
from kartini.people.data_forms import QuestionForm, TraceFilterForm
from kartini.people.guards import account_required, citizen_required
from kartini.people.models import DataRequest

A_PAGE = 25
MOST_PAGES = 400
FIELDS = ("key", "kind", "at", "agency", "who", "what", "about", "purpose", "basis")


@never_cache
@citizen_required
def my_data(request: HttpRequest) -> HttpResponse:
    """The person as the house knows them, and who confirmed it."""
    user: Any = request.user
    person = user.person
    return render(
        request,
        "people/my_data.html",
        {"person": person, "own_nik": persons.masked_nik(person)},
    )


@never_cache
@account_required
def my_account(request: HttpRequest) -> HttpResponse:
    """Phone, e-mail, password, second factor, devices, language."""
    user: Any = request.user
    person = user.person if user.person_id else None
    facts = {"person": person, "own_nik": persons.masked_nik(person) if person else ""}
    return render(request, "people/my_account.html", facts)


@never_cache
@citizen_required
def my_trail(request: HttpRequest) -> HttpResponse:
    """Every look and every question about this person, newest first."""
    user: Any = request.user
    form = TraceFilterForm(request.GET)
    number = min(max(_number(request.GET.get("halaman")), 1), MOST_PAGES)
    whose: dict[str, Any] = {"viewer": user, "names": words.agencies()}
    found = traces.about(user.person, wanted=form.wanted(), **whose)
    shown, more = traces.page(found, number, A_PAGE)
    month = traces.Filter(since=timezone.localdate() - timedelta(days=30))
    facts = {
        "form": form,
        "traces": shown,
        "summary": traces.summary(traces.about(user.person, wanted=month, **whose)),
        "number": number,
        "first": (number - 1) * A_PAGE + 1,
        "last": (number - 1) * A_PAGE + len(shown),
        "more": more,
        "query": _query(request),
        "gaps": traces.gaps(user.person),
        "person": user.person,
        "own_nik": persons.masked_nik(user.person),
    }
    return render(request, "people/my_trail.html", facts)


@never_cache
@citizen_required
def my_trail_file(request: HttpRequest) -> HttpResponse:
    """The same as CSV: complete, in the reader's language."""
    user: Any = request.user
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="jejak-data-saya.csv"'
    response.write("\ufeff")
    out = csv.writer(response)
    out.writerow(
        [_("When"), _("Agency"), _("Who"), _("What"), _("About"), _("What for"), _("Basis")]
    )
    wanted = TraceFilterForm(request.GET).wanted()
    for trace in traces.about(user.person, wanted=wanted, viewer=user):
        out.writerow([_harmless(cell) for cell in _row(trace)])
    for gap in traces.gaps(user.person):
        out.writerow(["", "", "", _said(gap), "", "", _harmless(gap.basis)])
    at = timezone.now()
    thing = f"people.person:{user.person_id}"
    trail.did(by=user, verb="people.trail-downloaded", thing=thing, at=at, person=user.person)
    return response


@never_cache
@citizen_required
def my_trail_json(request: HttpRequest) -> HttpResponse:
    """The same for a machine, with the keys by which a line can be asked about."""
    user: Any = request.user
    wanted = TraceFilterForm(request.GET).wanted()
    lines = [
        dict(zip(FIELDS, [trace.key, trace.kind, *_row(trace)], strict=True))
        for trace in traces.about(user.person, wanted=wanted, viewer=user)
    ]
    at = timezone.now()
    missing = [{"said": _said(gap), **asdict(gap)} for gap in traces.gaps(user.person)]
    made_at = timezone.localtime(at).isoformat()
    response = JsonResponse({"made_at": made_at, "lines": lines, "missing": missing})
    response["Content-Disposition"] = 'attachment; filename="jejak-data-saya.json"'
    thing = f"people.person:{user.person_id}"
    trail.did(by=user, verb="people.trail-downloaded", thing=thing, at=at, person=user.person)
    return response


@never_cache
@citizen_required
def ask_why(request: HttpRequest) -> HttpResponse:
    """Ask about one line (``?catatan=``) or about everything."""
    user: Any = request.user
    key = request.GET.get("catatan", "")
    trace = traces.find(user.person, key) if key else None
    if key and trace is None:
        raise Http404
    form = QuestionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        questions.ask(
            person=user.person,
            question=form.cleaned_data["question"],
            trace=trace,
            by=user,
            at=timezone.now(),
        )
        return redirect("my_questions")
    facts = {"form": form, "trace": trace, "own_nik": persons.masked_nik(user.person)}
    return render(request, "people/ask_why.html", facts)


@never_cache
@citizen_required
def my_questions(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    asked = DataRequest.objects.filter(person=user.person).order_by("-asked_at")[:100]
    facts = {"questions": asked, "now": timezone.now(), "own_nik": persons.masked_nik(user.person)}
    return render(request, "people/my_questions.html", facts)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 1


def _query(request: HttpRequest) -> str:
    kept = request.GET.copy()
    kept.pop("halaman", None)
    return kept.urlencode()


def _row(trace: traces.Trace) -> list[str]:
    at = timezone.localtime(trace.at).isoformat(timespec="seconds")
    said = [at, trace.agency_name, trace.who, trace.what, trace.about, trace.purpose, trace.basis]
    return [str(cell) for cell in said]


def _said(gap: traces.Gap) -> str:
    """What is missing, in one sentence."""
    last = formats.long_date(gap.last_at and timezone.localdate(gap.last_at), language=_language())
    if gap.erased:
        return _("Messages until %(last)s were erased by rule and are not in this list.") % {
            "last": last
        }
    first = formats.long_date(
        gap.first_at and timezone.localdate(gap.first_at), language=_language()
    )
    return _("Messages from %(first)s until %(last)s are not at hand and not in this list.") % {
        "first": first,
        "last": last,
    }


def _language() -> str:
    return get_language() or "id"


def _harmless(cell: str) -> str:
    """A spreadsheet runs what begins like a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
