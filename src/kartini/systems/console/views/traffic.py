"""Traffic: calls, errors, pace and bytes, by member and service, over days. Counted by the log, never message by message."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from kartini.exchange import log, published
from kartini.exchange.log import figures
from kartini.exchange.log.figures import Traffic
from kartini.exchange.log.refusals import Refusal
from kartini.exchange.models import Service, Subsystem
from kartini.kit import charts
from kartini.people.guards import role_required
from kartini.systems.console import rules
from kartini.systems.console.engine import titles
from kartini.systems.console.forms.log import PeriodForm
from kartini.systems.console.views.parts import sheet

FRESH_SECONDS = 10
MOST_REFUSALS = 5


@dataclass
class Sum:
    """What one client or one service did."""

    name: str
    kind: str = "client"
    title: str = ""
    calls: int = 0
    failed: int = 0
    events: int = 0
    bytes: int = 0
    last_at: datetime | None = None
    pace: tuple[float, float] | None = None
    others: set[str] = field(default_factory=set)

    @property
    def code(self) -> str:
        """The system's code, or the contract's name: where its own page lies."""
        return self.name.rpartition("/")[2]

    @property
    def failed_percent(self) -> float:
        return 100 * self.failed / self.calls if self.calls else 0.0

    def add(self, row: Traffic, other: str) -> None:
        self.bytes += row.bytes
        self.others.add(other)
        newest = datetime.fromisoformat(row.newest)
        self.last_at = max(self.last_at or newest, newest)
        if not row.asks:
            self.events += row.calls
            return
        self.calls += row.calls
        self.failed += row.calls * (row.status >= 400)


class Drawing(NamedTuple):
    """A chart under a short heading; ``key`` is its own on the page."""

    heading: str
    key: str
    chart: Any


@never_cache
@role_required(rules.OFFICER)
def index(request: HttpRequest) -> HttpResponse:
    """All of it, by who asks and by what is asked; ``?csv`` as a file."""
    form = PeriodForm(request.GET)
    days = form.days()
    first, last = _period(days)
    pairs, by_day, paces = _figures(first, last)
    clients, services = _by_client(pairs, paces[0]), _by_service(pairs, paces[1])
    if "csv" in request.GET:
        return _file(services if request.GET["csv"] == "layanan" else clients)
    facts = {
        "form": form,
        "days": days,
        "total": _total(clients),
        "charts": _drawn(_("all systems"), (first, last), by_day, paces[2]),
        "clients": clients,
        "services": services,
        "refusals": _refusals(first),
    }
    return render(request, "console/traffic.html", facts)


def _by_client(pairs: list[Traffic], paces: Any) -> list[Sum]:
    found = _sums(pairs, lambda row: row.client, lambda row: row.service, paces)
    called = dict(Subsystem.objects.values_list("code", "title"))
    for one in found:
        one.title = called.get(one.code, "")
    return found


def _by_service(pairs: list[Traffic], paces: Any) -> list[Sum]:
    found = _sums(pairs, lambda row: row.service, lambda row: row.client, paces)
    for one in found:
        one.kind, one.title = "service", titles.of_contract(one.code) or one.code
    return found


def _refusals(first: date) -> list[tuple[Refusal, date, tuple[Any, Any]]]:
    """The most frequent ones, with their day and their reason in words."""
    return [
        (one, date.fromisoformat(one.day), titles.REFUSALS.get(one.reason, ("", "")))
        for one in log.the_log().refusals.since(first)[:MOST_REFUSALS]
    ]


@never_cache
@role_required(rules.OFFICER)
def of_system(request: HttpRequest, code: str) -> HttpResponse:
    """One system: what it asks and hears, and what it answers."""
    system = get_object_or_404(Subsystem, pk=code)
    form = PeriodForm(request.GET)
    span = _period(form.days())
    pairs, _all_days, paces = _figures(*span)
    name = str(system)
    asks = [row for row in pairs if row.client == name]
    answers = [row for row in pairs if row.service.startswith(f"{name}/")]
    facts = {
        "title": system.title,
        "back": reverse("console:system", args=[system.pk]),
        "form": form,
        "parts": [
            _part(_("What it asks and hears"), span, _by_service(asks, paces[1]), client=name),
            _part(_("What it answers and states"), span, _by_client(answers, paces[0]), below=name),
        ],
    }
    return render(request, "console/traffic_of.html", facts)


@never_cache
@role_required(rules.OFFICER)
def of_service(request: HttpRequest, contract: str) -> HttpResponse:
    """One question or event: who asks it or hears it, how often, how quickly."""
    form = PeriodForm(request.GET)
    span = _period(form.days())
    pairs, _all_days, paces = _figures(*span)
    rows = [row for row in pairs if row.service.rpartition("/")[2] == contract]
    service = Service.objects.filter(pk=contract).first()
    if not rows and service is None and contract not in published.events():
        raise Http404
    name = max(rows, key=lambda row: row.calls).service if rows else contract
    facts = {
        "title": titles.of_contract(contract) or contract,
        "contract": contract,
        "back": reverse("console:service", args=[contract]) if service else "",
        "form": form,
        "parts": [_part(_("Who asks or hears"), span, _by_client(rows, paces[0]), service=name)],
    }
    return render(request, "console/traffic_of.html", facts)


def _part(title: str, span: tuple[date, date], sums: list[Sum], **whose: str) -> dict[str, Any]:
    """A heading with its drawings and its table; nothing is drawn of what did not happen."""
    head = {"client": _("System"), "service": _("Service")}[sums[0].kind] if sums else ""
    drawn = _charts(title, span, **whose) if sums else []
    return {"title": title, "charts": drawn, "sums": sums, "head": head}


def _period(days: int) -> tuple[date, date]:
    today = timezone.localdate()
    return today - timedelta(days=days - 1), today


def _figures(first: date, last: date) -> tuple[list[Traffic], dict[str, Any], tuple[Any, ...]]:
    """Counted at most every ten seconds, however many look."""
    key = f"console-traffic-{first}-{last}"
    found: tuple[list[Traffic], dict[str, Any], tuple[Any, ...]] | None = cache.get(key)
    if found is None:
        the_log = log.the_log()
        paces = (
            the_log.paces("client", first, last),
            the_log.paces("service", first, last),
            the_log.paces_by_day(first, last),
        )
        found = the_log.pairs(first, last), the_log.by_day(first, last), paces
        cache.set(key, found, FRESH_SECONDS)
    return found


def _sums(
    pairs: Iterable[Traffic], key: Any, other: Any, paces: dict[str, tuple[float, float]]
) -> list[Sum]:
    found: dict[str, Sum] = {}
    for row in pairs:
        found.setdefault(key(row), Sum(key(row))).add(row, other(row))
    for name, one in found.items():
        one.pace = paces.get(name)
    return sorted(found.values(), key=lambda one: (-one.calls - one.events, one.name))


def _total(clients: list[Sum]) -> Sum:
    total = Sum("")
    for one in clients:
        total.calls += one.calls
        total.failed += one.failed
        total.events += one.events
        total.bytes += one.bytes
    return total


def _charts(
    about: str, span: tuple[date, date], client: str = "", service: str = "", below: str = ""
) -> list[Drawing]:
    """The drawings of one client, one service, or all that lies ``below`` a system."""
    the_log, first, last = log.the_log(), *span
    by_day = the_log.by_day(first, last, client=client, service=service, below=below)
    paces = the_log.paces_by_day(first, last, client=client, service=service, below=below)
    return _drawn(about, span, by_day, paces)


def _drawn(
    about: str, span: tuple[date, date], by_day: dict[str, Any], paces: dict[str, Any]
) -> list[Drawing]:
    """Messages with failures, how long answers took, and bytes; a year is drawn by weeks."""
    every = [span[0] + timedelta(days=n) for n in range((span[1] - span[0]).days + 1)]
    step = 7 if len(every) > 60 else 1
    groups = [[day.isoformat() for day in every[n : n + step]] for n in range(0, len(every), step)]
    labels = [f"{day.day}/{day.month}" for day in every[::step]]
    calls, failed, sizes = (
        [sum(by_day.get(day, (0, 0, 0))[place] for day in group) for group in groups]
        for place in range(3)
    )
    by = {"by": _("by week") if step > 1 else _("by day")}
    return [
        _messages_drawing(_("Messages %(by)s") % by, about, labels, calls, failed),
        _pace_drawing(_("Answer time in ms, %(by)s") % by, about, labels, groups, paces),
        _size_drawing(_("Kilobytes %(by)s") % by, about, labels, sizes),
    ]


def _messages_drawing(
    heading: str, about: str, labels: list[str], calls: list[int], failed: list[int]
) -> Drawing:
    said = ngettext(
        "%(calls)s message, %(failed)s of them refused or failed.",
        "%(calls)s messages, %(failed)s of them refused or failed.",
        sum(calls),
    ) % {"calls": sum(calls), "failed": sum(failed)}
    series = [charts.Series(_("Messages"), calls), charts.Series(_("Refused or failed"), failed)]
    title = f"{heading}: {about}"
    drawn = charts.lines(title=title, labels=labels, series=series, desc=said, language=_tongue())
    return Drawing(heading, slugify(title), drawn)


def _pace_drawing(
    heading: str, about: str, labels: list[str], groups: list[list[str]], paces: dict[str, Any]
) -> Drawing:
    """A day without a question has no point."""
    merged: list[Counter[int]] = [Counter() for _group in groups]
    for sums, group in zip(merged, groups, strict=True):
        for day in group:
            sums.update(dict(paces.get(day, ())))
    half, most = (
        [round(figures.within(sorted(sums.items()), part), 1) if sums else None for sums in merged]
        for part in (50, 95)
    )
    series = [charts.Series(_("95 of 100 within"), most), charts.Series(_("Half within"), half)]
    title = f"{heading}: {about}"
    drawn = charts.lines(title=title, labels=labels, series=series, language=_tongue())
    return Drawing(heading, slugify(title), drawn)


def _size_drawing(heading: str, about: str, labels: list[str], sizes: list[int]) -> Drawing:
    title, values = f"{heading}: {about}", [-(-size // 1000) for size in sizes]
    drawn = charts.bars(title=title, labels=labels, values=values, language=_tongue())
    return Drawing(heading, slugify(title), drawn)


def _tongue() -> str:
    return get_language() or "id"


def _file(sums: list[Sum]) -> HttpResponse:
    head = [
        _("Name"),
        _("Calls"),
        _("Refused or failed"),
        _("Events"),
        _("Bytes"),
        _("Half within (ms)"),
        _("95 of 100 within (ms)"),
        _("Last seen"),
    ]
    rows = (
        [
            one.name,
            one.calls,
            one.failed,
            one.events,
            one.bytes,
            *(one.pace or ("", "")),
            one.last_at or "",
        ]
        for one in sums
    )
    return sheet("lalu-lintas", head, rows)
