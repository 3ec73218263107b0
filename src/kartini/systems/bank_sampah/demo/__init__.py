"""Thirty waste banks, three thousand depositors, two years: with seasons, holidays and mistakes. All invented.

The two years lie in the books as one load; the last Saturday is played by the real verbs, so that the
neighbours hear of it.
"""

from collections.abc import Callable
from datetime import date, timedelta

from django.db import transaction

from kartini.people import demo as people
from kartini.people.models import User
from kartini.systems.bank_sampah.demo import cast, saturday
from kartini.systems.bank_sampah.demo.history import PARENT_CAPITAL, History
from kartini.systems.bank_sampah.models import Deposit, Depositor, Unit

UNITS, DEPOSITORS = 30, 3000
SCALE_UNITS, SCALE_DEPOSITORS = 400, 60_000  # of a whole regency


def fill(today: date) -> list[str]:
    """Everything once; filled again, nothing changes; what a killed run left out is added."""
    last = last_saturday(today)
    with transaction.atomic():
        parent = Unit.objects.filter(kind=Unit.Kind.PARENT).first() or cast.found(today, UNITS)
    if not User.objects.filter(username=cast.STAFF[0][0]).exists():
        History(parent, last - timedelta(days=7), seed=33_20).write(DEPOSITORS)
        with transaction.atomic():
            cast.appoint(today)
            saturday.play(last, today)
            saturday.tell(last, list(Unit.objects.all()))
    units, depositors = Unit.objects.units().count(), Depositor.objects.count()
    kilograms = sum(Deposit.objects.standing().values_list("total_grams", flat=True)) // 1000
    story = f"{units} units, {depositors:,} depositors, {kilograms:,} kg kept from the landfill"
    return [
        f"Bank Sampah: {story} in two years",
        "Bank Sampah: one unit fell asleep, one price is far from the guide, one heap does not fit",
    ]


def fill_scale(today: date, scale: float, progress: Callable[[float], None]) -> None:
    """More units and depositors, up to those of a whole regency; the books grow with them."""
    wanted = max(1, round(SCALE_UNITS * scale))
    have = Unit.objects.units().count()
    if have >= wanted:
        progress(1.0)
        return
    parent = Unit.objects.get(kind=Unit.Kind.PARENT)
    more = cast.more_units(parent, wanted - have, first=have)
    each = max(10, round(SCALE_DEPOSITORS * scale / wanted))
    last = last_saturday(today)
    history = History(parent, last - timedelta(days=7), seed=have)
    history.capital(parent, PARENT_CAPITAL * len(more) // UNITS)  # it buys from all of them
    for number, unit in enumerate(more, 1):
        history.write_unit(unit, each)
        progress(number / len(more))
    history.sell_on()
    history.ink.flush()
    with transaction.atomic():
        saturday.tell(last, more)


def last_saturday(today: date) -> date:
    """On a Saturday the one before: its queue has not come yet."""
    return today - timedelta(days=(today.weekday() - 5) % 7 or 7)


__all__ = ["fill", "fill_scale", "people"]
