"""The process behind ``deliver.py``."""

import statistics
import threading
import time

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from kartini.contracts import Event, Purpose
from kartini.exchange import bus, grants, outbox, registry, worker
from kartini.exchange.models import Delivery, Fact

FACTS = 2_000
heard: list[float] = []


class Told(Event):
    """Something was told."""

    name = "bench-teller.told.v1"
    ordered_by = "order"
    order: str
    at: float


def main() -> None:
    call_command("migrate", verbosity=0)
    Fact.objects.filter(contract=Told.name).delete()
    registry.subsystem("bench-teller", member="diskominfo", title="bench")
    registry.subsystem("bench-hearer", member="setda", title="bench")
    registry.subscribes(Told, id="bench-hearer.told")(
        lambda told: heard.append(time.time() - told.at)
    )
    registry.needs(Told, asker="bench-hearer", purpose=Purpose.GOVERNANCE, basis="benchmark")
    grants.declare(approve=True, at=timezone.now())
    published = publish([str(number) for number in range(FACTS)])
    print(f"published, one transaction each: {published:,.0f}/s")
    backlog = drain()
    print(f"delivered from a backlog: {backlog:,.0f}/s, ratio {backlog / published:.2f}")
    publish(["one"] * FACTS)
    print(f"delivered from a backlog, all of one order: {drain():,.0f}/s")
    middle, most = when_idle()
    print(f"from commit to handler when idle: median {middle:.0f} ms, most {most:.0f} ms")


def publish(orders: list[str]) -> float:
    begun = time.perf_counter()
    for order in orders:
        with transaction.atomic():
            bus.publish(Told(order=order, at=time.time()))
    return len(orders) / (time.perf_counter() - begun)


def drain() -> float:
    waiting, begun = Delivery.objects.open().count(), time.perf_counter()
    while outbox.deliver(at=timezone.now()):
        pass
    assert not Delivery.objects.open().exists()
    return waiting / (time.perf_counter() - begun)


def when_idle() -> tuple[float, float]:
    """In milliseconds, with the worker's own loop in a thread."""
    stop = threading.Event()
    part = worker.Part("outbox", worker.deliveries, stop)
    time.sleep(1)
    heard.clear()
    for number in range(40):
        publish([f"idle-{number}"])
        time.sleep(0.05)
    time.sleep(1)
    stop.set()
    part.join(5)
    assert len(heard) == 40
    return statistics.median(heard) * 1000, max(heard) * 1000
