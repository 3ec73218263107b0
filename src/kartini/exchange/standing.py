"""How the house stands, as figures: told by the web process, which sees it even when the worker is dead."""

import logging
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, Q
from django.utils import timezone
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from kartini.exchange import attesting, heart, log, outbox, stamping
from kartini.exchange.log import note
from kartini.exchange.models import Delivery, PeriodicRun

AWAY = {502, 503, 504}
LATELY, MOST_FAILED = timedelta(minutes=5), 1000
logger = logging.getLogger(__name__)


class House(Collector):
    """How the house stands, asked when somebody looks. A question that cannot be answered leaves its figure out."""

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing is asked while registering."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = timezone.now()
        for question in (_deliveries, _parts, _work, _log, _calls, _watch, _disk):
            try:
                yield from question(now)
            except Exception:
                logger.exception("%s cannot be told", question.__name__)


Figures = Iterator[GaugeMetricFamily]
Question = Callable[[datetime], Figures]


def _gauge(
    name: str, words: str, values: Mapping[str, float], label: str = ""
) -> GaugeMetricFamily:
    made = GaugeMetricFamily(f"kartini_{name}", words, labels=[label] if label else [])
    for key, value in values.items():
        made.add_metric([key] if label else [], value)
    return made


def _deliveries(now: datetime) -> Figures:
    """Asked every few seconds, of a table that holds a month: each count by an index of its own."""
    day, waiting = now - timedelta(days=1), Delivery.objects.open()
    counts = waiting.aggregate(
        open=Count("pk"),
        failing=Count("pk", filter=Q(attempts__gt=0)),
        oldest=Min("fact__stated_at"),
    )
    oldest, counts["dead"] = counts.pop("oldest"), Delivery.objects.dead().count()
    yield _gauge("deliveries", "Deliveries that are not done", counts, "state")
    waited = (now - oldest).total_seconds() if oldest else 0.0
    yield _gauge("delivery_oldest_seconds", "Age of the oldest open delivery", {"": waited})
    done = Delivery.objects.filter(
        fact__stated_at__gte=day - outbox.GIVE_UP_AFTER, done_at__gte=day
    ).count()
    yield _gauge("deliveries_done_last_day", "Deliveries of the last 24 hours", {"": done})


def _parts(now: datetime) -> Figures:
    ages = {part: (now - at).total_seconds() for part, at in heart.beats().items()}
    yield _gauge("part_age_seconds", "Since a part of the worker was last at work", ages, "part")


def _work(_now: datetime) -> Figures:
    failed = {run.id: float(bool(run.fault)) for run in PeriodicRun.objects.all()}
    yield _gauge("work_failed", "1 if work by the clock failed the last time", failed, "work")


def _log(now: datetime) -> Figures:
    store = log.the_log().store
    newest = store.checkpoint()
    sealed = note.parse(newest) if newest else None
    yield _gauge("log_messages", "Sealed messages", {"": sealed.size if sealed else 0})
    yield _gauge("log_waiting", "Messages that wait for their seal", {"": store.waiting()})
    if sealed:
        age = (now - sealed.moment).total_seconds()
        yield _gauge("log_sealed_age_seconds", "Since the newest seal", {"": age})


def _calls(now: datetime) -> Figures:
    """From the log: on the wire the protocol makes one 500 of everything that went wrong behind us."""
    lately = log.search(failed=True, since=now - LATELY, limit=MOST_FAILED)
    failed = Counter(m.contract for _place, m in lately if m.status in AWAY and m.method != "EVENT")
    yield _gauge("calls_failed", "Calls of five minutes that a service failed", failed, "service")


def _watch(now: datetime) -> Figures:
    watches = attesting.watches()
    ages = {w.name: (now - w.at).total_seconds() for w in watches if w.at}
    never = {w.name: float(w.at is None) for w in watches}
    yield _gauge("witness_age_seconds", "Since a witness last cosigned the log", ages, "witness")
    yield _gauge("witness_never", "1 if a witness never cosigned", never, "witness")
    age = stamping.age(now)
    if age is not None:
        yield _gauge("stamp_age_seconds", "Since the log was last stamped", {"": age})


def _disk(_now: datetime) -> Figures:
    free = shutil.disk_usage(settings.DATA_DIR).free
    yield _gauge("disk_free_bytes", "Room left where the data lies", {"": free})


_watched: list[House] = []


def watch_the_house() -> None:
    """This process tells how the house stands."""
    if not _watched:
        _watched.append(House())
        REGISTRY.register(_watched[0])
