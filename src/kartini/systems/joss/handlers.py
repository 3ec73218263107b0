"""All ties of JOSS to others: whose system it is, what it needs, answers and hears."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.utils.timezone import localdate, now
from django.utils.translation import gettext_lazy as _

from kartini.contracts import Purpose
from kartini.contracts.dukcapil import ResidentByNik
from kartini.contracts.joss import (
    PermitByNumber,
    PermitFigures,
    PermitFiguresNow,
    PermitStatus,
)
from kartini.contracts.office import BillPaid
from kartini.exchange.catalogue import Column, Kind, dataset
from kartini.exchange.registry import answers, every, needs, subscribes, subsystem
from kartini.people import words
from kartini.places import names
from kartini.systems.joss import tasks
from kartini.systems.joss.models import Permit
from kartini.systems.joss.services import figures, money

HOUR = 3600.0
LOOKS = {
    "joss.opened": _("Opened your permit application"),
    "joss.nik-shown": _("Read your whole NIK in your permit application"),
    "joss.paper-opened": _("Opened a paper of your permit application"),
}

subsystem("joss", member="dpmptsp", title="JOSS, Jepara Online Smart Service")

needs(
    ResidentByNik,
    asker="joss",
    purpose=Purpose.PERMIT_IDENTITY,
    basis="UU 24/2013 Pasal 58 ayat (4) huruf a: pelayanan publik (belum diverifikasi)",
    fields=("found", "name", "birth_place", "birth_on", "sex", "address", "village_code", "status"),
)
needs(
    BillPaid,
    asker="joss",
    purpose=Purpose.PERMIT_DECISION,
    basis="UU 1/2022, pajak dan retribusi daerah: izin terbit setelah tagihannya lunas (belum diverifikasi)",
)


for verb, told in LOOKS.items():
    words.say(verb, told)


@subscribes(BillPaid, id="joss.bill-paid")
def go_on_when_paid(event: BillPaid) -> None:
    """The bill of an application was paid: its turn goes on."""
    if event.reference.startswith("joss:"):
        money.paid(reference=event.reference, amount_rupiah=event.amount_rupiah, at=event.paid_at)


@answers(PermitByNumber)
def permit_by_number(query: PermitByNumber) -> PermitStatus:
    """Is the permit in force? The holder stays masked."""
    permit = (
        Permit.objects.select_related("type").filter(number=query.permit_number.strip()).first()
    )
    if permit is None:
        return PermitStatus(found=False)
    return PermitStatus.model_validate(
        {
            "found": True,
            "permit_number": permit.number,
            "title": permit.type.title_id,
            "state": permit.standing(localdate()),
            "holder_masked": masked(permit.holder_name),
            "valid_until": permit.valid_until,
        }
    )


@answers(PermitFiguresNow)
def permit_figures(_query: PermitFiguresNow) -> PermitFigures:
    """How permits stand now."""
    counted = figures.now(now())
    return PermitFigures(
        open=counted.open,
        late=counted.late,
        issued_this_year=counted.issued_this_year,
        median_working_days=counted.median_days,
        at=counted.at,
    )


PERMITS = Column(
    "izin",
    _("Permits"),
    Kind.INTEGER,
    _("permits issued in the period, whatever became of them later"),
    unit=_("permits"),
    measure=True,
)
OFFERED: dict[str, Any] = {
    "system": "joss",
    "topic": "pemerintahan",
    "frequency": "daily",
    "source": _("Register of permits of JOSS"),
    "issued_on": date(2026, 11, 24),
    "persons": "holders",
    "keywords": ("perizinan", "JOSS", "DPMPTSP"),
}


@dataset(
    "izin-terbit-per-jenis",
    title=_("Permits issued by type and month"),
    description=_("How many permits the regency issued, by type of permit and month of issue."),
    columns=(
        Column("bulan", _("Month"), Kind.MONTH, _("month of issue")),
        Column("kode_jenis", _("Code of the type"), Kind.CODE, _("type of permit in JOSS")),
        Column("jenis", _("Type of permit")),
        PERMITS,
    ),
    known_totals=("bulan",),
    **OFFERED,
)
def permits_by_type() -> Iterator[Mapping[str, Any]]:
    yield from figures.issued_by_type()


@dataset(
    "izin-terbit-per-desa",
    title=_("Permits issued by village and year"),
    description=_("How many permits the regency issued, by village of the holder or of the place."),
    columns=(
        Column("tahun", _("Year"), Kind.INTEGER, _("year of issue"), unit=_("year")),
        Column("kode_desa", _("Code of the village"), Kind.CODE, codes="wilayah"),
        Column("desa", _("Village")),
        PERMITS,
    ),
    known_totals=("tahun",),
    **OFFERED,
)
def permits_by_village() -> Iterator[Mapping[str, Any]]:
    for row in figures.issued_by_village():
        yield {**row, "desa": names.label(row["kode_desa"])}


def masked(name: str) -> str:
    """``S*** N** A*****``."""
    return " ".join(word[0] + "*" * (len(word) - 1) for word in name.split())


every(300.0, id="joss.recheck-identities", title=_("JOSS: identities checked again"))(
    tasks.recheck_identities
)
every(HOUR, id="joss.look-after-returned", title=_("JOSS: returned applications"))(
    tasks.look_after_returned
)
every(24 * HOUR, id="joss.forget-old-drafts", title=_("JOSS: old drafts"))(tasks.forget_old_drafts)
