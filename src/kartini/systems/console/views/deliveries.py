"""Events on their way, and dead letters that can be sent again."""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import messages
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from kartini.exchange import grants, log
from kartini.exchange.models import Delivery
from kartini.people.guards import role_required
from kartini.people.models import User
from kartini.systems.console import rules
from kartini.systems.console.engine import reasons, titles
from kartini.systems.console.services import deliveries
from kartini.systems.console.views.messages import shown
from kartini.systems.console.views.parts import MOST_LINES, paged, sheet, system_title

MOST_AT_ONCE, TRIES, SHOWN = 500, 500, 20


@never_cache
@role_required(rules.OFFICER)
def index(request: HttpRequest) -> HttpResponse:
    """Those that wait, or with ``?mati=1`` those that were given up; ``?penerima=`` of one listener."""
    dead, health = "mati" in request.GET, _health()
    only = request.GET.get("penerima", "")[:200].replace("\0", "")
    chosen = Delivery.objects.dead() if dead else Delivery.objects.open()
    if only:
        chosen = chosen.filter(listener=only)
    listed = chosen.select_related("fact", "webhook").order_by("-pk" if dead else "pk")
    if "csv" in request.GET:
        return _file(listed[:MOST_LINES])
    page = paged(request, listed)
    facts = {
        "page": page,
        "rows": [_shown(one) for one in page],
        "dead": dead,
        "only": only,
        "only_title": system_title(only.partition(".")[0]) if only else "",
        "health": health,
        "counts": {name: sum(one[name] for one in health) for name in ("waiting", "dead")},
    }
    return render(request, "console/deliveries.html", facts)


def _health() -> list[dict[str, Any]]:
    """Who lags behind: how much waits for each listener, since when, and how much was given up."""
    waits = Delivery.objects.open().values("listener").order_by()
    counted = waits.annotate(waiting=Count("pk"), oldest=Min("fact__stated_at"))
    late: dict[str, dict[str, Any]] = {one["listener"]: {"dead": 0, **one} for one in counted}
    for listener, dead in (
        Delivery.objects.dead().values_list("listener").order_by().annotate(Count("pk"))
    ):
        late.setdefault(listener, {"listener": listener, "waiting": 0, "oldest": None})["dead"] = (
            dead
        )
    return [
        {**one, "title": system_title(one["listener"].partition(".")[0])}
        for one in sorted(
            late.values(), key=lambda one: (-one["dead"], -one["waiting"], one["listener"])
        )
    ]


def _shown(delivery: Delivery) -> dict[str, Any]:
    """A delivery with its words; ``next_at`` is None while its receiver rests by somebody's order."""
    receiver = delivery.webhook
    rests = receiver is not None and receiver.paused_at is not None
    until = receiver.next_at if receiver is not None else None
    code = delivery.listener.partition(".")[0]
    return {
        "delivery": delivery,
        "title": titles.of_contract(delivery.fact.contract),
        "advice": reasons.advice(delivery.reason) if delivery.reason else None,
        "said": gettext(delivery.reason) if delivery.reason else "",
        "next_at": None if rests else max(filter(None, (delivery.next_at, until))),
        "receiver": code,
        "listener": system_title(code),
    }


def _file(found: Iterable[Delivery]) -> HttpResponse:
    head = [
        _("Event"),
        _("Listener"),
        _("Stated"),
        _("Attempts"),
        _("Next attempt"),
        _("Given up"),
        _("Why"),
    ]
    rows = (
        [
            one.fact.contract,
            one.listener,
            one.fact.stated_at.isoformat(),
            one.attempts,
            "" if one.dead_at else one.next_at.isoformat(),
            one.dead_at.isoformat() if one.dead_at else "",
            one.reason,
        ]
        for one in found
    )  # fmt: skip
    return sheet("pengiriman", head, rows)


@never_cache
@role_required(rules.OFFICER)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One delivery: what happened to it in plain words, and what to do."""
    delivery = get_object_or_404(Delivery.objects.select_related("fact", "webhook"), pk=pk)
    facts = _shown(delivery)
    client = grants.snapshot().name(facts["receiver"])
    tried = [message for _place, message in log.search(request=str(delivery.fact_id), limit=TRIES)]
    facts["tries"] = [shown(message) for message in tried if message.client == client][:SHOWN]
    return render(request, "console/delivery.html", facts)


@require_POST
@role_required(rules.OFFICER)
def replay(request: HttpRequest) -> HttpResponse:
    """Send the ticked dead letters again, or all of one listener. Ticking one twice, or late, harms nothing."""
    ticked = [
        int(pk)
        for pk in request.POST.getlist("pilih")[:MOST_AT_ONCE]
        if pk.isascii() and pk.isdigit() and len(pk) < 19
    ]
    if listener := request.POST.get("semua", "")[:200].replace("\0", ""):
        theirs = Delivery.objects.dead().filter(listener=listener).order_by("pk")
        ticked = [*theirs.values_list("pk", flat=True)[:MOST_AT_ONCE]]
    sent = deliveries.replay(deliveries=ticked, by=cast("User", request.user), at=timezone.now())
    said = ngettext(
        "%(sent)s delivery is on its way again.",
        "%(sent)s deliveries are on their way again.",
        sent,
    )
    if sent:
        messages.success(request, said % {"sent": sent})
        return redirect("console:deliveries")
    messages.warning(request, _("Nothing was sent: tick first what is to be sent again."))
    return redirect(reverse("console:deliveries") + "?mati=1")
