"""Who plays in the demo, and what they write and hand in. All persons are invented."""

import io
from datetime import date, datetime

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from kartini.people import accounts, persons
from kartini.people import demo as people
from kartini.people.models import User
from kartini.systems.joss import rules
from kartini.systems.joss.services.verification import Finding

_NAMES = (
    "Ahmad Fauzan|Nur Hidayah|Slamet Riyadi|Maya Puspita|Dimas Saputra|Lilis Suryani|Teguh Wibowo|"
    "Fitri Handayani|Eko Prasetyo|Indah Permata|Arif Rahman|Wahyu Setiawan|Ratih Kumala|Hasan Basri|"
    "Sri Wahyuni|Bagus Pramono|Yuli Astuti|Anto Wijaya|Rini Kusuma|Galih Permadi|Endang Lestari|"
    "Surya Atmaja|Wulan Sari|Danang Prakoso|Murni Setyowati|Hadi Purnomo|Tuti Rahayu|Irfan Maulana|"
    "Kartika Dewi|Bayu Nugraha|Siska Amelia|Rudi Hartono|Nanik Susanti|Yoga Pratama|Dwi Anggraini|"
    "Joko Purwanto|Mega Utami|Fajar Hidayat|Lestari Ningsih|Agung Santosa"
)
NAMES = _NAMES.split("|")
_VILLAGES = (
    "33.20.11.2012 33.20.06.1002 33.20.02.2004 33.20.04.2001 33.20.05.2004 33.20.03.2001 33.20.07.2010 "
    "33.20.08.2003 33.20.09.2001 33.20.10.2003 33.20.01.2001 33.20.11.2001"
)
VILLAGES = _VILLAGES.split()
RESEARCH = (
    "Motif ukir Jepara dan cara pewarisannya",
    "Pengelolaan sampah rumah tangga di desa pesisir",
    "Minat baca siswa sekolah dasar",
    "Rantai pasok mebel kayu jati",
    "Pola makan balita dan angka stunting",
)
ADVERTS = (
    "Pameran mebel Jepara",
    "Festival Kartini",
    "Pasar murah Ramadan",
    "Wisuda sekolah",
    "Promo pembukaan toko",
)
FAULTS = {
    "sip-perawat-mandiri": [
        Finding("paper", "photo", "Pasfoto berlatar biru, seharusnya merah"),
        Finding("paper", "health", "Surat keterangan sehat lebih dari 3 bulan"),
    ],
    "surat-keterangan-penelitian": [
        Finding("paper", "introduction", "Surat pengantar belum ditandatangani"),
        Finding("field", "research_title", "Judul berbeda dengan yang di proposal"),
    ],
    "izin-reklame-insidentil": [
        Finding("paper", "site-photo", "Foto lokasi diambil terlalu dekat"),
    ],
}
CODES = ("sip-perawat-mandiri", "surat-keterangan-penelitian", "izin-reklame-insidentil")


def appoint(today: date) -> dict[str, User]:
    """The demo's officers get their desks; Lina of Bakesbangpol joins them."""
    at = people.morning(today)
    accounts.make_staff(
        username="lina",
        full_name="Lina Marlina",
        email="lina@jepara.invalid",
        password=people.PASSWORD,
        is_demo=True,
        at=at,
    )
    roles = {
        "bambang": (rules.FRONT_OFFICE, "dpmptsp", "Petugas loket"),
        "dewi": (rules.VERIFIER, "dpmptsp", "Verifikator"),
        "hendro": (rules.HEAD, "dpmptsp", "Kepala DPMPTSP"),
        "ratna": (rules.TECHNICAL, "dinkes", "Petugas teknis"),
        "agus": (rules.SURVEYOR, "dinkes", "Surveyor"),
        "tri": (rules.TREASURER, "bpkad", "Bendahara"),
        "lina": (rules.TECHNICAL, "bakesbangpol", "Petugas teknis"),
    }
    for username, (kind, agency, title) in roles.items():
        people.appoint(username, kind, agency, title=title, today=today)
    return {username: people.staff(username) for username in roles}


def settle(number: int, name: str, at: datetime) -> User:
    born = date(1975 + number % 28, 1 + number % 12, 1 + number % 28)
    village = VILLAGES[number % len(VILLAGES)]
    woman = number % 2
    digits = f"{village[:8].replace('.', '')}{born.day + 40 * woman:02}{born:%m%y}{9100 + number}"
    person = persons.remember(
        nik=digits,
        name=name,
        birth_place="Jepara",
        birth_on=born,
        sex="F" if woman else "M",
        address=f"RT {1 + number % 6:02} RW {1 + number % 4:02}",
        village_code=village,
        verified_by="dukcapil",
        at=at,
    )
    return accounts.make_citizen(username=f"warga-{9100 + number}", person=person, at=at)


def sheet(title: str, name: str, kind: str, version: int) -> SimpleUploadedFile:
    """A sheet that says what it stands for."""
    page = Image.new("RGB", (420, 594), "white")
    pen = ImageDraw.Draw(page)
    pen.rectangle((20, 20, 400, 574), outline="#1d5b46", width=3)
    pen.text((40, 60), title, fill="#17211c")
    pen.text((40, 90), name, fill="#17211c")
    pen.text((40, 540), f"Contoh untuk peragaan, versi {version}", fill="#4d5a53")
    out = io.BytesIO()
    page.save(out, kind)
    suffix = kind.lower()
    name = "".join(c if c.isalnum() else "-" for c in title.lower()).strip("-")
    return SimpleUploadedFile(f"{name}.{suffix}", out.getvalue())
