"""All ties to other systems: what Bank Sampah asks, answers, and does by the clock. It hears nobody yet."""

import math
from datetime import date, timedelta

from django.utils.timezone import now

from kartini.contracts import Purpose
from kartini.contracts import bank_sampah as contract
from kartini.contracts.dukcapil import ResidentByNik
from kartini.exchange.registry import answers, every, needs, subsystem
from kartini.systems.bank_sampah.engine.weights import kilograms
from kartini.systems.bank_sampah.models import Terms, Unit
from kartini.systems.bank_sampah.models.figures import diverted
from kartini.systems.bank_sampah.services import withdrawals
from kartini.systems.bank_sampah.services.identity import CONSENT, ME

MOST_MONTHS = 36

subsystem(ME, member="dlh", title="Bank Sampah")
needs(
    ResidentByNik,
    asker=ME,
    purpose=Purpose.SAVINGS_IDENTITY,
    basis=CONSENT,
    fields=("found", "name", "birth_on", "village_code", "status"),
)


@answers(contract.DivertedKilograms)
def diverted_kilograms(query: contract.DivertedKilograms) -> contract.Diverted:
    """Small cells are withheld: fewer depositors than the strictest terms allow."""
    first, last = _first_day(query.from_month), _last_day(query.until_month)
    first = max(first, _first_day(f"{last.year - MOST_MONTHS // 12}-{last.month:02}"))
    small = max(Terms.objects.values_list("small_cell", flat=True), default=Terms().small_cell)
    cells = [
        contract.DivertedCell(
            village_code=cell.village_code,
            month=f"{cell.month_on:%Y-%m}",
            category=cell.category,
            kilograms=kilograms(cell.grams) if cell.depositors >= small else None,
        )
        for cell in diverted(first, last, query.village_code)
    ]
    return contract.Diverted(cells=cells, at=now())


@answers(contract.UnitsNear)
def units_near(query: contract.UnitsNear) -> contract.NearbyUnits:
    here = (query.lat, query.lng)
    units = Unit.objects.open().units().filter(lat__isnull=False).prefetch_related("hours")
    far = sorted(((_kilometres(here, u), u) for u in units), key=lambda pair: (pair[0], pair[1].pk))
    return contract.NearbyUnits(
        units=[
            contract.NearbyUnit(
                unit=unit.code,
                title=unit.name,
                address=unit.address,
                village_code=unit.village_code,
                kilometres=round(distance, 1),
                hours=[str(hours) for hours in unit.hours.all()],
            )
            for distance, unit in far[: query.limit]
            if distance <= query.within_kilometres
        ]
    )


@every(timedelta(hours=1).total_seconds(), id="bank-sampah.void-stale")
def void_stale() -> None:
    """Withdrawals that nobody fetched lapse."""
    withdrawals.void_stale(at=now())


def _first_day(month: str) -> date:
    return date(int(month[:4]), int(month[5:]), 1)


def _last_day(month: str) -> date:
    return (_first_day(month) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _kilometres(here: tuple[float, float], unit: Unit) -> float:
    """Great circle distance on a sphere; good to half a percent."""
    lat, lng = math.radians(here[0]), math.radians(here[1])
    there = math.radians(unit.lat or 0), math.radians(unit.lng or 0)
    part = (
        math.sin((there[0] - lat) / 2) ** 2
        + math.cos(lat) * math.cos(there[0]) * math.sin((there[1] - lng) / 2) ** 2
    )
    return 12_742 * math.asin(math.sqrt(part))
