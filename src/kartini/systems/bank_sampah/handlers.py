"""All ties to other systems: what Bank Sampah asks, hears, answers, offers, and does by the clock."""

import math
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate, now
from django.utils.translation import gettext_lazy as _

from kartini.contracts import Purpose
from kartini.contracts import bank_sampah as contract
from kartini.contracts.dukcapil import ResidentByNik
from kartini.contracts.reference import CodeChanged
from kartini.exchange.catalogue import SMALL, Column, Kind, dataset
from kartini.exchange.registry import answers, every, needs, subscribes, subsystem
from kartini.places import names
from kartini.systems.bank_sampah.engine.weights import kilograms
from kartini.systems.bank_sampah.models import Category, Unit
from kartini.systems.bank_sampah.models.figures import diverted
from kartini.systems.bank_sampah.services import messages, terms, units, withdrawals
from kartini.systems.bank_sampah.services.identity import CONSENT, ME

MOST_MONTHS = 36
REFERENCE = "Perpres 39/2019 Pasal 4: kode referensi (belum diverifikasi)"

subsystem(ME, member="dlh", title="Bank Sampah")
needs(
    ResidentByNik,
    asker=ME,
    purpose=Purpose.SAVINGS_IDENTITY,
    basis=CONSENT,
    fields=("found", "name", "birth_on", "village_code", "status"),
)
needs(CodeChanged, asker=ME, purpose=Purpose.GOVERNANCE, basis=REFERENCE)


@subscribes(CodeChanged, id="bank-sampah.village-code")
def village_code(event: CodeChanged) -> None:
    """A village got another code: its waste banks follow it."""
    if event.code_list == "wilayah" and event.change == "ended":
        units.follow_village(former=event.code, codes=event.followed_by, at=event.at)


@answers(contract.DivertedKilograms)
def diverted_kilograms(query: contract.DivertedKilograms) -> contract.Diverted:
    """Cells of few depositors are withheld, and those from which one could be reckoned back (``engine.discretion``)."""
    first, last = _first_day(query.from_month), _last_day(query.until_month)
    first = max(first, _first_day(f"{last.year - MOST_MONTHS // 12}-{last.month:02}"))
    cells = [
        contract.DivertedCell(
            village_code=cell.village_code,
            month=f"{cell.month_on:%Y-%m}",
            category=cell.category,
            kilograms=kilograms(cell.grams) if cell.told else None,
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


@dataset(
    "sampah-terpilah-bank-sampah",
    system=ME,
    title=_("Waste kept from the landfill by waste banks"),
    description=_("Kilograms of sorted waste that depositors brought to waste banks, by month, village and category."),
    topic="lingkungan",
    frequency="daily",
    source=_("Deposits weighed at the waste banks; what was taken back is not counted"),
    issued_on=date(2026, 11, 24),
    persons="penabung",
    known_totals=("bulan",),
    keywords=("bank sampah", "sampah", "daur ulang", "DLH"),
    regulation="Permen LHK 14/2021",
    note=_("The village is that of the waste bank, not of the depositor."),
    columns=(
        Column("bulan", _("Month"), Kind.MONTH, _("month in the books of the waste bank")),
        Column("kode_desa", _("Code of the village"), Kind.CODE, codes="wilayah"),
        Column("desa", _("Village")),
        Column("kategori", _("Category"), Kind.CODE, _("family of materials in Bank Sampah")),
        Column("nama_kategori", _("Name of the category")),
        Column(
            "kilogram", _("Kilograms"), Kind.DECIMAL, _("weight at the scale of the waste bank, sorted, without what was taken back"),
            unit="kg", measure=True,
        ),
    ),
)  # fmt: skip
def diverted_by_village() -> Iterator[Mapping[str, Any]]:
    """A cell that is withheld for another's sake counts as the most that are few."""
    title = dict(Category.objects.values_list("code", "name"))
    for cell in diverted(date(2000, 1, 1), localdate()):
        yield {
            "bulan": f"{cell.month_on:%Y-%m}",
            "kode_desa": cell.village_code,
            "desa": names.label(cell.village_code),
            "kategori": cell.category,
            "nama_kategori": title[cell.category],
            "kilogram": kilograms(cell.grams),
            "penabung": cell.depositors if cell.told else min(cell.depositors, SMALL - 1),
        }


@subscribes(contract.DepositRecorded, id="bank-sampah.tell-depositor")
def tell_depositor(event: contract.DepositRecorded) -> None:
    """Afterwards, so that nobody in the queue waits for a message to be written."""
    messages.of_deposit(deposit=UUID(event.deposit), at=now())


@every(
    timedelta(hours=1).total_seconds(),
    id="bank-sampah.void-stale",
    title=_("Waste banks: withdrawals that nobody fetched"),
)
def void_stale() -> None:
    """Withdrawals that nobody fetched lapse."""
    withdrawals.void_stale(at=now())


@every(
    timedelta(hours=1).total_seconds(),
    id="bank-sampah.limits-due",
    title=_("Waste banks: limits that begin today"),
)
def limits_due() -> None:
    """Limits that were decided earlier count from their day on."""
    terms.put_in_force(at=now())


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
