"""Guards before views: who may pass, and the page that says kindly why not."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kartini.kit import answers
from kartini.people import roles

View = TypeVar("View", bound=Callable[..., HttpResponse])


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """To the sign-in page; a form that arrives after its session ended is kept on a page and sent again."""
    if request.method == "POST":
        return answers.session_expired(request)
    return redirect_to_login(request.get_full_path())


def account_required(view: View) -> View:
    """Only a signed-in account."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return sign_in_first(request)
        return view(request, *args, **kwargs)

    return cast("View", guarded)


def citizen_required(view: View) -> View:
    """Only a signed-in account that belongs to a person (confirmed, or still to be checked)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user: Any = request.user
        if not user.is_authenticated:
            return sign_in_first(request)
        if user.person_id is None:
            return render(request, "people/no_person.html", status=403)
        return view(request, *args, **kwargs)

    return cast("View", guarded)


def role_required(*codes: str) -> Callable[[View], View]:
    """Only an account that holds one of these roles today. Where it holds them, the view's rule asks."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return sign_in_first(request)
            if not roles.holds(request.user, *codes):
                return no_access(request, *codes)
            return view(request, *args, **kwargs)

        return cast("View", guarded)

    return guard


def no_access(request: HttpRequest, *codes: str) -> HttpResponse:
    """The page "not for your role": for guards, and for views whose own rule says no."""
    wanted = [roles.kinds[code].title for code in codes if code in roles.kinds]
    return render(request, "people/no_access.html", {"wanted": wanted}, status=403)
