"""Statistical metadata in the fields of BPS (Peraturan BPS 5/2020): activity, variables, indicators.

MS-Keg, MS-Var and MS-Ind by the names of their blocks and questions. The list of questions of MS-Ind has been
put together from two published forms and is not checked against the regulation itself.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from kartini.exchange.catalogue import files, publishers
from kartini.exchange.catalogue.declared import Column, Dataset, Kind
from kartini.exchange.catalogue.open import address
from kartini.exchange.catalogue.publishers import Publisher

Known = Mapping[str, Publisher]
TYPES = {
    Kind.INTEGER: "Numerik (bilangan bulat)",
    Kind.DECIMAL: "Numerik (desimal)",
    Kind.DATE: "Tanggal",
    Kind.MONTH: "Bulan (YYYY-MM)",
    Kind.FLAG: "Ya/tidak",
    Kind.CODE: "Kode",
    Kind.TEXT: "Teks",
}


def described(offered: Dataset, known: Known) -> dict[str, Any]:
    """All three forms, in Indonesian: the words of the forms are BPS's."""
    with translation.override("id"):
        return {
            "ms_keg": activity(offered, known),
            "ms_var": [variable(offered, column) for column in offered.columns],
            "ms_ind": [indicator(offered, column) for column in offered.measures],
        }


Listed = list[tuple[str, list[tuple[str, str]]]]


def as_listed(offered: Dataset, known: Known) -> list[tuple[str, Any, Listed]]:
    """The three forms for a page: each with its title, and its blocks of questions that have an answer."""
    said = described(offered, known)
    forms: list[tuple[str, Any, Listed]] = [
        (
            "MS-Keg",
            _("the activity"),
            [(words(n), _answered(a)) for n, a in said["ms_keg"].items()],
        ),
        (
            "MS-Var",
            _("the variables"),
            [(v["nama_variabel"], _answered(v)) for v in said["ms_var"]],
        ),
        (
            "MS-Ind",
            _("the indicators"),
            [(i["nama_indikator"], _answered(i)) for i in said["ms_ind"]],
        ),
    ]
    return [form for form in forms if form[2]]


def _answered(answers: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (words(question), _plain(said))
        for question, said in answers.items()
        if said not in ("", [])
    ]


def _plain(said: Any) -> str:
    if isinstance(said, bool):
        return "Ya" if said else "Tidak"
    return ", ".join(said) if isinstance(said, list) else str(said)


def words(name: str) -> str:
    """``iv_desain_kegiatan`` as a heading: ``IV Desain kegiatan``."""
    number, _dash, rest = name.partition("_")
    if rest and set(number) <= set("iv"):
        return f"{number.upper()} {rest.replace('_', ' ').capitalize()}"
    return name.replace("_", " ").capitalize()


def activity(offered: Dataset, known: Known) -> dict[str, Any]:
    publisher, steward = (
        publishers.of(code, known) for code in (offered.publisher, settings.STEWARD)
    )
    return {
        "identitas": {
            "judul_kegiatan": str(offered.title),
            "kode_kegiatan": offered.slug,
            "jenis_statistik": "Statistik sektoral",
            "cara_pengumpulan_data": "Kompilasi produk administrasi",
        },
        "i_penyelenggara": {"instansi": publisher.name, "alamat": publisher.address, "telepon": publisher.phone},
        "ii_penanggung_jawab": {"produsen_data": publisher.name, "walidata": steward.name},
        "iii_perencanaan_dan_persiapan": {
            "latar_belakang": str(offered.description),
            "tujuan": str(offered.description),
            "dasar_hukum": str(offered.regulation),
        },
        "iv_desain_kegiatan": {
            "frekuensi": str(offered.frequency_title),
            "sumber_data": str(offered.source),
            "cakupan_wilayah": str(settings.REGENCY_NAME),
            "kode_wilayah": settings.REGENCY_CODE,
        },
        "v_desain_sampel": {"metode": "Tidak ada: seluruh catatan administrasi"},
        "vi_penjaminan_kualitas": {"sel_kecil": files.small_cells(offered), "catatan": str(offered.note)},
        "vii_pengolahan_dan_analisis": {"metode": "Penjumlahan langsung dari catatan sistem"},
        "viii_diseminasi": {
            "alamat": address("dataset", offered.slug),
            "format": [str(form) for form in files.FORMATS.values()],
            "lisensi": files.licence(offered),
            "tanggal_terbit_pertama": offered.issued_on.isoformat(),
        },
    }  # fmt: skip


def variable(offered: Dataset, column: Column) -> dict[str, Any]:
    return {
        "nama_kegiatan": str(offered.title),
        "nama_variabel": column.name,
        "alias": str(column.title),
        "konsep": str(column.title),
        "definisi": str(column.definition or column.title),
        "referensi_pemilihan": str(offered.source),
        "referensi_waktu": str(offered.frequency_title),
        "tipe_data": TYPES[column.kind],
        "satuan": str(column.unit),
        "klasifikasi_isian": column.codes,
        "aturan_validasi": "bilangan, dengan satuan" if column.unit else "",
        "kalimat_pertanyaan": "",
        "dapat_diakses_umum": True,
    }


def indicator(offered: Dataset, column: Column) -> dict[str, Any]:
    classes = [str(c.title) for c in offered.columns if not c.measure]
    return {
        "nama_indikator": f"{column.title} – {offered.title}",
        "konsep": str(column.title),
        "definisi": str(column.definition or column.title),
        "interpretasi": str(column.interpretation),
        "metode_rumus": str(column.formula or "Jumlah"),
        "ukuran": "Jumlah",
        "satuan": str(column.unit),
        "klasifikasi_penyajian": classes,
        "indikator_komposit": False,
        "variabel_pembangun": [column.name],
        "publikasi": address("dataset", offered.slug),
        "level_estimasi": str(settings.REGENCY_NAME),
        "dapat_diakses_umum": True,
    }
