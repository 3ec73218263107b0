"""Sample data for the gallery page, on which every component is shown. Tests open it."""

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.utils.safestring import SafeString

from kartini.kit import charts
from kartini.kit.forms import Affixed, Choice, DatePartsField, NikField, RupiahField
from kartini.kit.parts import Chip, ClockPart, Column, TrackStep

ICONS = [
    "home", "search", "document", "check", "check-circle", "clock", "warning", "error", "info", "user",
    "users", "shield", "lock", "eye", "map-pin", "phone", "mail", "chat", "upload", "download", "print",
    "qr", "calendar", "truck", "recycle", "scale", "leaf", "heart-pulse", "baby", "ring", "ship",
    "mountain-sea", "factory", "handshake", "chart", "bell", "settings", "logout", "arrow-left",
    "arrow-right", "chevron-down", "plus", "x", "menu", "filter", "sun", "moon", "external", "pause",
    "ban", "edit", "building", "flow", "trend-up", "trend-down", "hourglass",
]  # fmt: skip
MAP = SafeString(
    '<svg class="map__svg" viewBox="0 0 120 60" role="img" aria-label="Contoh peta skematis">'
    '<path class="desa v1" d="M4 4h36v52h-36z"/><path class="desa v3" d="M42 4h36v52h-36z"/>'
    '<path class="desa v5" d="M80 4h36v52h-36z"/></svg>'
)


class SampleForm(forms.Form):
    """One field of each kind."""

    full_name = forms.CharField(label="Nama lengkap", help_text="Seperti di KTP.")
    nik = NikField(label="NIK", help_text="16 angka, dengan atau tanpa spasi.")
    phone = forms.CharField(label="Nomor HP", widget=Affixed("+62", {"inputmode": "tel"}))
    value = RupiahField(label="Nilai kontrak")
    held_on = DatePartsField(label="Tanggal acara", help_text="Misalnya 12 3 2024.")
    kecamatan = forms.ChoiceField(
        label="Kecamatan",
        choices=[("11", "Tahunan"), ("08", "Bangsri")],
        widget=forms.Select({"class": "input--medium"}),
    )
    remark = forms.CharField(label="Keterangan", required=False, widget=forms.Textarea)
    how = forms.ChoiceField(
        label="Cara menerima dokumen",
        widget=forms.RadioSelect,
        choices=[
            ("account", Choice("Lewat akun dan WhatsApp", "Paling cepat")),
            ("counter", Choice("Ambil di loket")),
        ],
    )
    tell = forms.MultipleChoiceField(
        label="Kabari saya lewat",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        choices=[("whatsapp", "WhatsApp"), ("email", "Surel")],
    )
    paper = forms.FileField(
        label="Surat keterangan sehat", help_text="PDF atau JPG, paling besar 5 MB."
    )
    agree = forms.BooleanField(label="Data di atas benar")


class SampleFilters(forms.Form):
    q = forms.CharField(label="Cari", required=False, widget=forms.TextInput({"type": "search"}))
    stage = forms.ChoiceField(label="Tahap", required=False, choices=[("", "Semua")])


def words() -> dict[str, Any]:
    typed = {"full_name": "Siti Nur Aisyah", "nik": "3320 1162 0495 90", "how": "account"}
    return {
        "icons": ICONS,
        "form": SampleForm(typed),
        "filters": SampleFilters(prefix="saring"),
        "chips": [Chip("Kesehatan", "?")],
        "columns": [Column("Permohonan"), Column("Desa"), Column("Keadaan"), _sorted_days()],
        "page": Paginator(range(187), 20).get_page(2),
        "steps": ["Syarat", "Data diri", "Tempat praktik", "Berkas", "Periksa"],
        "track": _track(),
        "clock": _clock(),
        "rows": [("Nama", "Siti Nur Aisyah"), ("Alamat", "RT 03 RW 02, Desa Tahunan")],
        "week": (31, 37, 24, 43, 49, 41, 56),
        "seen_at": datetime(2026, 11, 27, 2, 10, tzinfo=UTC),
        "day": date(2026, 11, 24),
        "map": MAP,
        "legend": [("v1", "1–2"), ("v3", "5–7"), ("v5", "12+")],
        "map_columns": [Column("Desa"), Column("Permohonan", num=True)],
        "map_rows": [("Tahunan", 2), ("Bangsri", 6), ("Mlonggo", 14)],
        "desk_columns": [
            Column("Pilih", silent=True),
            Column("Permohonan"),
            Column("Pemohon"),
            Column("Desa", minor=True),
            Column("Sisa waktu", url="?urut=sisa", sorted="ascending"),
            Column("Tahap"),
            Column("Petugas", minor=True),
        ],
        "desk_rows": _desk_rows(),
        "tiles": TILES,
        **_charts(),
    }


