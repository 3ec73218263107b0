"""One system: its credentials, its grants, its health, and what its developer needs for the first call."""

import secrets
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from kartini.exchange import credentials, grants, openapi, published, webhooks
from kartini.exchange.models import Credential, Delivery, Grant, Service, Subsystem, Webhook
from kartini.people import words
from kartini.people.guards import role_required
from kartini.people.models import Organisation, TrailLine, User
from kartini.systems.console import rules
from kartini.systems.console.engine import curl, reasons
from kartini.systems.console.forms.members import EndForm, KeyForm, SecretForm, WebhookForm
from kartini.systems.console.services import members
from kartini.systems.console.views.members import health, last_seen, mine
from kartini.systems.console.views.parts import form_page

SOON = timedelta(days=30)
NO_ADDRESS = gettext_lazy(
    "An address begins with https:// and names a machine; it holds no user and no password."
)
NOT_TAKEN: dict[type[Exception], Any] = {
    credentials.NotAKey: gettext_lazy(
        "This is no Ed25519 public key: 32 bytes in base64 are needed."
    ),
    credentials.KeyEnded: gettext_lazy("This key has ended. Make a new pair of keys."),
}


@never_cache
@role_required(rules.OFFICER, rules.DEVELOPER)
def detail(request: HttpRequest, code: str) -> HttpResponse:
    system = mine(request, code)
    now = timezone.now()
    held = Grant.objects.filter(asker=system).order_by("contract", "-pk")
    facts = {
        "system": system,
        "member": Organisation.objects.filter(pk=system.member).first(),
        **health(system, last_seen()),
        "credentials": [_shown(one, now) for one in system.credentials.order_by("-made_at")],
        "grants": [
            {
                "grant": one,
                "purpose": words.of_purpose(one.purpose),
                "title": words.of_contract(one.contract),
            }
            for one in held
        ],
        "services": [
            {"service": one, "title": words.of_contract(one.pk) or one.pk}
            for one in system.services.order_by("contract")
        ],
        "webhook": _webhook(system),
        "history": history(f"console.system:{system.pk}"),
        "runs": rules.runs_the_exchange(request.user),
    }
    return render(request, "console/system.html", facts)


def _webhook(system: Subsystem) -> dict[str, Any] | None:
    """Where it is told of events, and how that goes."""
    found = Webhook.objects.filter(subsystem=system).first()
    if found is None:
        return None
    told = Delivery.objects.filter(listener=found.listener)
    counts = {"waiting": told.open().count(), "dead": told.dead().count()}
    return {
        "webhook": found,
        "advice": reasons.advice(found.reason) if found.reason else None,
        **counts,
    }


def history(thing: str) -> list[dict[str, Any]]:
    lines = TrailLine.objects.filter(thing=thing).select_related("by").order_by("-at", "-pk")[:50]
    return [
        {"line": line, "words": words.of_deed(line.verb), "note": _note(line)} for line in lines
    ]


def _note(line: TrailLine) -> str:
    """What stands beside a deed; where the house wrote it as a code, in words."""
    if line.verb == "console.answerer-tried":
        return _("Passed") if line.note == "passed" else _("Not passed")
    if line.verb == "console.webhook-asked":
        return gettext(line.note) if line.note else _("It agrees.")
    return line.note


def _shown(one: Credential, now: Any) -> dict[str, Any]:
    ended = one.ends_at is not None and one.ends_at <= now
    soon = not ended and one.ends_at is not None and one.ends_at - now < SOON
    return {"credential": one, "ended": ended, "soon": soon}


# -- credentials


@never_cache
@role_required(rules.OFFICER, rules.DEVELOPER)
def new_secret(request: HttpRequest, code: str) -> HttpResponse:
    """The secret is in the answer to this very form, and nowhere else, ever."""
    system = mine(request, code)
    in_force = system.credentials.filter(kind=Credential.Kind.SECRET).exclude(
        ends_at__lte=timezone.now()
    )
    form = SecretForm(
        request.POST or None, in_force=in_force, initial={"once": secrets.token_hex(4)}
    )
    if request.method == "POST" and form.is_valid():
        return _shown_once(request, system, form)
    return form_page(
        request,
        form,
        title=_("Make a client secret"),
        lead=_("The secret is shown once. Have the developer at hand, or a safe place to put it."),
        back=reverse("console:system", args=[system.pk]),
        button=_("Make the secret"),
    )


