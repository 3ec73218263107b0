"""The officer for personal data answers what citizens ask about their data."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from kartini.people import persons, questions, rules, traces, trail
from kartini.people.data_forms import AnswerForm
from kartini.people.guards import role_required
from kartini.people.models import DataRequest


@never_cache
@role_required(rules.DATA_OFFICER)
def request_list(request: HttpRequest) -> HttpResponse:
    """Open questions, the one due first on top."""
    answered = request.GET.get("saring") == "dijawab"
    found = DataRequest.objects.select_related("organisation", "answered_by")
    if answered:
        found = found.filter(answered_at__isnull=False).order_by("-answered_at")
    else:
        found = found.filter(answered_at=None).order_by("due_at")
    page = Paginator(found, 25).get_page(request.GET.get("halaman"))
    facts = {"page": page, "answered": answered, "now": timezone.now()}
    return render(request, "people/data_requests.html", facts)


@never_cache
@role_required(rules.DATA_OFFICER)
def data_request(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One question with the line that it is about; looking at it stands on the person's own trail."""
    found = DataRequest.objects.select_related("person", "organisation", "answered_by", "asked_by")
    question = get_object_or_404(found, pk=pk)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _answer(request, question, form):
        return redirect("data_requests")
    if request.method == "GET":
        _note_look(request.user, question)
    facts = {
        "question": question,
        "form": form,
        "trace": traces.find(question.person, question.about) if question.about else None,
        "nik": persons.masked_nik(question.person),
        "now": timezone.now(),
    }
    status = 409 if form.has_error("__all__", "conflict") else 200
    return render(request, "people/data_request.html", facts, status=status)


def _answer(request: HttpRequest, question: DataRequest, form: AnswerForm) -> bool:
    by: Any = request.user
    try:
        questions.answer(
            request=question, words=form.cleaned_data["answer"], by=by, at=timezone.now()
        )
    except questions.AlreadyAnswered:
        error = ValidationError(_("A colleague answered meanwhile."), code="conflict")
        form.add_error(None, error)
    return not form.errors


def _note_look(user: Any, question: DataRequest) -> None:
    trail.looked(
        by=user,
        person=question.person,
        thing=f"people.data-request:{question.pk}",
        purpose="data-request",
        basis=questions.BASIS,
        at=timezone.now(),
        verb="people.data-request-seen",
    )
