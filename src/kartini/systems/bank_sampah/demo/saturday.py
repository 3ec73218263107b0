"""The last Saturday, played by the real verbs: what a visitor finds waiting on the desks."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Max

from kartini.contracts.bank_sampah import DepositRecorded
from kartini.exchange import bus
from kartini.people import demo as people
from kartini.people.models import User
from kartini.systems.bank_sampah.demo.ink import moment
from kartini.systems.bank_sampah.models import (
    Account,
    Deposit,
    Depositor,
    Material,
    PriceList,
    Unit,
)
from kartini.systems.bank_sampah.services import (
    cash,
    contacts,
    corrections,
    depositors,
    deposits,
    prices,
    stock,
    withdrawals,
)
from kartini.systems.bank_sampah.services.deposits import Weighed

SECOND_PHONE = "+6281200007010"


def play(day: date, today: date) -> None:
    """Queues at six units; one withdrawal waits, one large correction waits, one heap does not fit."""
    chance = random.Random(day.toordinal())
    wati, yanto = people.staff("wati"), people.staff("yanto")
    units = list(Unit.objects.units().open().order_by("pk")[:6])
    home = units[0]
    _own_passbook(home, today)
    _told_by_whatsapp(home, day, wati)
    for unit in units:
        _queue(unit, day, chance, wati)
    _withdrawals(home, day, chance, wati)
    _a_large_mistake(home, day, chance, yanto)
    pet = Material.objects.get(code="kardus")
    book = Account.objects.get(kind="stock", unit=units[1], material=pet).balance
    stock.count(
        id=_id(chance), unit=units[1], material=pet, counted_grams=book * 4 // 5, cause="miscounted",
        explanation="Selisih belum jelas", by=wati, at=moment(day, 12),
    )  # fmt: skip
    for unit in units[1:]:
        opened = cash.open_day(unit=unit, by=wati, at=moment(day, 8))
        box = Account.objects.get(kind="cash", unit=unit).balance
        cash.close_day(day=opened, cash_counted_rupiah=box, by=wati, at=moment(day, 11, 40))
    cash.open_day(unit=home, by=wati, at=moment(day, 8))


def tell(last: date, banks: Sequence[Unit]) -> None:
    """The neighbours hear of the weeks before too: what each bank pays, and its newest weigh-in day."""
    newest = PriceList.objects.newest(moment(last, 7), [bank.pk for bank in banks]).values()
    for listed in PriceList.objects.filter(pk__in=newest).select_related("owner"):
        rows = listed.prices.select_related("material")
        bus.publish(prices.fact(listed, {row.material: row.rupiah_per_kilogram for row in rows}))
    earlier = Deposit.objects.standing().filter(unit__in=banks, booked_on__lt=last)
    for unit, day in earlier.values_list("unit").annotate(Max("booked_on")).order_by("unit"):
        brought = earlier.filter(unit=unit, booked_on=day).select_related("unit", "depositor")
        for deposit in brought.prefetch_related("lines"):
            said = deposits.facts(deposit, list(deposit.lines.all()))
            bus.publish(DepositRecorded(**said, recorded_at=deposit.received_at))


def _own_passbook(home: Unit, today: date) -> None:
    """Siti of Tahunan saves here: her account opens the first passbook."""
    siti = User.objects.filter(username="siti", is_demo=True).select_related("person").first()
    first = Depositor.objects.filter(unit=home, kind="household").order_by("number").first()
    if siti is None or siti.person is None or first is None:
        return
    Depositor.objects.filter(pk=first.pk).update(name=siti.person.name, phone=siti.phone)
    depositors.verify(depositor=first, person=siti.person, by=None, at=people.morning(today))


def _told_by_whatsapp(home: Unit, day: date, by: User) -> None:
    """A household without an account agrees to a message after each deposit."""
    second = Depositor.objects.filter(unit=home, kind="household", person=None).order_by("number")[
        0
    ]
    second.phone = SECOND_PHONE
    second.save(update_fields=["phone"])
    contacts.agree(depositor=second, by=by, at=moment(day, 8))


def _queue(unit: Unit, day: date, chance: random.Random, by: User) -> None:
    listed = PriceList.objects.in_force(unit.pk, moment(day, 8))
    materials = list(listed.prices.values_list("material_id", flat=True)) if listed else []
    savers = list(Depositor.objects.saving().filter(unit=unit).order_by("number")[:12])
    for number, depositor in enumerate(savers):
        bags = [Weighed(m, chance.randrange(4, 90) * 50) for m in chance.sample(materials, 2)]
        at = moment(day, 8, 10 + number * 9)
        deposits.record(id=_id(chance), depositor=depositor, bags=bags, weighed_at=at, by=by, at=at)


def _withdrawals(home: Unit, day: date, chance: random.Random, by: User) -> None:
    purses = Account.objects.filter(unit=home, kind="savings").select_related("depositor")
    rich = sorted(purses, key=lambda purse: (-purse.available, purse.pk))[:4]
    first = Depositor.objects.filter(unit=home).order_by("number")[0]
    wanted = [first, *(purse.depositor for purse in rich if purse.depositor)]
    for number, depositor in enumerate(dict.fromkeys(wanted)):
        try:
            asked = withdrawals.ask(
                id=_id(chance), depositor=depositor, amount_rupiah=25_000, by=by, at=moment(day, 9, number)
            )  # fmt: skip
        except withdrawals.NotEnoughSaved:
            continue
        if number % 2:
            withdrawals.approve(withdrawal=asked, by=by, at=moment(day, 9, 30))


def _a_large_mistake(home: Unit, day: date, chance: random.Random, by: User) -> None:
    """A company brought a truckload of metal, written into the wrong book: four eyes must decide."""
    metal = Material.objects.get(code="aluminium")
    who = Depositor.objects.filter(unit=home, kind="company").order_by("number").first()
    if who is None:
        return
    at = moment(day, 10, 45)
    made: Deposit = deposits.record(
        id=_id(chance), depositor=who, bags=[Weighed(metal.pk, 62_000)], weighed_at=at, by=by, at=at
    )  # fmt: skip
    corrections.ask(
        kind="deposit", deed=made.pk, reason="Tertulis 62 kg, seharusnya 6,2 kg", by=by, at=at + timedelta(minutes=5)
    )  # fmt: skip


def _id(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)