def _shown_once(request: HttpRequest, system: Subsystem, form: SecretForm) -> HttpResponse:
    said, by = form.cleaned_data, cast("User", request.user)
    chosen = {"replaces": said.get("replaces"), "once": said["once"]}
    try:
        made, secret = members.new_secret(subsystem=system, **chosen, by=by, at=timezone.now())
    except credentials.AlreadyShown:
        told = _("This secret was shown already and is never shown again. Make another one.")
        messages.warning(request, told)
        return redirect("console:system", system.pk)
    first = _first_call(system, made.pk, secret)
    facts = {"system": system, "made": made, "secret": secret, **first}
    return render(request, "console/secret.html", facts)


@never_cache
@role_required(rules.OFFICER, rules.DEVELOPER)
def new_key(request: HttpRequest, code: str) -> HttpResponse:
    system = mine(request, code)
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            members.new_key(
                subsystem=system,
                public=form.cleaned_data["public"],
                by=cast("User", request.user),
                at=timezone.now(),
            )
        except (credentials.NotAKey, credentials.KeyEnded) as no:
            form.add_error("public", NOT_TAKEN[type(no)])
        else:
            messages.success(request, _("The key is in force beside the others."))
            return redirect("console:system", system.pk)
    return form_page(
        request,
        form,
        title=_("Add a public key"),
        lead=_("For systems that sign each call (RFC 9421) instead of carrying a token."),
        back=reverse("console:system", args=[system.pk]),
        button=_("Add the key"),
    )


@never_cache
@role_required(rules.OFFICER, rules.DEVELOPER)
def end_credential(request: HttpRequest, code: str, credential: str) -> HttpResponse:
    system = mine(request, code)
    held = get_object_or_404(Credential, pk=credential, subsystem=system)
    form = EndForm(request.POST or None, initial={"when": "later"})
    if request.method == "POST" and form.is_valid():
        now = form.cleaned_data["when"] == "now"
        overlap = timedelta() if now else credentials.OVERLAP
        by = cast("User", request.user)
        members.end_credential(credential=held, overlap=overlap, by=by, at=timezone.now())
        messages.success(request, _("It has ended.") if now else _("It ends in 7 days."))
        return redirect("console:system", system.pk)
    return form_page(
        request,
        form,
        title=_("End this credential?"),
        lead=held.pk,
        back=reverse("console:system", args=[system.pk]),
        button=_("End"),
        tone="bad",
    )


# -- where it is told of events


@never_cache
@role_required(rules.OFFICER, rules.DEVELOPER)
def webhook(request: HttpRequest, code: str) -> HttpResponse:
    """Enter or move the address; the signing secret is in the answer."""
    system = mine(request, code)
    held = Webhook.objects.filter(subsystem=system).first()
    form = WebhookForm(request.POST or None, initial={"url": held.url if held else ""})
    if request.method == "POST" and form.is_valid():
        by = cast("User", request.user)
        try:
            made = members.tell_at(
                subsystem=system, url=form.cleaned_data["url"], by=by, at=timezone.now()
            )
        except webhooks.NotAnAddress:
            form.add_error("url", NO_ADDRESS)
        else:
            secret, done = webhooks.secret(made), _("The address was saved")
            facts = {"system": system, "webhook": made, "secret": secret, "done": done}
            return render(request, "console/webhook.html", facts)
    return form_page(
        request,
        form,
        title=_("Where is it told of events?"),
        lead=_(
            "By CloudEvents with the signature of Standard Webhooks. What it may hear, its grants say."
        ),
        back=reverse("console:system", args=[system.pk]),
        button=_("Save the address"),
    )


@never_cache
@role_required(rules.OFFICER, rules.DEVELOPER)
def signing_secret(request: HttpRequest, code: str) -> HttpResponse:
    """Another secret for the receiver, when the old one was lost or became known."""
    system = mine(request, code)
    held = get_object_or_404(Webhook, subsystem=system)
    if request.method == "POST":
        by = cast("User", request.user)
        secret = members.new_signing_secret(webhook=held, by=by, at=timezone.now())
        done = _("The secret was replaced")
        facts = {"system": system, "webhook": held, "secret": secret, "done": done}
        return render(request, "console/webhook.html", facts)
    return form_page(
        request,
        None,
        title=_("Replace the signing secret?"),
        lead=_("Events bear the signatures of both for 7 days, so that none is lost meanwhile."),
        back=reverse("console:system", args=[system.pk]),
        button=_("Replace the secret"),
    )


