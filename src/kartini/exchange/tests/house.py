"""A little house of two systems, ``asker`` and ``knower``, that exists only in these tests."""

from typing import Any, ClassVar

import pytest

from kartini.contracts import Contract, Event, Purpose, Query
from kartini.exchange import registry

PURPOSE = Purpose.PERMIT_IDENTITY
BASIS = "UU 24/2013 Ps. 58"
NIK = "3320116204959002"


class Known(Contract):
    """What the knower knows."""

    found: bool
    name: str | None = None
    address: str | None = None


class WhoIs(Query[Known]):
    """Who is this?"""

    name = "knower.who-is.v1"
    nik: str


class Moved(Event):
    """Something moved."""

    name = "knower.moved.v1"
    ordered_by = "thing"
    thing: str
    step: int


class House:
    """What the two systems did."""

    everything: ClassVar = Known(found=True, name="Siti Nur Aisyah", address=None)

    def __init__(self) -> None:
        self.answer: Any = self.everything
        self.heard: list[Moved] = []
        self.broken: Exception | None = None

    def who_is(self, _query: WhoIs) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def hear(self, event: Moved) -> None:
        if self.broken:
            raise self.broken
        self.heard.append(event)


def furnished(monkeypatch: pytest.MonkeyPatch) -> House:
    for name in ("subsystems", "listeners", "answerers", "queries", "needed", "periodic"):
        monkeypatch.setattr(registry, name, {})
    house = House()
    registry.subsystem("asker", member="dpmptsp", title="The one who asks")
    registry.subsystem("knower", member="disdukcapil", title="The one who knows")
    registry.answers(WhoIs)(house.who_is)
    registry.subscribes(Moved, id="asker.moved")(house.hear)
    registry.needs(WhoIs, asker="asker", purpose=PURPOSE, basis=BASIS)
    registry.needs(Moved, asker="asker", purpose=Purpose.GOVERNANCE, basis=BASIS)
    return house
