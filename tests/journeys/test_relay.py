"""Deliveries over NATS JetStream: three real servers on loopback, one of them killed."""

import asyncio
import shutil
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nats
import nats.errors
import pytest
from django.db import connection, transaction
from django.utils import timezone

from kartini.contracts import Event, Purpose
from kartini.exchange import bus, grants, log, outbox, registry, relay, worker
from kartini.exchange.models import Delivery
from tests.journeys.nodes import free_ports, until

NATS = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin")
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(240),
    pytest.mark.skipif(NATS is None, reason="no nats-server on this machine (apt-get install nats-server)"),
]  # fmt: skip
WALKS, STEPS = 40, 10


class Step(Event):
    """A step was made."""

    name = "relay-teller.step.v1"
    ordered_by = "walk"
    walk: str
    number: int


class Cluster:
    """Three servers; each can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ports = free_ports(6)
        self.ports, self.routes = ports[:3], ports[3:]
        self.urls = [f"nats://127.0.0.1:{port}" for port in self.ports]
        self.servers: dict[int, subprocess.Popen[bytes]] = {}
        for number in range(3):
            self.start(number)

    def start(self, number: int) -> None:
        routes = ", ".join(f"nats://127.0.0.1:{port}" for port in self.routes)
        config = self.folder / f"n{number}.conf"
        config.write_text(
            f'server_name: n{number}\nlisten: "127.0.0.1:{self.ports[number]}"\n'
            f'jetstream {{ store_dir: "{self.folder}/n{number}", max_mem: 64MB, max_file: 256MB }}\n'
            f'cluster {{ name: kartini, listen: "127.0.0.1:{self.routes[number]}", routes: [{routes}] }}\n'
        )
        self.servers[number] = subprocess.Popen(
            [str(NATS), "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def kill(self, number: int) -> None:
        self.servers[number].send_signal(signal.SIGKILL)
        self.servers[number].wait()

    def keeper(self) -> tuple[int, int]:
        """Which server leads the stream now, and on how many the stream is kept up to date, by their own word."""

        async def ask() -> tuple[int, int]:
            line = await nats.connect(self.urls, connect_timeout=2)
            try:
                said = (await line.jetstream(timeout=2).stream_info(relay.STREAM)).cluster
            finally:
                await line.close()
            assert said
            assert said.leader
            copies = [one for one in said.replicas or [] if one.current and not one.offline]
            return int(said.leader.removeprefix("n")), 1 + len(copies)

        return asyncio.run(ask())

    def stop(self) -> None:
        for server in self.servers.values():
            if server.poll() is None:
                server.kill()
                server.wait()


def counted() -> str:
    """A column that numbers the rows as they were written: a table by itself keeps no order."""
    if connection.vendor == "postgresql":
        return "bigint GENERATED ALWAYS AS IDENTITY"
    return "INTEGER PRIMARY KEY"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path)
    yield cluster
    cluster.stop()


class Hearer:
    """Writes what it hears into a table that forbids nothing."""

    def __init__(self) -> None:
        self.broken: set[int] = set()

    def hear(self, event: Step) -> None:
        if event.number in self.broken:
            self.broken.discard(event.number)
            raise RuntimeError("once")
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO heard (walk, number) VALUES (%s, %s)", [event.walk, event.number]
            )

    def heard(self) -> list[tuple[str, int]]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT walk, number FROM heard ORDER BY place")
            return [(walk, number) for walk, number in cursor.fetchall()]


@pytest.fixture
def hearer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hearer]:
    hearer = Hearer()
    for name in ("subsystems", "listeners", "answerers", "queries", "needed"):
        monkeypatch.setattr(registry, name, {})
    registry.subsystem("relay-teller", member="diskominfo", title="Teller")
    registry.subsystem("relay-hearer", member="setda", title="Hearer")
    registry.subscribes(Step, id="relay-hearer.step")(hearer.hear)
    registry.needs(Step, asker="relay-hearer", purpose=Purpose.GOVERNANCE, basis="test")
    grants.declare(approve=True, at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE heard (place {counted()}, walk TEXT, number INTEGER)")
    yield hearer
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE heard")
    grants.forget()


@pytest.fixture
def relayed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many deliveries each batch from the servers held."""
    counts: list[int] = []
    plain = outbox.deliver_these

    def counting(wanted: Any, *, at: Any) -> int:
        counts.append(plain(wanted, at=at))
        return counts[-1]

    monkeypatch.setattr(outbox, "deliver_these", counting)
    return counts


