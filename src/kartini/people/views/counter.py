"""The counter: whose NIK is it, and helping people back into their accounts."""

from typing import Any
from uuid import UUID

from allauth.core import ratelimit
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from kartini.people import claims, identity, invitations, persons, rules, sealing, trail
from kartini.people.desk_forms import HelpInForm, SettleForm
from kartini.people.guards import role_required
from kartini.people.models import Claim, Person, User

BASIS = "UU 27/2022 Pasal 20: permintaan Anda di loket"
PURPOSE = "identity-claim"


@never_cache
@role_required(rules.COUNTER)
def claim_list(request: HttpRequest) -> HttpResponse:
    """Open cases, the oldest first; settled ones on request."""
    settled = request.GET.get("saring") == "selesai"
    found = Claim.objects.select_related("user", "settled_by")
    if settled:
        found = found.exclude(state__in=[Claim.State.OPEN, Claim.State.WITHDRAWN])
        found = found.order_by("-settled_at")
    else:
        found = found.filter(state=Claim.State.OPEN).order_by("opened_at")
    page = Paginator(found, 25).get_page(request.GET.get("halaman"))
    return render(request, "people/claims.html", {"page": page, "settled": settled})


@never_cache
@role_required(rules.COUNTER)
def claim(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One case. The officer types what stands on the card; the page never shows the NIK."""
    case = get_object_or_404(Claim.objects.select_related("user", "settled_by"), pk=pk)
    form = SettleForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _settle(request, case, form):
        return redirect("claims")
    holder = claims.holder(case)
    if request.method == "GET":
        _note_look(request.user, case, holder)
    status = 409 if form.has_error("__all__", "conflict") else 200
    facts = {"claim": case, "form": form, "holder": holder}
    return render(request, "people/claim.html", facts, status=status)


def _settle(request: HttpRequest, case: Claim, form: SettleForm) -> bool:
    said: dict[str, Any] = form.cleaned_data
    by: Any = request.user
    try:
        if said["decision"] == SettleForm.REFUSE:
            claims.refuse(claim=case, reason=said["reason"], by=by, at=timezone.now())
            return True
        checked = identity.check(nik=said["nik"], birth_on=said["birth_on"], by=by)
        claims.give(
            claim=case,
            nik=said["nik"],
            name=said["name"],
            birth_on=said["birth_on"],
            checked=checked,
            reason=said["reason"],
            by=by,
            at=timezone.now(),
        )
    except claims.AnotherNik:
        form.add_error("nik", _("This is not the NIK that the account named."))
    except claims.OwnClaim:
        form.add_error(None, _("This is your own account. A colleague must settle it."))
    except claims.ClaimRefused:
        error = ValidationError(_("A colleague settled this case meanwhile."), code="conflict")
        form.add_error(None, error)
    return not form.errors


def _note_look(user: Any, case: Claim, holder: User | None) -> None:
    thing, at = f"people.claim:{case.pk}", timezone.now()
    if holder is not None and holder.person is not None:
        trail.looked(
            by=user,
            person=holder.person,
            thing=thing,
            purpose=PURPOSE,
            basis=BASIS,
            at=at,
            verb="people.claim-seen",
        )
    else:
        trail.did(by=user, verb="people.claim-seen", thing=thing, at=at)


@never_cache
@role_required(rules.COUNTER)
def help_in(request: HttpRequest) -> HttpResponse:
    """Somebody without phone and e-mail stands here with the card: send a link to a new address."""
    form = HelpInForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _help(request, form):
        messages.success(request, _("A link to set a password is on its way."))
        return redirect("help_in")
    return render(request, "people/help_in.html", {"form": form})


def _help(request: HttpRequest, form: HelpInForm) -> bool:
    said, by = form.cleaned_data, request.user
    key = sealing.index(said["nik"])
    if not ratelimit.consume(request, action="help_in", key=key, user=by):
        form.add_error(None, _("Too many attempts for this NIK. Try again in an hour."))
        return False
    user = _account(persons.find_by_nik(said["nik"]), said["birth_on"])
    if user is None:
        form.add_error(None, _("No account belongs to this NIK and birth date."))
        return False
    try:
        invitations.help_in(
            user=user,
            address=said["address"],
            forget_factors=said["forget_factors"],
            by=by,  # type: ignore[arg-type]
            at=timezone.now(),
        )
    except invitations.HasRoles:
        form.add_error(None, _("This is an officer's account. Its administrator mends it."))
    except invitations.AddressTaken:
        form.add_error("address", _("This address belongs to another account."))
    return not form.errors


def _account(person: Person | None, birth_on: Any) -> User | None:
    if person is None or person.birth_on != birth_on:
        return None
    return User.objects.filter(person=person, is_active=True).first()
