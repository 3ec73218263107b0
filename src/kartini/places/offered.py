"""What the places offer to the world: their list with both codes, areas and points."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from kartini.exchange import registry
from kartini.exchange.catalogue import Column, Kind, codes, dataset
from kartini.places.models import Place

SYSTEM = "wilayah"

registry.subsystem(SYSTEM, member="setda", title="Data wilayah")


@dataset(
    "wilayah-administrasi",
    system=SYSTEM,
    title=_("Kecamatan and villages of the regency"),
    description=_(
        "Every kecamatan, desa and kelurahan with its Kemendagri code and its BPS code side by side, "
        "area, postcode and a point inside it."
    ),
    topic="wilayah",
    frequency="irregular",
    source=_("Public lists of Kemendagri codes (Kepmendagri 300.2.2-2430 of 2025) and of BPS codes"),
    issued_on=date(2026, 11, 24),
    keywords=("wilayah", "kode referensi", "desa", "kecamatan", "BPS", "Kemendagri"),
    note=_("BPS codes that stand in one list only are marked. The area of a kecamatan is the sum of its villages."),
    columns=(
        Column("kode", _("Kemendagri code"), Kind.CODE, _("code of the place by Kemendagri"), codes="wilayah"),
        Column("nama", _("Name")),
        Column("tingkat", _("Level"), Kind.CODE, _("kabupaten, kecamatan, desa or kelurahan")),
        Column("kode_induk", _("Lies in"), Kind.CODE, _("code of the place that it lies in"), codes="wilayah"),
        Column("kode_bps", _("BPS code"), Kind.CODE, _("code of the same place by BPS")),
        Column("kode_bps_sumber", _("Sources of the BPS code"), Kind.CODE, _("agree: two lists agree; one: it stands in one list only")),
        Column("kode_pos", _("Postcode"), Kind.CODE),
        Column("luas_km2", _("Area"), Kind.DECIMAL, _("area of the place"), unit="km²"),
        Column("lintang", _("Latitude"), Kind.DECIMAL, _("a point inside it, WGS 84"), unit=_("degrees")),
        Column("bujur", _("Longitude"), Kind.DECIMAL, _("a point inside it, WGS 84"), unit=_("degrees")),
    ),
)  # fmt: skip
def all_places() -> Iterator[Mapping[str, Any]]:
    yield from (
        Place.objects.filter(ended_on=None)
        .order_by("code")
        .values(
            kode=F("code"),
            nama=F("name"),
            tingkat=F("level"),
            kode_induk=F("parent_id"),
            kode_bps=F("bps_code"),
            kode_bps_sumber=F("bps_sources"),
            kode_pos=F("postcode"),
            luas_km2=F("area_km2"),
            lintang=F("lat"),
            bujur=F("lng"),
        )
        .iterator()
    )


FACTS = {
    "tingkat": _("Level"),
    "kode_induk": _("Lies in"),
    "kode_bps": _("BPS code"),
    "kode_bps_sumber": _("Sources of the BPS code"),
    "kode_pos": _("Postcode"),
}


@codes.code_list(
    "wilayah",
    title=_("Region codes"),
    description=_("Kabupaten, kecamatan, desa and kelurahan: Kemendagri codes with the BPS code beside each."),
    steward="setda",
    regulation="Kepmendagri 300.2.2-2430 Tahun 2025",
    facts=FACTS,
    broader="kode_induk",
    notations=("kode_bps",),
    words=dict([*Place.Level.choices, *Place.Sources.choices]),
    note=_("BPS codes that stand in one list only are marked. The area of a kecamatan is the sum of its villages."),
)  # fmt: skip
def standing_places() -> Iterator[codes.Entry]:
    for place in Place.objects.filter(ended_on=None).order_by("code"):
        facts = (
            place.level,
            place.parent_id or "",
            place.bps_code,
            place.bps_sources,
            place.postcode,
        )
        yield codes.Entry(place.code, place.name, dict(zip(FACTS, facts, strict=True)))
