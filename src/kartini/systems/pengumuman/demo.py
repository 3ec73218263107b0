"""Eight announcements, as the agencies of Jepara might have made them. All invented."""

from datetime import date, timedelta

from kartini.people import demo as people
from kartini.people.models import Organisation
from kartini.systems.pengumuman import rules, services

# days ago, agency, title, summary, paragraphs
SAID: list[tuple[int, str, str, str, list[str]]] = [
    (
        0,
        "disparbud",
        "Kapal cepat ke Karimunjawa menyesuaikan gelombang tinggi",
        "Gelombang sampai 2,5 meter. Tiket dapat dijadwalkan ulang tanpa biaya.",
        [
            "Selama gelombang di atas 2 meter kapal cepat tidak berangkat.",
            "Pemegang tiket memilih hari pengganti di loket Pelabuhan Kartini atau lewat operator.",
        ],
    ),
    (
        1,
        "dpmptsp",
        "Mal Pelayanan Publik tutup 25 dan 26 Desember",
        "Permohonan daring tetap diterima dan dihitung mulai hari kerja berikutnya.",
        [
            "Loket buka kembali pada hari kerja pertama sesudahnya, pukul 08.00.",
            "Janji waktu izin memakai hari kerja, jadi hari libur tidak dihitung.",
        ],
    ),
    (
        3,
        "dinkes",
        "Imunisasi kejar untuk balita di semua Puskesmas",
        "Gratis, tanpa pendaftaran. Bawa buku KIA.",
        [
            "Untuk anak di bawah lima tahun yang imunisasinya belum lengkap.",
            "Setiap Rabu pagi di 22 Puskesmas. Tanyakan jadwal Posyandu kepada bidan desa Anda.",
        ],
    ),
    (
        4,
        "dlh",
        "Desa Tegalsambi dan Mantingan menjadi Desa Mandiri Sampah",
        "Lebih dari separuh sampahnya kini dipilah dan diolah di desa.",
        [
            "Dua desa ini mengelola sampahnya sendiri, dari rumah sampai bank sampah.",
            "Desa lain yang ingin belajar dapat menghubungi Dinas Lingkungan Hidup.",
        ],
    ),
    (
        6,
        "disdukcapil",
        "Rekam KTP elektronik keliling di Karimunjawa dan Keling",
        "Untuk warga yang genap 17 tahun dan yang kartunya rusak.",
        [
            "Petugas datang ke kantor kecamatan, pukul 09.00 sampai 14.00.",
            "Bawa fotokopi kartu keluarga. Kartu yang rusak diganti di tempat.",
        ],
    ),
    (
        9,
        "bpkad",
        "Tagihan daerah dapat dibayar lewat QRIS",
        "Pindai kode pada tagihan; bukti bayar terbit seketika.",
        [
            "Berlaku untuk tagihan yang terbit lewat layanan ini.",
            "Periksa nama penerima sebelum membayar: Pemerintah Kabupaten Jepara.",
        ],
    ),
    (
        11,
        "dp3ap2kb",
        "Kelas calon pengantin dibuka setiap pekan",
        "Bersama Puskesmas dan KUA, untuk pasangan dan orang tuanya.",
        [
            "Isi kelas: kesehatan, gizi, keuangan keluarga, dan hak Anda.",
            "Pendaftaran di Puskesmas terdekat. Tidak dipungut biaya.",
        ],
    ),
    (
        12,
        "diskominfo",
        "Kini Anda dapat melihat siapa yang membuka data Anda",
        "Masuk, lalu buka Data saya: siapa, kapan, untuk apa, dan dasar hukumnya.",
        [
            "Setiap kali sebuah instansi bertanya tentang Anda, pertanyaan itu dicatat.",
            "Catatan itu tidak dapat diubah diam-diam, dan Anda dapat membacanya kapan saja.",
        ],
    ),
]


def fill(today: date) -> list[str]:
    """Laila of Diskominfo edits; two weeks of announcements up to ``today``."""
    people.appoint("laila", rules.EDITOR, "diskominfo", today=today)
    for days_ago, agency, title, summary, paragraphs in SAID:
        services.publish(
            title=title,
            summary=summary,
            body="\n\n".join(paragraphs),
            agency=Organisation.objects.get(code=agency),
            by=people.staff("laila"),
            at=people.morning(today - timedelta(days=days_ago)),
        )
    return [f"Pengumuman: {len(SAID)} announcements by {len({said[1] for said in SAID})} agencies"]
