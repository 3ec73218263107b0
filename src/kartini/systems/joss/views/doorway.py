"""Before every page: who is there, which application it is about, and what to say when it moved on."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kartini.kit import answers
from kartini.people.guards import citizen_required, no_access, role_required
from kartini.people.models import User
from kartini.systems.joss import rules
from kartini.systems.joss.models import Application, State

View = Callable[..., HttpResponse]


def language() -> str:
    return get_language() or "id"


def sent(request: HttpRequest) -> Any:
    """What a form sent, even when it sent nothing; ``None`` when the page is only shown."""
    return request.POST if request.method == "POST" else None


def account(request: HttpRequest) -> User:
    """Who is signed in (the guard has seen to it)."""
    return cast(User, request.user)


def _kept_when_signed_out(view: View) -> View:
    """A form that arrives after the session ended is kept on a page, to be sent again after signing in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            return answers.session_expired(request)
        return view(request, *args, **kwargs)

    return guarded


def for_applicants(view: View) -> View:
    """Signed in as a person."""
    return _kept_when_signed_out(citizen_required(view))


def for_staff(view: View) -> View:
    """Signed in with any role at a permit desk."""
    return _kept_when_signed_out(role_required(*rules.STAFF)(view))


def with_file(view: View) -> View:
    """For staff who may open the file with this ``number``; hands it to the view."""

    @wraps(view)
    def opened(request: HttpRequest, number: str, *args: Any, **kwargs: Any) -> HttpResponse:
        application = (
            Application.objects.submitted()
            .select_related("type", "applicant", "person", "officer", "permit__document")
            .filter(number=number)
            .first()
        )
        if application is None:
            raise Http404
        if not rules.may_open(request.user, application):
            return no_access(request, *rules.STAFF)
        return view(request, application, *args, **kwargs)

    return for_staff(opened)


def own_draft(request: HttpRequest, pk: UUID) -> Application | None:
    """The applicant's draft; ``None`` when it was handed in meanwhile. Another's does not exist."""
    draft = Application.objects.select_related("type", "person").filter(
        pk=pk, applicant=account(request)
    )
    found = draft.first()
    if found is None:
        raise Http404
    return found if found.state == State.DRAFT else None


def own_application(request: HttpRequest, number: str) -> Application:
    """The applicant's submitted application. Another's does not exist."""
    found = (
        Application.objects.submitted()
        .select_related("type", "person", "applicant", "permit__document")
        .filter(number=number, applicant=account(request))
        .first()
    )
    if found is None:
        raise Http404
    return found


def moved_on(request: HttpRequest, application: Application, link: str = "") -> HttpResponse:
    """409: the application is no longer where this page thought it was."""
    return answers.conflict(
        request,
        heading=_("This application has moved on"),
        text=_("Somebody was quicker, or it was handed in already. Nothing was changed."),
        link=link or reverse("joss:status", args=[application.number]),
    )
