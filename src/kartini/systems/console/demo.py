"""Laila of Diskominfo runs the exchange. What it shows is what the other systems do."""

from datetime import date

from kartini.people import demo as people
from kartini.systems.console import rules


def fill(today: date) -> list[str]:
    people.appoint("laila", rules.OFFICER, "diskominfo", today=today)
    return ["Console: Laila of Diskominfo runs the exchange."]