@pytest.fixture
def workers(cluster: Cluster, settings: Any) -> Iterator[None]:
    """Two workers, as they would run on two machines."""
    settings.RELAY = cluster.urls
    stop = threading.Event()
    parts = [worker.Part("outbox", worker.relays, stop) for _ in range(2)]
    yield
    stop.set()
    for part in parts:
        part.join(15)


def publish(first: int, last: int) -> None:
    for number in range(first, last):
        with transaction.atomic():
            for walk in range(WALKS):
                bus.publish(Step(walk=f"w{walk}", number=number))


def wait_until_all_are_heard(hearer: Hearer, count: int, seconds: float = 90) -> None:
    until(lambda: not Delivery.objects.open().exists() and len(hearer.heard()) >= count, seconds)


def test_the_server_that_leads_dies_and_nothing_is_lost_nor_applied_twice(
    hearer: Hearer, cluster: Cluster, relayed: list[int], workers: None
) -> None:
    begun = timezone.now()
    hearer.broken = {3}
    publish(0, 3)
    wait_until_all_are_heard(hearer, 3 * WALKS)
    until(lambda: settled(cluster) == 3)
    leader, _copies = cluster.keeper()
    publish(3, 5)
    cluster.kill(leader)
    publish(5, 8)
    wait_until_all_are_heard(hearer, 8 * WALKS)
    until(lambda: settled(cluster) == 2)
    assert cluster.keeper()[0] != leader
    by_relay = sum(relayed)
    publish(8, STEPS)
    wait_until_all_are_heard(hearer, STEPS * WALKS)
    assert sum(relayed) >= by_relay + WALKS  # two of three are a majority: they take it over

    heard = hearer.heard()
    assert not {step for step, times in Counter(heard).items() if times > 1}
    assert {*heard} == {(f"w{walk}", number) for walk in range(WALKS) for number in range(STEPS)}
    for walk in range(WALKS):
        numbers = [number for w, number in heard if w == f"w{walk}"]
        assert numbers == sorted(numbers)
    ours = {"method": "EVENT", "client": "JPR/GOV/setda/relay-hearer"}
    told = log.search(since=begun, limit=10_000, **ours)
    assert len([m for _i, m in told if m.status == 200]) == STEPS * WALKS


def settled(cluster: Cluster) -> int:
    """On how many servers the stream stands; 0 while they agree on who leads."""
    try:
        return cluster.keeper()[1]
    except (nats.errors.Error, AssertionError, OSError):
        return 0


@pytest.mark.parametrize("dead", [2, 3])
def test_without_a_majority_of_servers_workers_deliver_by_themselves(
    hearer: Hearer, cluster: Cluster, relayed: list[int], workers: None, dead: int
) -> None:
    publish(0, 1)
    wait_until_all_are_heard(hearer, WALKS)
    until(lambda: settled(cluster) == 3)
    for number in range(dead):
        cluster.kill(number)
    by_relay = sum(relayed)
    publish(1, 2)
    wait_until_all_are_heard(hearer, 2 * WALKS)
    assert sum(relayed) == by_relay
    assert max(Counter(hearer.heard()).values()) == 1


def test_a_message_that_comes_twice_is_applied_once(hearer: Hearer) -> None:
    publish(0, 1)
    rows = outbox.claim(at=timezone.now(), lease=relay.LEASE)
    assert not outbox.claim(at=timezone.now(), lease=relay.LEASE)
    bodies = [b'{"delivery": %d, "attempt": 0}' % row.pk for row in rows]
    for _ in range(2):
        relay._hand_over([*bodies, b"nonsense", b'{"delivery": 99999999, "attempt": 0}'])
    assert len(hearer.heard()) == WALKS


def test_a_message_of_a_try_that_failed_does_not_try_again_before_its_time(hearer: Hearer) -> None:
    hearer.broken = {0}
    publish(0, 1)
    rows = outbox.claim(at=timezone.now(), lease=relay.LEASE)
    bodies = [b'{"delivery": %d, "attempt": 0}' % row.pk for row in rows]
    for _ in range(2):
        relay._hand_over(bodies)
    assert len(hearer.heard()) == WALKS - 1
    assert Delivery.objects.open().get().attempts == 1
