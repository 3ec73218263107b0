"""What the exchange itself offers: its grants as open data, and the reference list of health facilities."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kartini.exchange import published, registry
from kartini.exchange.catalogue.codes import imported_list
from kartini.exchange.catalogue.declared import Column, Kind, Row, dataset
from kartini.exchange.models import Grant

SYSTEM = "reference"
SHIPPED = Path(__file__).parent / "shipped"

registry.subsystem(SYSTEM, member=settings.STEWARD, title="Data referensi dan katalog")

HEALTH = imported_list(
    "fasilitas-kesehatan",
    title=_("Health centres"),
    description=_("The Puskesmas of the regency and the kecamatan in which they lie."),
    steward="dinkes",
    regulation="",
    facts={"jenis": _("Kind"), "kode_kecamatan": _("Kecamatan"), "keterangan": _("Remark")},
    note=_(
        "The codes are Kartini's own until the codes of the Ministry of Health are entered. Names are from public "
        "lists; the kecamatan is assumed from the name."
    ),
)


@dataset(
    "izin-pertukaran-data",
    system=SYSTEM,
    title=_("Who may ask or hear what through the exchange"),
    description=_(
        "Every grant in force: which system may use which service or hear which event, for which purpose, by which right, and until when."
    ),
    topic="pemerintahan",
    frequency="continuous",
    source=_("Register of grants of the exchange"),
    issued_on=date(2026, 11, 24),
    keywords=("pertukaran data", "pelindungan data pribadi", "transparansi"),
    regulation="UU 27/2022 Pasal 20; Perpres 39/2019",
    columns=(
        Column("peminta", _("Asker"), Kind.CODE, _("identifier of the system that asks or hears")),
        Column("kontrak", _("Contract"), Kind.CODE, _("service or event, with its version")),
        Column("jenis", _("Shape"), Kind.CODE, _("query or event")),
        Column("tujuan", _("Purpose"), Kind.CODE),
        Column("dasar", _("Legal basis")),
        Column(
            "isian",
            _("The fields"),
            definition=_("fields that may be read; empty: the whole answer"),
        ),
        Column("berlaku_sampai", _("Valid until"), Kind.DATE),
    ),
)
def grants() -> Iterator[Row]:
    held = Grant.objects.filter(state__in=Grant.HOLDING).select_related("asker")
    for grant in held.order_by("asker_id", "contract", "purpose"):
        yield {
            "peminta": str(grant.asker),
            "kontrak": grant.contract,
            "jenis": "event" if grant.contract in published.events() else "query",
            "tujuan": grant.purpose,
            "dasar": grant.basis,
            "isian": " ".join(grant.fields),
            "berlaku_sampai": grant.valid_until,
        }


def shipped(name: str) -> bytes:
    """A list that Kartini brings along."""
    return (SHIPPED / f"{name}.csv").read_bytes()
