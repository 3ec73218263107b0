"""Services: who answers each, and the switch between this house and another system."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from kartini.exchange import grants, log, published, registry, switch
from kartini.exchange.catalogue import explained
from kartini.exchange.models import Grant, Service
from kartini.people import words
from kartini.people.guards import role_required
from kartini.people.models import Organisation, User
from kartini.systems.console import rules
from kartini.systems.console.engine import misfits
from kartini.systems.console.forms.switches import PrepareForm, ThrowForm
from kartini.systems.console.models import Tryout
from kartini.systems.console.services import bodies, switches
from kartini.systems.console.views.messages import shown
from kartini.systems.console.views.parts import form_page, sheet
from kartini.systems.console.views.systems import history

LOOKED_AT, BROKEN = 20, 500
NOT_PASSED = gettext_lazy(
    "The check of this address was not passed. Say why it is switched on all the same."
)
SWITCHED = gettext_lazy("Switched. From the next second on the other system answers.")


@never_cache
@role_required(rules.OFFICER)
def index(request: HttpRequest) -> HttpResponse:
    names = dict(Organisation.objects.values_list("code", "name"))
    rows: list[dict[str, Any]] = [
        {
            "service": one,
            "member": names.get(one.subsystem.member, one.subsystem.member),
            "title": words.of_contract(one.contract) or one.contract,
            "meaning": _meaning(one.contract),
        }
        for one in Service.objects.select_related("subsystem").order_by("contract")
    ]
    if "csv" in request.GET:
        head = [_("Question"), _("Meaning"), _("Owner of the data"), _("Who answers")]
        lines = [
            [one.pk, row["meaning"], row["member"], one.url or _("This house")]
            for row in rows
            if (one := row["service"])
        ]
        return sheet("layanan", head, lines)
    return render(request, "console/services.html", {"rows": rows})


def _meaning(contract: str) -> str:
    query = published.queries().get(contract)
    return explained.meaning(query)[0] if query else ""


@never_cache
@role_required(rules.OFFICER)
def detail(request: HttpRequest, contract: str) -> HttpResponse:
    service = _service(contract)
    tries = Tryout.objects.filter(contract=contract).select_related("by").order_by("-at")[:10]
    last = switches.last_tryout(service) if service.prepared_url else None
    facts = {
        "service": service,
        "title": words.of_contract(contract) or contract,
        "meaning": _meaning(contract),
        "known": contract in published.queries(),
        "here": contract in registry.answerers,
        "last": last,
        "findings": [_worded(one) for one in last.outcome["findings"]] if last else [],
        "tries": tries,
        "callers": Grant.objects.filter(contract=contract, state__in=Grant.HOLDING).count(),
        "history": history(f"console.service:{contract}"[:120]),
        "is_on": bool(service.url),
        "trouble": _trouble(contract) if service.url else None,
        "bodies": bodies.policy(contract, timezone.localdate()),
    }
    return render(request, "console/service.html", facts)


def _trouble(contract: str) -> dict[str, Any] | None:
    """The newest call, if the other system failed at it: with what to do."""
    newest = log.search(service=grants.snapshot().service(contract), limit=LOOKED_AT)
    calls = [message for _place, message in newest if message.method != "CHECK"]
    return shown(calls[0]) if calls and calls[0].status >= BROKEN else None


def _service(contract: str) -> Service:
    return get_object_or_404(Service.objects.select_related("subsystem"), pk=contract)


def _worded(finding: dict[str, Any]) -> dict[str, Any]:
    """A finding in words; what was found is in ``facts``."""
    facts = finding["facts"]
    faults = [{**one, "fault": misfits.of_field(one)} for one in facts.get("faults", [])]
    why = "" if finding["passed"] else misfits.why(finding["code"], facts)
    said = {
        "answers": _("It answers the example of the contract"),
        "json": _("The answer is a JSON object"),
        "fits": _("The answer has the shape of the contract"),
        "refuses": _("It refuses a question that does not fit (4xx)"),
    }
    return {
        **finding,
        "words": said.get(finding["code"], finding["code"]),
        "why": why,
        "faults": faults,
    }


@never_cache
@role_required(rules.OFFICER)
def prepare(request: HttpRequest, contract: str) -> HttpResponse:
    service = _service(contract)
    now = {"url": service.prepared_url, "milliseconds": service.milliseconds}
    form = PrepareForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        by = cast("User", request.user)
        try:
            switches.prepare(service=service, **form.cleaned_data, by=by, at=timezone.now())
        except switch.NotAnAddress:
            form.add_error(
                "url", _("An address begins with http:// or https:// and holds no password.")
            )
        else:
            messages.success(request, _("Entered. Nothing has changed for callers; now try it."))
            return redirect("console:service", contract)
    return form_page(
        request,
        form,
        title=_("The system that may take over"),
        lead=contract,
        back=reverse("console:service", args=[contract]),
        button=_("Save"),
    )


@never_cache
@role_required(rules.OFFICER)
def try_out(request: HttpRequest, contract: str) -> HttpResponse:
    """Ask it the examples. A page of its own asks first where somebody follows the address."""
    service = _service(contract)
    if request.method != "POST" or not service.prepared_url:
        return redirect("console:service", contract)
    made = switches.try_out(service=service, by=cast("User", request.user), at=timezone.now())
    if made.passed:
        messages.success(request, _("It answers as the contract says."))
    else:
        messages.warning(
            request, _("It does not answer as the contract says. What differs stands below.")
        )
    return redirect("console:service", contract)


@never_cache
@role_required(rules.OFFICER)
def throw(request: HttpRequest, contract: str) -> HttpResponse:
    service = _service(contract)
    form = ThrowForm(request.POST or None)
    back = reverse("console:service", args=[contract])
    if request.method == "POST" and form.is_valid():
        by = cast("User", request.user)
        try:
            switches.throw(service=service, **form.cleaned_data, by=by, at=timezone.now())
        except switches.NotTried:
            form.add_error("reason", NOT_PASSED)
        except switch.NothingPrepared:
            return redirect(back)
        else:
            messages.success(request, SWITCHED)
            return redirect(back)
    return form_page(
        request,
        form,
        title=_("Let the other system answer?"),
        lead=_(
            "%(contract)s is then answered by %(url)s. Callers change nothing, and you can switch back at once."
        )
        % {"contract": contract, "url": service.prepared_url},
        back=back,
        button=_("Switch over"),
    )


@never_cache
@role_required(rules.OFFICER)
def throw_back(request: HttpRequest, contract: str) -> HttpResponse:
    service = _service(contract)
    back = reverse("console:service", args=[contract])
    if request.method == "POST":
        switches.throw_back(service=service, by=cast("User", request.user), at=timezone.now())
        messages.success(request, _("Switched back. From the next second on this house answers."))
        return redirect(back)
    lead = _("The address stays entered, so that it can be switched on again.")
    return form_page(
        request,
        None,
        title=_("Let this house answer again?"),
        lead=lead,
        back=back,
        button=_("Switch back"),
    )
