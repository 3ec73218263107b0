"""The day of the exchange at a glance, and the systems that take part."""

import shutil
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from kartini.exchange import heart, log
from kartini.exchange.models import Delivery, Grant, Subsystem
from kartini.kit import charts
from kartini.people import words
from kartini.people.guards import role_required
from kartini.systems.console import rules
from kartini.systems.console.engine import overview, titles
from kartini.systems.console.views.messages import newest_checkpoint, shown

FRESH_SECONDS = 10
LAST_MESSAGES = 8
MOST_ASKED = 3
LITTLE_ROOM = 2 * 10**9
"""As the alert ``DiskFull`` has it."""
SEALED_WITHIN = timedelta(minutes=1)


@never_cache
@role_required(rules.OFFICER)
def index(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    day, slow = today(now)
    systems = {one.code: one for one in Subsystem.objects.all()}
    facts = {
        "now": now,
        "day": day,
        "p95": slow.get(""),
        "chart": _chart(day),
        "systems": [
            {"day": one, "system": systems[code]}
            for code, one in day.systems.items()
            if code in systems
        ],
        "waiting": _waiting(),
        "asked": _asked(request.user),
        "last": [shown(message) for _place, message in log.search(limit=LAST_MESSAGES)],
        "checkpoint": newest_checkpoint(),
        "stale": heart.is_stale(now),
        "alive_at": heart.alive_at(),
        "room": _little_room(),
        "unsealed": _unsealed(now),
        "unwritten": log.the_log().trouble(),
    }
    return render(request, "console/overview.html", facts)


def _little_room() -> int | None:
    """Bytes that are left where the data lies, when they are few."""
    free = shutil.disk_usage(settings.DATA_DIR).free
    return free if free < LITTLE_ROOM else None


def _unsealed(now: datetime) -> int:
    """How many messages wait for a seal that should have come long ago."""
    store = log.the_log().store
    late = [
        one for one in store.unsealed(1) if now - datetime.fromisoformat(one.at) > SEALED_WITHIN
    ]
    return store.waiting() if late else 0


def _asked(user: Any) -> list[dict[str, Any]]:
    """What was asked for first, and who decides on it."""
    found = Grant.objects.filter(state=Grant.State.ASKED).select_related("asker")
    waiting = list(found.order_by("asked_at")[:MOST_ASKED])
    mine = rules.to_decide(user, waiting)
    return [
        {
            "grant": one,
            "title": titles.of_contract(one.contract),
            "purpose": words.of_purpose(one.purpose),
            "mine": one.pk in mine,
            "owner": ", ".join(map(str, rules.deciders(one.contract))),
        }
        for one in waiting
    ]


def today(now: datetime) -> tuple[overview.Day, dict[str, float]]:
    """Counted at most every ten seconds, however many look."""
    local = timezone.localtime(now)
    found = cache.get(f"console-day-{local.date()}")
    if found is None:
        begin = timezone.make_aware(datetime.combine(local.date(), time.min))
        slow = log.the_log().slowness(begin)
        day = overview.day(
            log.the_log().traffic(begin),
            slow,
            codes=Subsystem.objects.order_by("code").values_list("code", flat=True),
            hours=local.hour + 1,
            zone=timezone.get_current_timezone(),
        )
        found = (day, slow)
        cache.set(f"console-day-{local.date()}", found, FRESH_SECONDS)
    return found  # type: ignore[no-any-return]


def _waiting() -> dict[str, Any]:
    open_ = Delivery.objects.open().aggregate(count=Count("pk"), oldest=Min("fact__stated_at"))
    return {**open_, "dead": Delivery.objects.dead().count()}


def _chart(day: overview.Day) -> str:
    peak = max(day.by_hour, default=0)
    hour = day.by_hour.index(peak) if peak else 0
    return charts.lines(
        title=_("Calls by hour"),
        labels=[f"{hour:02}.00" for hour in range(len(day.by_hour))],
        series=[charts.Series(_("Calls"), day.by_hour)],
        desc=_("Most at %(hour)s: %(calls)s calls.") % {"hour": f"{hour:02}.00", "calls": peak},
        language=get_language() or "id",
    )
