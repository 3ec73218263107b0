"""One process of a house that is going to be killed: python -m tests.faults.house ROLE [NUMBER]

Two systems exist only here. What the listener hears it writes into a table that forbids nothing, so that a
fact that was lost or applied twice can be seen. Each line on stdout is a promise that was kept before
it was printed.
"""

import sys
import threading
from collections.abc import Callable

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from kartini.contracts import Contract, Event, Purpose, Query  # noqa: E402
from kartini.exchange import bus, grants, registry, worker  # noqa: E402
from kartini.kit import logs  # noqa: E402

THREADS = 4


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


def say(promise: str) -> None:
    sys.stdout.write(f"{promise}\n")
    sys.stdout.flush()


def prepare() -> None:
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE heard (walk TEXT, number INTEGER)")
    grants.declare(approve=True, at=timezone.now())


def publish(walk: str) -> None:
    """State facts until killed; print those that were committed."""
    number = 0
    while True:
        number += 1
        with transaction.atomic():
            bus.publish(Step(walk=walk, number=number))
        say(f"{walk} {number}")


def ask(name: str) -> None:
    """Ask with several threads until killed; print the questions that were answered."""

    def work(thread: int) -> None:
        number = 0
        while True:
            number += 1
            request = f"{name}-{thread}-{number:06}"
            with logs.request(request):
                bus.ask(Double(number=number), asker="faults-hearer", purpose=Purpose.GOVERNANCE)
            say(request)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()


ROLES: dict[str, Callable[..., None]] = {
    "prepare": prepare,
    "publish": publish,
    "ask": ask,
    "work": worker.run,
}

if __name__ == "__main__":
    furnish()
    say("ready")
    ROLES[sys.argv[1]](*sys.argv[2:])
