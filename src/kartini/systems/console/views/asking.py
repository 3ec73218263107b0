"""Asking for a grant: choose a system and a question, then say what for, by which right, which fields."""

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from kartini.exchange import published
from kartini.exchange.grants import AlreadyOpen
from kartini.exchange.models import Grant, Subsystem
from kartini.people import words
from kartini.people.guards import role_required
from kartini.people.models import User
from kartini.systems.console import rules
from kartini.systems.console.forms.grants import AskForm, ChooseForm
from kartini.systems.console.services import grants
from kartini.systems.console.views.members import mine
from kartini.systems.console.views.parts import form_page


@never_cache
@role_required(rules.OFFICER, rules.DEVELOPER)
def choose(request: HttpRequest) -> HttpResponse:
    """Step one; its answer is an address, so it can be linked to."""
    systems = rules.systems_of(request.user).order_by("title")
    if not systems:
        return render(request, "console/no_systems.html")
    form = ChooseForm(
        request.GET if "layanan" in request.GET else None,
        systems=systems,
        initial=request.GET.dict(),
    )
    if form.is_valid():
        said = form.cleaned_data
        return redirect("console:ask", said["sistem"], said["layanan"])
    return form_page(
        request,
        form,
        title=_("Ask for a grant"),
        lead=_("Which of your systems needs which question or event?"),
        back=reverse("console:grants"),
        button=_("Next"),
        method="get",
    )


@never_cache
@role_required(rules.OFFICER, rules.DEVELOPER)
def ask(request: HttpRequest, code: str, contract: str) -> HttpResponse:
    """Step two; ``?dari=`` fills in what an earlier grant said."""
    system = mine(request, code)
    if contract not in published.queries() and contract not in published.events():
        raise Http404
    form = AskForm(
        request.POST or None, contract=contract, initial=_earlier(request, code, contract)
    )
    if request.method == "POST" and form.is_valid():
        return _asked(request, system, contract, form)
    return form_page(
        request,
        form,
        title=_("Ask for a grant"),
        lead=f"{system.title} → {words.of_contract(contract) or contract} ({contract})",
        back=reverse("console:ask_choose"),
        button=_("Ask the owner"),
        more=reverse("catalogue:contract", args=[contract]),
    )


def _asked(request: HttpRequest, system: Subsystem, contract: str, form: AskForm) -> HttpResponse:
    by, at = cast("User", request.user), timezone.now()
    try:
        grant = grants.ask(asker=system, contract=contract, **form.wanted(), by=by, at=at)
    except AlreadyOpen as open_:
        messages.info(request, _("This was asked for already; here is how it stands."))
        return redirect("console:grant", open_.grant.pk)
    messages.success(
        request, _("Asked. The owner of the data was told; you are told of the decision.")
    )
    return redirect("console:grant", grant.pk)


def _earlier(request: HttpRequest, code: str, contract: str) -> dict[str, object]:
    pk = request.GET.get("dari", "")
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        return {"per_minute": 60}
    grant = Grant.objects.filter(pk=int(pk), asker=code, contract=contract).first()
    if grant is None:
        return {"per_minute": 60}
    return {
        "purpose": grant.purpose,
        "need": grant.need,
        "basis_letter": grant.basis_letter,
        "basis": grant.basis.rpartition(": ")[2][:250],
        "fields_wanted": grant.asked_fields or grant.fields,
        "per_minute": grant.asked_per_minute or grant.per_minute or 60,
    }