@never_cache
@role_required(rules.OFFICER, rules.DEVELOPER)
def ask_receiver(request: HttpRequest, code: str) -> HttpResponse:
    """Knock at the receiver now, instead of before its next event; what waits then goes at once."""
    system = mine(request, code)
    held = get_object_or_404(Webhook, subsystem=system)
    if request.method == "POST":
        by = cast("User", request.user)
        why = members.ask_receiver(webhook=held, by=by, at=timezone.now())
        if why:
            advice = reasons.advice(why)
            messages.warning(request, f"{advice.what} {advice.do}")
        elif held.paused_at:
            messages.info(request, _("It agrees, but it rests: press Resume to send what waits."))
        else:
            messages.success(request, _("It agrees. What waits is sent at once."))
    return redirect("console:system", system.pk)


@never_cache
@role_required(rules.OFFICER, rules.DEVELOPER)
def rest(request: HttpRequest, code: str) -> HttpResponse:
    """Let the receiver rest, or wake it again."""
    system = mine(request, code)
    held = get_object_or_404(Webhook, subsystem=system)
    back = reverse("console:system", args=[system.pk])
    if request.method == "POST":
        by = cast("User", request.user)
        members.let_rest(webhook=held, resting=held.paused_at is None, by=by, at=timezone.now())
        return redirect(back)
    title = _("Send it events again?") if held.paused_at else _("Let the receiver rest?")
    lead = _("While it rests, events wait, three days at most.")
    button = _("Resume") if held.paused_at else _("Let it rest")
    return form_page(request, None, title=title, lead=lead, back=back, button=button)


# -- for the developer


@never_cache
@role_required(rules.OFFICER, rules.DEVELOPER)
def developer(request: HttpRequest, code: str) -> HttpResponse:
    """Addresses, files and commands; the secret is not among them."""
    system = mine(request, code)
    now = timezone.now()
    newest = system.credentials.filter(kind=Credential.Kind.SECRET).exclude(ends_at__lte=now)
    made = newest.order_by("-made_at").first()
    facts = {"system": system, "made": made}
    words_ = _first_call(system, made.pk if made else "CLIENT-ID", "RAHASIA-ANDA")
    return render(request, "console/developer.html", facts | words_)


def _first_call(system: Subsystem, client_id: str, secret: str) -> dict[str, Any]:
    """The commands, with one call for each question that the system may ask now, and one for all events."""
    base, view = settings.EXCHANGE_URL.rstrip("/"), grants.snapshot()
    client = view.name(system.pk)
    today = timezone.localdate()
    held = [one for one in Grant.objects.filter(asker=system) if one.holds_on(today)]
    calls = [_call(one, base, client) for one in held if one.contract in published.queries()]
    provider = view.service(calls[0]["contract"]).rpartition("/")[0] if calls else ""
    return {
        "base": base,
        "client": client,
        "provider": provider,
        "token": curl.token(base, client_id, secret),
        "methods": curl.methods(base, client, provider or client),
        "calls": calls,
        "heard": sorted(one.contract for one in held if one.contract in published.events()),
        "events": curl.events(base, client),
        "offered": sorted(published.queries()),
    }


def _call(grant: Grant, base: str, client: str) -> dict[str, Any]:
    """What asks the question of this grant with the example of its contract."""
    example = dict(published.queries()[grant.contract].example)
    service = grants.snapshot().service(grant.contract)
    return {
        "contract": grant.contract,
        "call": curl.call(base, client, service, example, grant.purpose),
        "fields": grant.fields,
    }


def openapi_file(request: HttpRequest, contract: str) -> HttpResponse:
    """The OpenAPI document of one question, for everybody: the published language is public."""
    query = published.queries().get(contract)
    if query is None or not Service.objects.filter(pk=contract).exists():
        raise Http404
    service = grants.snapshot().service(contract)
    base = settings.EXCHANGE_URL.rstrip("/")
    response = JsonResponse(openapi.document(query, service=service, base_url=base))
    response["Content-Disposition"] = f'attachment; filename="{contract}.openapi.json"'
    return response
