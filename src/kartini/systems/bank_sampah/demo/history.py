"""Two years of Saturdays, written straight into the books: the triggers check every transfer all the same."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from kartini.systems.bank_sampah.demo.cast import MATERIALS
from kartini.systems.bank_sampah.demo.ink import Ink, moment
from kartini.systems.bank_sampah.demo.persons import a_group, a_household
from kartini.systems.bank_sampah.engine import chart
from kartini.systems.bank_sampah.engine.chart import Place
from kartini.systems.bank_sampah.engine.ledger import Phase
from kartini.systems.bank_sampah.engine.weights import worth
from kartini.systems.bank_sampah.models import (
    Account,
    Buyer,
    Card,
    CashMove,
    Correction,
    Day,
    Deposit,
    DepositLine,
    Depositor,
    Material,
    MonthClose,
    Part,
    Price,
    PriceList,
    Sale,
    SaleLine,
    StockCount,
    Unit,
    Withdrawal,
)
from kartini.systems.bank_sampah.services.depositors import LETTERS

WEEKS = 104
RAMADAN = ((date(2025, 3, 1), date(2025, 4, 6)), (date(2026, 2, 18), date(2026, 3, 27)))
RAIN = (12, 1, 2)
CAPITAL, PARENT_CAPITAL = 3_000_000, 900_000_000
Rows = list[Any]


@dataclass
class Saver:
    """A depositor as the history knows one: how often he comes, what he has."""

    row: Depositor
    eager: float
    savings: int = 0
    parts: Rows = field(default_factory=list)


class History:
    """Writes the past of one unit after the other, and of the parent bank that buys from them."""

    def __init__(self, parent: Unit, last: date, *, seed: int) -> None:
        self.parent, self.last, self.chance = parent, last, random.Random(seed)
        self.begin = last - timedelta(weeks=WEEKS - 1)
        self.materials = {m.code: m for m in Material.objects.all()}
        self.ink = Ink(Account.objects.filter(unit=parent))
        self._prices: dict[int, list[tuple[date, PriceList, dict[int, int]]]] = {}

    def write(self, depositors: int) -> None:
        """Unit by unit, each at once; what a killed run left out is written by the next."""
        units = list(Unit.objects.units().filter(parent=self.parent).order_by("pk"))
        if not PriceList.objects.filter(owner=self.parent).exists():
            self.publish_prices(self.parent, far=False)
            self.capital(self.parent, PARENT_CAPITAL)
            self.ink.flush()
        for number, unit in enumerate(units):
            if not unit.days.exists():
                asleep = number == len(units) - 4
                self.write_unit(unit, depositors // len(units), asleep=asleep, far=number == 7)
        if not Sale.objects.filter(unit=self.parent).exists():
            self.sell_on()
            self.ink.flush()

    def write_unit(
        self, unit: Unit, depositors: int, *, asleep: bool = False, far: bool = False
    ) -> None:
        self.publish_prices(unit, far=far)
        savers = [self.saver(unit, number) for number in range(1, depositors + 1)]
        self.open_accounts(unit, savers)
        self.capital(unit, CAPITAL)
        until = self.last - timedelta(weeks=7) if asleep else self.last
        for saturday in self.saturdays(until):
            self.play(unit, savers, saturday)
        self.close_months(unit, until)
        self.ink.flush()

    # -- a unit's week

    def play(self, unit: Unit, savers: list[Saver], saturday: date) -> None:
        season = self.season(saturday)
        for saver in savers:
            if self.chance.random() < saver.eager * season:
                self.weigh(unit, saver, saturday)
        if saturday.day <= 7:
            self.sell_up(unit, saturday)
        if saturday.day <= 7 and saturday.month % 3 == 0:
            self.count_heap(unit, saturday)
        for saver in savers:
            if saver.savings > 40_000 and self.chance.random() < self.hunger(saturday):
                self.withdraw(unit, saver, saturday)
        cash = self.ink.held(Place(chart.CASH, unit.pk))
        self.ink.put(
            Day(
                unit=unit, on=saturday, opened_at=moment(saturday, 8), closed_at=moment(saturday, 11, 30), cash_counted_rupiah=cash,
                cash_book_rupiah=cash,
            )
        )  # fmt: skip

    def season(self, day: date) -> float:
        """Rain keeps people away; Ramadan empties cupboards; the last year is better than the first."""
        factor = 0.75 if day.month in RAIN else 1.0
        factor *= 1.35 if any(a <= day <= b for a, b in RAMADAN) else 1.0
        return factor * (0.8 + 0.4 * (day - self.begin).days / (WEEKS * 7))

    def hunger(self, day: date) -> float:
        """Savings are taken out before Lebaran, and in July for school."""
        if any(b - timedelta(days=20) <= day <= b for _, b in RAMADAN):
            return 0.12
        return 0.06 if day.month == 7 else 0.012

    def weigh(self, unit: Unit, saver: Saver, day: date) -> None:
        listed, price_of = self.prices_on(unit, day)
        lines = list(self.bags(price_of, saver))
        part = self.chance.choice(saver.parts) if saver.parts else None
        weighed = moment(day, 8, self.chance.randrange(180))
        deposit = self.ink.put(
            Deposit(
                id=self.uuid(), unit_id=unit.pk, depositor_id=saver.row.pk, price_list_id=listed.pk, weighed_at=weighed,
                received_at=weighed, booked_on=day, total_grams=sum(x.grams for x in lines), total_rupiah=sum(x.rupiah for x in lines),
                **({"part": part} if part else {}),
            )
        )  # fmt: skip
        brought = Place(chart.BROUGHT, unit.pk, saver.row.pk)
        purse = Place(chart.SAVINGS, unit.pk, saver.row.pk)
        moves = [(Place(chart.TRADE, unit.pk), purse, deposit.total_rupiah)]
        moves += [(self.stock(unit, x.material_id), brought, x.grams) for x in lines]
        for line in lines:
            line.deposit_id = deposit.pk
            self.ink.put(line)
        made = self.ink.move(deposit.pk, "deposit", day, weighed, moves)
        if self.chance.random() < 0.004:
            self.take_back(unit, deposit, made)
        else:
            saver.savings += deposit.total_rupiah

    def bags(self, price_of: dict[int, int], saver: Saver) -> Iterator[DepositLine]:
        weights = [share for *_x, share, _grams in MATERIALS]
        chosen = self.chance.choices(MATERIALS, weights, k=self.chance.choice((1, 1, 2, 2, 3)))
        larger = 6 if saver.parts else 1
        for number, (code, *_x, usual) in enumerate({c[0]: c for c in chosen}.values(), 1):
            grams = max(100, int(self.chance.lognormvariate(0, 0.5) * usual * larger) // 50 * 50)
            price = price_of[self.materials[code].pk]
            yield DepositLine(
                number=number, material_id=self.materials[code].pk, grams=grams, rupiah_per_kilogram=price,
                rupiah=worth(grams, price),
            )  # fmt: skip

    def take_back(self, unit: Unit, deposit: Deposit, made: Rows) -> None:
        """A mistake: the wrong passbook. Reversed a few minutes later."""
        deposit.reversed_at = deposit.weighed_at + timedelta(minutes=6)
        correction = self.ink.put(
            Correction(
                id=self.uuid(), unit=unit, kind="deposit", deed=deposit.pk, amount_rupiah=deposit.total_rupiah,
                reason="Salah buku", four_eyes=False, state="done", asked_at=deposit.reversed_at, decided_at=deposit.reversed_at,
            )
        )  # fmt: skip
        self.ink.take_back(correction.pk, deposit.pk, deposit.booked_on, deposit.reversed_at, made)

    def withdraw(self, unit: Unit, saver: Saver, day: date) -> None:
        amount = saver.savings * self.chance.choice((5, 8, 10)) // 10 // 1000 * 1000
        box = Place(chart.CASH, unit.pk)
        if amount < 10_000 or amount > self.ink.held(box):
            return
        asked, pk = moment(day, 9, self.chance.randrange(120)), self.uuid()
        self.ink.put(
            Withdrawal(
                id=pk, unit=unit, depositor=saver.row, amount_rupiah=amount, way="cash", state="paid", asked_at=asked,
                approved_at=asked, ended_at=asked, signature="M5 30 C20 5 30 40 45 15",
            )
        )  # fmt: skip
        purse, payouts = Place(chart.SAVINGS, unit.pk, saver.row.pk), Place(chart.PAYOUTS, unit.pk)
        hold = [(purse, payouts, amount)]
        [held] = self.ink.move(pk, "withdrawal", day, asked, hold, phase=Phase.PENDING)
        self.ink.move(pk, "withdrawal", day, asked, hold, phase=Phase.POST, settles=held)
        self.ink.move(pk, "withdrawal", day, asked, [(payouts, box, amount)])
        saver.savings -= amount

    def sell_up(self, unit: Unit, day: date) -> None:
        """Once a month most of the heap goes to the parent bank."""
        _, guide = self.prices_on(self.parent, day)
        self.sell(unit, day, self.parent, {m: round(price * 1.12) for m, price in guide.items()})

    def sell_on(self) -> None:
        """The parent bank sells to collectors, quarter by quarter."""
        buyers = [Buyer.objects.get_or_create(name=n)[0] for n in ("UD Rosok Jaya", "CV Plastik Muria", "Koperasi Pemulung Jepara")]  # fmt: skip
        for number, day in enumerate(d for d in self.saturdays(self.last) if d.day <= 7 and d.month % 3 == 1):  # fmt: skip
            self.open_parent()
            _, guide = self.prices_on(self.parent, day)
            resale = {m: round(price * 1.3) for m, price in guide.items()}
            self.sell(self.parent, day, buyers[number % 3], resale, share=0.35)

    def sell(
        self, unit: Unit, day: date, to: Unit | Buyer, prices: dict[int, int], share: float = 0.85
    ) -> None:
        heaps = {m: int(self.ink.held(self.stock(unit, m)) * share) // 500 * 500 for m in prices}
        lines = [
            SaleLine(number=n, material_id=m, grams=g, rupiah_per_kilogram=prices[m], rupiah=worth(g, prices[m]))
            for n, (m, g) in enumerate(((m, g) for m, g in heaps.items() if g), 1)
        ]  # fmt: skip
        if not lines:
            return
        up = to if isinstance(to, Unit) else None
        sale = self.ink.put(
            Sale(
                id=self.uuid(), unit=unit, way="cash", slip=f"TS-{day:%y%m}-{unit.pk}", sold_at=moment(day, 13), booked_on=day,
                to_unit=up, buyer=None if isinstance(to, Unit) else to,
                total_grams=sum(x.grams for x in lines), total_rupiah=sum(x.rupiah for x in lines),
            )
        )  # fmt: skip
        price = sale.total_rupiah
        moves = [(Place(chart.CASH, unit.pk), Place(chart.TRADE, unit.pk), price)]
        if up:
            moves.append((Place(chart.TRADE, up.pk), Place(chart.CASH, up.pk), price))
        for line in lines:
            taken = self.stock(up, line.material_id) if up else Place(chart.SOLD, unit.pk)
            moves.append((taken, self.stock(unit, line.material_id), line.grams))
            line.sale = sale
            self.ink.put(line)
        self.ink.move(sale.pk, "sale", day, sale.sold_at, moves)

    def count_heap(self, unit: Unit, day: date) -> None:
        """Some of every heap is residue; now and then a heap does not fit at all."""
        for code in ("kresek", "gelas"):
            heap = self.stock(unit, self.materials[code].pk)
            book = self.ink.held(heap)
            lost = int(book * self.chance.uniform(0.02, 0.06)) // 10 * 10
            if lost <= 0:
                continue
            count = self.ink.put(
                StockCount(
                    id=self.uuid(), unit=unit, material=self.materials[code], counted_grams=book - lost, book_grams=book,
                    cause="residue", explanation="Kotor, tidak laku", counted_at=moment(day, 14), booked_on=day,
                )
            )  # fmt: skip
            gone = Place(chart.RESIDUE, unit.pk)
            self.ink.move(count.pk, "count", day, count.counted_at, [(gone, heap, lost)])

    # -- what a unit needs

    def saver(self, unit: Unit, number: int) -> Saver:
        began = moment(self.begin, 8)
        kind, name, address = (a_group if number % 40 == 0 else a_household)(self.chance, number)
        row = self.ink.put(
            Depositor(
                id=self.uuid(), unit=unit, number=number, kind=kind, name=name, address=address, consented_at=began,
                registered_at=began,
            )
        )  # fmt: skip
        code = "".join(self.chance.choice(LETTERS) for _ in range(10))
        self.ink.put(Card(code=code, depositor=row, issued_at=began))
        parts = [Part(group=row, name=f"Kelas {n}") for n in range(1, 7)] if kind == "group" else []
        for part in parts:
            self.ink.put(part)
        eager = 0.7 if parts else self.chance.choice((0.01, 0.03, 0.05, 0.12))
        return Saver(row, eager, parts=parts)

    def publish_prices(self, unit: Unit, *, far: bool) -> None:
        """A list each quarter; units stay near the guide, one does not."""
        lists = []
        for quarter in range(9):
            day = self.begin + timedelta(weeks=13 * quarter, days=-1)
            listed = PriceList(owner=unit, version=quarter + 1, from_at=moment(day, 17), published_at=moment(day, 16))  # fmt: skip
            drift = 1 + 0.05 * (quarter % 4 - 1.5)
            prices = {}
            for code, *_x, guide, _share, _grams in MATERIALS:
                own = 1.0 if unit == self.parent else self.chance.uniform(0.85, 1.0)
                price = max(100, int(guide * drift * own) // 50 * 50)
                prices[self.materials[code].pk] = price * 2 if far and code == "besi" else price
            lists.append((day, listed, prices))
        for _, listed, prices in lists:
            self.ink.put(listed)
            for m, p in prices.items():
                self.ink.put(Price(price_list=listed, material_id=m, rupiah_per_kilogram=p))
        self._prices[unit.pk] = lists

    def prices_on(self, unit: Unit, day: date) -> tuple[PriceList, dict[int, int]]:
        if unit.pk not in self._prices:
            self._prices[unit.pk] = [
                (p.from_at.date(), p, dict(p.prices.values_list("material", "rupiah_per_kilogram")))
                for p in PriceList.objects.filter(owner=unit).order_by("from_at")
            ]
        return next((x[1], x[2]) for x in reversed(self._prices[unit.pk]) if x[0] < day)

    def capital(self, unit: Unit, amount: int) -> None:
        began, day = moment(self.begin, 7), self.begin
        put_in = self.ink.put(
            CashMove(
                id=self.uuid(), unit=unit, way="capital-in", amount_rupiah=amount, reason="Modal awal", moved_at=began,
                booked_on=day,
            )
        )  # fmt: skip
        places = Place(chart.CASH, unit.pk), Place(chart.CAPITAL, unit.pk)
        self.ink.open(places)
        self.ink.move(put_in.pk, "cash-move", day, began, [(*places, amount)])

    def open_accounts(self, unit: Unit, savers: list[Saver]) -> None:
        of_unit = (chart.TRADE, chart.CASH, chart.PAYOUTS, chart.SOLD, chart.RESIDUE)  # fmt: skip
        places = [Place(kind, unit.pk) for kind in of_unit]
        places += [self.stock(unit, m.pk) for m in self.materials.values()]
        places += [Place(k, unit.pk, s.row.pk) for s in savers for k in (chart.SAVINGS, chart.BROUGHT)]  # fmt: skip
        self.ink.open(places)
        self.open_parent()

    def open_parent(self) -> None:
        kinds = (chart.TRADE, chart.CASH, chart.SOLD)
        self.ink.open(Place(kind, self.parent.pk) for kind in kinds)
        self.ink.open(self.stock(self.parent, m.pk) for m in self.materials.values())

    def close_months(self, unit: Unit, until: date) -> None:
        """Everything up to the end of the month before last is closed."""
        month = self.begin.replace(day=1)
        end = (until.replace(day=1) - timedelta(days=1)).replace(day=1)
        while month < end:
            following = (month + timedelta(days=32)).replace(day=1)
            self.ink.put(MonthClose(unit=unit, month_on=month, closed_at=moment(following, 9)))
            unit.closed_until_on = following - timedelta(days=1)
            month = following
        self.ink.closed.append(unit)

    def stock(self, unit: Unit, material: int) -> Place:
        return Place(chart.STOCK, unit.pk, material_id=material)

    def saturdays(self, until: date) -> list[date]:
        return [d for n in range(WEEKS) if (d := self.begin + timedelta(weeks=n)) <= until]

    def uuid(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)
