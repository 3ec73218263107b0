"""Administrators: accounts, roles, organisations. Every change has a confirmation and a line on the trail."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from kartini.people import (
    accounts,
    appointments,
    invitations,
    organisations,
    phones,
    roles,
    rules,
    trail,
    words,
)
from kartini.people.appointments import ADMINISTRATOR
from kartini.people.desk_forms import NewAccountForm, OrganisationForm, ReasonForm, RoleForm
from kartini.people.guards import no_access, role_required
from kartini.people.models import Organisation, Role, TrailLine, User

A_PAGE = 25
BASIS = "UU 27/2022 Pasal 20: pengelolaan akun layanan publik"


@never_cache
@role_required(ADMINISTRATOR)
def account_list(request: HttpRequest) -> HttpResponse:
    """Officers' accounts by name, role and organisation. A citizen's is found only by the whole number or address."""
    typed = request.GET.get("cari", "").strip()[:100]
    code, kind = request.GET.get("instansi", ""), request.GET.get("peran", "")
    found = _within_reach(request.user, typed)
    if code:
        found = found.filter(roles__organisation=code, roles__ended_at=None)
    if kind:
        found = found.filter(roles__kind=kind, roles__ended_at=None)
    found = (
        found.distinct().order_by("full_name", "username").prefetch_related("roles__organisation")
    )
    facts = {
        "page": Paginator(found, A_PAGE).get_page(request.GET.get("halaman")),
        "words": typed,
        "code": code,
        "kind": kind,
        "organisations": rules.organisations_of(request.user),
        "kinds": [(known.code, known.title) for known in roles.kinds.values()],
        "query": _query(request),
    }
    return render(request, "people/accounts.html", facts)


def _within_reach(user: Any, words: str) -> QuerySet[User]:
    officers = Q(roles__isnull=False) | Q(invitations__isnull=False)
    if not rules.looks_after_all(user):
        officers = Q(roles__organisation__in=rules.organisations_of(user))
    if not words:
        return User.objects.filter(officers)
    named = Q(full_name__icontains=words) | Q(username__icontains=words) | Q(email__iexact=words)
    whole = Q(username=words) | Q(email__iexact=words) | Q(phone=_phone(words), phone_verified=True)
    return User.objects.filter((officers & named) | (whole & ~Q(phone="", email="")))


def _phone(words: str) -> str:
    try:
        return phones.clean(words)
    except phones.NoPhone:
        return "-"


@never_cache
@role_required(ADMINISTRATOR)
def account_new(request: HttpRequest) -> HttpResponse:
    """Make an officer's account and send the link to set a password."""
    form = NewAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = _make(request, form)
        if user is not None:
            messages.success(request, _("The account is made; the link is on its way."))
            return redirect("account_role", pk=user.pk)
    return render(request, "people/account_new.html", {"form": form})


def _make(request: HttpRequest, form: NewAccountForm) -> User | None:
    by: Any = request.user
    said, at = form.cleaned_data, timezone.now()
    try:
        return accounts.make_invited(
            username=said["username"],
            full_name=said["full_name"],
            address=said["address"],
            by=by,
            at=at,
        )
    except invitations.AddressTaken:
        form.add_error("address", _("This address belongs to another account."))
        return None


@never_cache
@role_required(ADMINISTRATOR)
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: its roles now and before, and what was done to it."""
    user = get_object_or_404(User.objects.select_related("person"), pk=pk)
    held = list(
        user.roles.select_related("organisation", "granted_by", "ended_by").order_by(
            "-from_on", "-pk"
        )
    )
    today = timezone.localdate()
    by_thing = {f"people.role:{role.pk}": role for role in held}
    lines = TrailLine.objects.filter(thing__in=[f"people.account:{pk}", *by_thing])
    lines = lines.select_related("by").order_by("-at", "-pk")[:20]
    _note_look(request.user, user)
    facts = {
        "account": user,
        "present": [role for role in held if _is_open(role, today)],
        "past": [role for role in held if not _is_open(role, today)],
        "mine": request.user.pk == pk,
        "may": rules.may_administer(request.user, user),
        "lines": [
            (line, words.of_deed(line.verb), _note(line, by_thing.get(line.thing)))
            for line in lines
        ],
        "invitation": user.invitations.filter(accepted_at=None).order_by("-made_at").first(),
        "now": timezone.now(),
        "today": today,
    }
    return render(request, "people/account.html", facts)


def _note(line: TrailLine, role: Role | None) -> str:
    """What the line says besides; a role by its title and agency, with the reason why it ended."""
    if role is None:
        return line.note
    reason = line.note.partition("; ")[2]
    said = (roles.title_of(role.kind), role.organisation or "", role.place_code, reason)
    return ", ".join(str(part) for part in said if part)


def _note_look(by: Any, user: User) -> None:
    """A citizen reads on the data trail that an administrator opened the account."""
    if user.person is not None and user.pk != by.pk:
        trail.looked(
            by=by,
            person=user.person,
            thing=f"people.account:{user.pk}",
            purpose="account-care",
            basis=BASIS,
            at=timezone.now(),
            verb="people.account-seen",
        )


def _is_open(role: Role, today: Any) -> bool:
    return role.ended_at is None and (role.until_on is None or role.until_on >= today)


@never_cache
@role_required(ADMINISTRATOR)
def account_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a role: fill in, look at it once more, confirm."""
    user = get_object_or_404(User, pk=pk)
    if user.pk == request.user.pk:
        return _refused(request, _("Nobody gives a role to himself. Ask another administrator."))
    form = RoleForm(request.POST or None, by=request.user)
    sure = request.POST.get("yakin") == "1"
    if request.method == "POST" and form.is_valid():
        if sure and _grant(request, user, form):
            messages.success(request, _("The role is given."))
            return redirect("account", pk=pk)
        if not form.errors:
            said = form.cleaned_data
            facts = {
                "account": user,
                "form": form,
                "said": said,
                "kind": roles.title_of(said["kind"]),
            }
            return render(request, "people/account_role_confirm.html", facts)
    return render(request, "people/account_role.html", {"account": user, "form": form})


