"""Staff need a second factor outside the demo; a chosen language stays with the account."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from kartini.people import roles
from kartini.people.models import User

View = Callable[[HttpRequest], HttpResponse]
LANGUAGE = "people_language"
PROVEN = "people_second_factor"
A_YEAR = 365 * 24 * 3600


def second_factor_for_staff(get_response: View) -> View:
    """An account with a role that needs two factors sets up the second one before anything else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        _keep_language(request)
        if _must_set_up(request):
            return redirect("mfa_index")
        return get_response(request)

    return middleware


def remember_language(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """At sign-in: the account's language becomes the browser's."""
    request.session[LANGUAGE] = user.language
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        user.language,
        max_age=A_YEAR,
        samesite="Lax",
        secure=settings.SECURE_HTTPS,
        httponly=True,
    )


def _keep_language(request: HttpRequest) -> None:
    """Whoever chose another language since signing in, chose it for the account."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    known = request.session.get(LANGUAGE)
    if known is None or chosen == known or chosen not in dict(settings.LANGUAGES):
        return
    user: Any = request.user
    User.objects.filter(pk=user.pk).update(language=chosen)
    request.session[LANGUAGE] = chosen


def _must_set_up(request: HttpRequest) -> bool:
    if not settings.SECOND_FACTOR or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    user: Any = request.user
    if request.path.startswith("/akun/2fa/"):
        request.session.pop(PROVEN, None)
    if not user.is_authenticated or request.session.get(PROVEN) == user.pk or _is_way_out(request):
        return False
    if is_mfa_enabled(user):
        request.session[PROVEN] = user.pk
        return False
    return any(_needs_two(role.kind) for role in roles.roles_of(user))


def _needs_two(kind: str) -> bool:
    known = roles.kinds.get(kind)
    return known is None or known.needs_two_factors


def _is_way_out(request: HttpRequest) -> bool:
    """The pages that lead to a second factor, and the way out."""
    return request.path.startswith(("/akun/", "/keluar/", "/masuk/", settings.STATIC_URL))
