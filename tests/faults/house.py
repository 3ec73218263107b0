"""The processes of a house that is going to be killed: python -m tests.faults.house ROLE

Web, edge and worker are the real ones, looked after by the real supervisor; the web process has two addresses
more. Two systems exist only here. What the listener hears it writes into a table that forbids nothing, so
that a fact that was lost or applied twice can be seen.
"""

import sys
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import close_old_connections, connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from kartini.contracts import Contract, Event, Purpose, Query  # noqa: E402
from kartini.exchange import bus, credentials, grants, registry, worker  # noqa: E402
from kartini.exchange.models import Subsystem  # noqa: E402
from kartini.kit import logs  # noqa: E402
from kartini.kit.processes import die_with_parent  # noqa: E402
from kartini.site import serve  # noqa: E402
from kartini.site.wsgi import application  # noqa: E402

OUTSIDER, CONTRACT = "faults-outside", "pengumuman.latest.v1"


class Step(Event):
    """A step was made."""

    name = "faults-teller.step.v1"
    ordered_by = "walk"
    walk: str
    number: int


class Answer(Contract):
    doubled: int


class Double(Query[Answer]):
    """How much is twice this?"""

    name = "faults-teller.double.v1"
    number: int


def furnish() -> None:
    registry.subsystem("faults-teller", member="diskominfo", title="Teller")
    registry.subsystem("faults-hearer", member="setda", title="Hearer")
    registry.answers(Double)(lambda query: Answer(doubled=2 * query.number))
    registry.subscribes(Step, id="faults-hearer.step")(hear)
    basis = "test"
    registry.needs(Step, asker="faults-hearer", purpose=Purpose.GOVERNANCE, basis=basis)
    registry.needs(Double, asker="faults-hearer", purpose=Purpose.GOVERNANCE, basis=basis)


def hear(event: Step) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO heard (walk, number) VALUES (%s, %s)", [event.walk, event.number]
        )


def prepare() -> None:
    """Tables, and a system outside that may ask one question; says its credential."""
    now = timezone.now()
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE heard (place {counted()}, walk TEXT, number INTEGER)")
    grants.declare(approve=True, at=now)
    outsider = Subsystem.objects.create(
        code=OUTSIDER, member="dinkes", title="Outside", built_in=False, made_at=now
    )
    asked = grants.ask(
        asker=outsider, contract=CONTRACT, purpose=Purpose.PUBLIC_INFORMATION, basis="test",
        basis_letter="e", need="test", by=None, at=now,
    )  # fmt: skip
    grants.approve_grant(grant=asked, by=None, at=now)
    known, secret = credentials.make_secret(subsystem=outsider, at=now)
    sys.stdout.write(f"{known.id}:{secret}")


def counted() -> str:
    """A column that numbers the rows as they were written: a table by itself keeps no order."""
    if connection.vendor == "postgresql":
        return "bigint GENERATED ALWAYS AS IDENTITY"
    return "INTEGER PRIMARY KEY"


def step(walk: str, number: str) -> None:
    with transaction.atomic():
        bus.publish(Step(walk=walk, number=int(number)))


def ask(request: str, number: str) -> None:
    with logs.request(request):
        bus.ask(Double(number=int(number)), asker="faults-hearer", purpose=Purpose.GOVERNANCE)


DEEDS = {"step": step, "ask": ask}


def web(environ: dict[str, Any], start_response: Any) -> Any:
    """The site, and ``/faults/<deed>/<name>/<number>``: answered after the deed."""
    parts = environ["PATH_INFO"].split("/")
    if parts[1] != "faults":
        return application(environ, start_response)
    close_old_connections()
    DEEDS[parts[2]](*parts[3:])
    start_response("200 OK", [("Content-Length", "0")])
    return [b""]


def children() -> list[serve.Child]:
    """As in any house, but for the web process and the worker knowing the two systems."""
    ports = {"web": settings.WEB_PORT, "exchange": settings.EXCHANGE_PORT}
    found = {child.name: child for child in serve.commands(ports, edges=2, outside=False)}
    found["web"].command = [*found["web"].command[:-1], "tests.faults.house:web"]
    found["worker"].command = [sys.executable, "-m", "tests.faults.house", "work"]
    return [*found.values()]


def supervise() -> None:
    die_with_parent()
    serve.supervise(children(), say=lambda words: None)


ROLES: dict[str, Callable[[], object]] = {
    "prepare": prepare,
    "serve": supervise,
    "work": worker.run,
}
furnish()

if __name__ == "__main__":
    ROLES[sys.argv[1]]()