def _grant(request: HttpRequest, user: User, form: RoleForm) -> bool:
    by: Any = request.user
    said = form.cleaned_data
    try:
        appointments.grant(user=user, by=by, at=timezone.now(), **said)
    except appointments.AppointmentRefused as refused:
        form.add_error(None, ValidationError(_refusal(refused), code="refused"))
    return not form.errors


@never_cache
@role_required(ADMINISTRATOR)
def role_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a role at once, with a reason."""
    role = get_object_or_404(Role.objects.select_related("user", "organisation"), pk=pk)
    if not rules.may_administer_at(request.user, role.organisation_id):
        return no_access(request)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _end(request, role, form):
        messages.success(request, _("The role has ended."))
        return redirect("account", pk=role.user_id)
    facts = {"role": role, "kind": roles.title_of(role.kind), "form": form}
    return render(request, "people/role_end.html", facts)


def _end(request: HttpRequest, role: Role, form: ReasonForm) -> bool:
    by: Any = request.user
    try:
        appointments.end(role=role, by=by, at=timezone.now(), reason=form.cleaned_data["reason"])
    except appointments.AppointmentRefused as refused:
        form.add_error(None, ValidationError(_refusal(refused), code="refused"))
    return not form.errors


def _refusal(refused: appointments.AppointmentRefused) -> str:
    said = {
        appointments.OwnRole: _("Nobody gives or ends a role of his own."),
        appointments.LastAdministrator: _(
            "This is the last account that can administer all others."
        ),
        appointments.UnknownRoleKind: _("No system knows this role."),
    }
    return said.get(type(refused), _("The role cannot be given like this."))


@never_cache
@role_required(ADMINISTRATOR)
def account_verb(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Close, reopen, invite again, forget the second factor: each with a page of its own to confirm."""
    user = get_object_or_404(User.objects.select_related("person"), pk=pk)
    if not rules.may_administer(request.user, user):
        return no_access(request)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _do(request, user, verb, form):
        return redirect("account", pk=pk)
    return render(
        request, "people/account_verb.html", {"account": user, "verb": verb, "form": form}
    )


def _do(request: HttpRequest, user: User, verb: str, form: ReasonForm) -> bool:
    by: Any = request.user
    at, reason = timezone.now(), form.cleaned_data["reason"]
    try:
        if verb == "tutup":
            accounts.close(user=user, by=by, at=at, reason=reason)
        elif verb == "buka":
            accounts.reopen(user=user, by=by, at=at, reason=reason)
        elif verb == "lupakan-faktor":
            invitations.forget_second_factors(user=user, by=by, at=at)
        else:
            address = user.phone or user.email
            invitations.invite(user=user, address=address, by=by, at=at)
    except appointments.LastAdministrator as refused:
        form.add_error(None, ValidationError(_refusal(refused), code="refused"))
    except invitations.AddressTaken:
        form.add_error(None, _("Its address belongs to another account by now."))
    return not form.errors


@never_cache
@role_required(ADMINISTRATOR)
def organisation_list(request: HttpRequest) -> HttpResponse:
    found = rules.organisations_of(request.user)
    if rules.looks_after_all(request.user):
        found = Organisation.objects.order_by("short_name")
    facts = {"organisations": found, "may": rules.looks_after_all(request.user)}
    return render(request, "people/organisations.html", facts)


@never_cache
@role_required(ADMINISTRATOR)
def organisation(request: HttpRequest, code: str = "") -> HttpResponse:
    """Enter or change an organisation: the steward's administrators only."""
    if not rules.looks_after_all(request.user):
        return no_access(request)
    known = get_object_or_404(Organisation, code=code) if code else None
    form = OrganisationForm(request.POST or None, known=known)
    if request.method == "POST" and form.is_valid():
        by: Any = request.user
        said = form.cleaned_data
        organisations.keep(code=code or said["code"], facts=said, by=by, at=timezone.now())
        return redirect("organisations")
    return render(request, "people/organisation.html", {"known": known, "form": form})


def _refused(request: HttpRequest, words: str) -> HttpResponse:
    return render(request, "people/refused.html", {"words": words}, status=409)


def _query(request: HttpRequest) -> str:
    kept = request.GET.copy()
    kept.pop("halaman", None)
    return kept.urlencode()
