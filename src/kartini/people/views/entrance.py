"""The way in: signing in, the demo's accounts, naming oneself, leaving everywhere."""

from typing import Any, cast

from allauth.account.utils import get_next_redirect_url, perform_login
from allauth.account.views import LoginView
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from kartini.people import demo, devices, identity, invitations, roles
from kartini.people.desk_forms import PasswordForm
from kartini.people.forms import IdentityForm
from kartini.people.guards import account_required
from kartini.people.models import Claim, User


class SignIn(LoginView):
    """The sign-in page; in the demonstration it lists who there is."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        if settings.DEMO:
            found["demo_accounts"] = demo_accounts()
            found["demo_password"] = demo.PASSWORD
        return found


sign_in = SignIn.as_view()


def demo_accounts() -> list[dict[str, Any]]:
    """Everybody in the demonstration: citizens first, each with what they are."""
    found = User.objects.filter(is_demo=True, is_active=True)
    found = found.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    order = demo.order()
    accounts = sorted(
        found.prefetch_related("roles__organisation"),
        key=lambda user: (order.get(user.username, 99), user.username),
    )
    return [
        {"user": user, "words": demo.words_for(user.username) or _duties(user)} for user in accounts
    ]


def _duties(user: User) -> str:
    held = [role for role in user.roles.all() if role.holds_on(timezone.localdate())]
    titles = [
        (str(role.title or roles.title_of(role.kind)), role.organisation) for role in held[:2]
    ]
    return ", ".join(f"{title}, {where}" if where else title for title, where in titles)


@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """One tap: sign in as somebody of the demonstration. Outside it, this page does not exist."""
    if not settings.DEMO:
        raise Http404
    user = get_object_or_404(
        User, username=request.POST.get("sebagai", ""), is_demo=True, is_active=True
    )
    logout(request)
    response: HttpResponse = perform_login(
        request, user, redirect_url=_next(request), email_verification="none"
    )
    return response


def _next(request: HttpRequest) -> str | None:
    found: str | None = get_next_redirect_url(request)
    return found


@never_cache
@account_required
def name_yourself(request: HttpRequest) -> HttpResponse:
    """An account without a person (from another log-in, or released) names its NIK."""
    user: Any = request.user
    if user.person_id is not None:
        return redirect("my_data")
    form = IdentityForm(request.POST or None)
    claim = Claim.objects.filter(user=user, state=Claim.State.OPEN).first()
    if request.method == "POST" and form.is_valid() and form.checked is not None:
        claim = identity.take(
            user=user,
            nik=form.cleaned_data["nik"],
            birth_on=form.cleaned_data["birth_on"],
            checked=form.checked,
            at=timezone.now(),
        )
        return redirect("name_yourself" if claim else "my_data")
    return render(request, "people/name_yourself.html", {"form": form, "claim": claim})


class Devices(ListUserSessionsView):
    """Where this account is signed in, in words that a person recognises."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        found["devices"] = [(one, devices.name(one.user_agent)) for one in found["sessions"]]
        return found


@account_required
def device_list(request: HttpRequest) -> HttpResponse:
    return cast("HttpResponse", Devices.as_view()(request))


@require_POST
@account_required
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session of this account, also this one."""
    for session in UserSession.objects.filter(user_id=request.user.pk):
        session.end()
    logout(request)
    return redirect("account_login")


@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The link of an invitation: choose a password, then sign in."""
    now = timezone.now()
    try:
        found = invitations.find(token, at=now)
        form = PasswordForm(request.POST or None, user=found.user)
        if request.method == "POST" and form.is_valid():
            invitations.accept(token=token, password=form.cleaned_data["password"], at=now)
            return render(request, "people/invitation_accepted.html", {"account": found.user})
    except (invitations.InvitationSpent, invitations.AddressTaken):
        return render(request, "people/invitation_spent.html", status=410)
    response = render(request, "people/invitation.html", {"form": form, "account": found.user})
    response["Referrer-Policy"] = "no-referrer"
    return response
