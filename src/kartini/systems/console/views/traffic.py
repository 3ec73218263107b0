"""Traffic: calls, errors, pace and bytes, by member and service, over days. Counted by the log, never message by message."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from kartini.exchange import log
from kartini.exchange.log.figures import Traffic
from kartini.exchange.log.refusals import Refusal
from kartini.exchange.models import Subsystem
from kartini.kit import charts
from kartini.people import words
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
    title: str = ""
    calls: int = 0
    failed: int = 0
    events: int = 0
    bytes: int = 0
    last_at: datetime | None = None
    pace: tuple[float, float] | None = None
    others: set[str] = field(default_factory=set)

    @property
    def where(self) -> str:
        """Under a contract's name its provider; a client stands with its whole name."""
        return self.name.rpartition("/")[0] if self.title == self.name.rpartition("/")[2] else ""

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
        "charts": _charts(by_day, first, last),
        "clients": clients,
        "services": services,
        "refusals": _refusals(first),
    }
    return render(request, "console/traffic.html", facts)


def _by_client(pairs: list[Traffic], paces: Any) -> list[Sum]:
    found = _sums(pairs, lambda row: row.client, lambda row: row.service, paces)
    called = dict(Subsystem.objects.values_list("code", "title"))
    for one in found:
        one.title = called.get(one.name.rpartition("/")[2], "")
    return found


def _by_service(pairs: list[Traffic], paces: Any) -> list[Sum]:
    found = _sums(pairs, lambda row: row.service, lambda row: row.client, paces)
    for one in found:
        contract = one.name.rpartition("/")[2]
        one.title = words.of_contract(contract) or titles.CHORES.get(contract, contract)
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
    first, last = _period(form.days())
    pairs, _all_days, paces = _figures(first, last)
    name = str(system)
    asks = [row for row in pairs if row.client == name]
    answers = [row for row in pairs if row.service.startswith(f"{name}/")]
    facts = {
        "system": system,
        "form": form,
        "charts": _charts(log.the_log().by_day(first, last, client=name), first, last),
        "asks": _sums(asks, lambda row: row.service, lambda row: row.client, paces[1]),
        "answers": _sums(answers, lambda row: row.client, lambda row: row.service, paces[0]),
    }
    return render(request, "console/system_traffic.html", facts)


def _period(days: int) -> tuple[date, date]:
    today = timezone.localdate()
    return today - timedelta(days=days - 1), today


def _figures(first: date, last: date) -> tuple[list[Traffic], dict[str, Any], tuple[Any, Any]]:
    """Counted at most every ten seconds, however many look."""
    key = f"console-traffic-{first}-{last}"
    found: tuple[list[Traffic], dict[str, Any], tuple[Any, Any]] | None = cache.get(key)
    if found is None:
        the_log = log.the_log()
        paces = the_log.paces("client", first, last), the_log.paces("service", first, last)
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


def _charts(by_day: dict[str, tuple[int, int, int]], first: date, last: date) -> list[Any]:
    """Calls with failures, and bytes; a year is drawn by weeks."""
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    step = 7 if len(every) > 60 else 1
    groups = [every[n : n + step] for n in range(0, len(every), step)]
    labels = [f"{group[0].day}/{group[0].month}" for group in groups]
    empty = (0, 0, 0)
    sums = [
        [sum(by_day.get(day.isoformat(), empty)[place] for day in group) for group in groups]
        for place in range(3)
    ]
    total, failed = sum(sums[0]), sum(sums[1])
    said = ngettext(
        "%(calls)s message, %(failed)s of them refused or failed.",
        "%(calls)s messages, %(failed)s of them refused or failed.",
        total,
    ) % {"calls": total, "failed": failed}
    series = [charts.Series(_("Messages"), sums[0]), charts.Series(_("Refused or failed"), sums[1])]
    kilobytes = [round(size / 1000) for size in sums[2]]
    messages, sizes = _("Messages by day"), _("Kilobytes by day")
    return [
        (messages, charts.lines(title=messages, labels=labels, series=series, desc=said)),
        (sizes, charts.bars(title=sizes, labels=labels, values=kilobytes)),
    ]


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