TILES = [
    ("Terlambat", "3", "izin", "bad", "trend-up", "Dinkes 2, BPKAD 1", False),
    ("Tepat waktu 30 hari", "94,2", "%", "ok", "check-circle", "Target 90 %", False),
    ("Menunggu keputusan", "47", "", "warn", "clock", "9 jatuh tempo", False),
    ("Terbit hari ini", "6", "izin", "off", "trend-down", "Kemarin 14", False),
    ("Sampah terpilah", "18,6", "ton", "warn", "trend-down", "Target 21,7 ton", False),
    ("Truk di jalan", "11", "/14", "off", "hourglass", "Data sejak 09.02", True),
]


def _desk_rows() -> list[dict[str, Any]]:
    people = ["Ahmad Fauzan", "Nur Hidayah", "Maya Puspita", "Dimas Saputra", "Fitri Handayani"]
    lefts = [
        ("Terlambat 2 hari", 100, "bad"),
        ("Hari ini", 96, "warn"),
        ("3 hari lagi", 57, "info"),
    ]
    return [
        {
            "title": "SIP Perawat – praktik mandiri",
            "number": f"JOSS-2026-{1790 + index * 7:06}",
            "who": person,
            "village": ("Bangsri", "Welahan", "Tahunan")[index % 3],
            "left": lefts[min(index // 2, 2)][0],
            "percent": lefts[min(index // 2, 2)][1],
            "tone": lefts[min(index // 2, 2)][2],
            "icon": "map-pin",
            "stage": "Survei lapangan",
            "officer": "Ratna",
        }
        for index, person in enumerate(people)
    ]


def _sorted_days() -> Column:
    return Column("Hari", num=True, minor=True, url="?urut=hari", sorted="descending")


def _track() -> list[TrackStep]:
    return [
        TrackStep("Permohonan diterima", "done", "19 November 2026, 10.02 WIB"),
        TrackStep(
            "Dikembalikan, 2 kekurangan", "done", "20 November 2026", tone="warn", icon="pause"
        ),
        TrackStep(
            "Survei dan rekomendasi", "current", "Paling lambat 2 Desember 2026", icon="map-pin"
        ),
        TrackStep(
            "Tanda tangan dan terbit", "todo", "Paling lambat 4 Desember 2026", icon="shield"
        ),
    ]


def _clock() -> list[ClockPart]:
    return [
        ClockPart("Menunggu Anda", "3 hari", "Tidak dihitung", 100, "off", "pause"),
        ClockPart("Dinas Kesehatan", "2 dari 5 hari", "Batas 2 Desember 2026", 40),
        ClockPart("Dijanjikan", "4 Desember 2026", "Hari ke-2 dari 7", 29, "ok", "check-circle"),
    ]


def _charts() -> dict[str, SafeString]:
    hours = [f"{hour:02}.00" for hour in range(24)]
    calls = [12, 8, 6, 5, 9, 31, 120, 340, 402, 388, 361, 310, 295, 330, 342, 301, 244, 160, 118,
             96, 74, 50, 31, 19]  # fmt: skip
    months = ["Jun", "Jul", "Agu", "Sep", "Okt", "Nov"]
    villages = ["Tahunan", "Bangsri", "Karimunjawa"]
    asked = charts.Series("Permintaan", calls)
    issued = charts.Series("Terbit", (31, 37, None, 43, 49, 41))
    late = charts.Series("Terlambat", (3, 2, 4, 1, 2, 0))
    return {
        "chart_lines": charts.lines(
            title="Permintaan per jam",
            labels=hours,
            series=[asked],
            desc="Puncak 402 permintaan pada pukul 08.00; paling sepi 5 pada pukul 03.00.",
        ),
        "chart_bars": charts.bars(
            title="Izin terbit per bulan",
            labels=months,
            values=issued.values,
            target=40,
            highlight=5,
        ),
        "chart_ranks": charts.ranks(
            title="Permohonan per desa", labels=villages, values=(14, 6, 2)
        ),
        "chart_small": charts.small_multiples(
            title="Terbit dan terlambat", labels=months, series=[issued, late]
        ),
        "chart_bullet": charts.bullet(
            title="Selesai tepat waktu", value=94.2, target=90, limit=100, unit="persen"
        ),
    }
