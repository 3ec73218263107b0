"""Invented residents who play a part in the demo's stories, at every scale. Serials 9xxx: no real person."""

from dataclasses import dataclass
from datetime import date

ALIVE, DEAD, MOVED = "HIDUP", "MENINGGAL", "PINDAH"


@dataclass(frozen=True)
class Named:
    """``village`` is the Kemendagri code; ``part`` says why they are here."""

    nik: int
    name: str
    birth_place: str
    birth_on: date
    village: str
    rt: int
    rw: int
    part: str
    status: str = ALIVE
    street: str = "-"

    @property
    def is_woman(self) -> bool:
        return self.nik // 10**8 % 100 > 40


NAMED = (
    Named(3320116204959002, "SITI NUR AISYAH", "JEPARA", date(1995, 4, 22), "33.20.11.2012", 3, 2,
          "perawat, mengajukan SIP; punya akun peragaan"),
    Named(3320021708889003, "BUDI SANTOSO", "JEPARA", date(1988, 8, 17), "33.20.02.2004", 1, 4,
          "warga; punya akun peragaan"),
    Named(3320044903019004, "RINA WULANDARI", "JEPARA", date(2001, 3, 9), "33.20.04.2001", 2, 1,
          "mahasiswi; punya akun peragaan"),
    Named(3320050112799005, "JOKO SUSANTO", "SEMARANG", date(1979, 12, 1), "33.20.05.2004", 5, 2,
          "pengusaha mebel; punya akun peragaan"),
    Named(3320071005489006, "SLAMET RAHARJO", "JEPARA", date(1948, 5, 10), "33.20.07.2001", 4, 1,
          "meninggal dunia", DEAD),
    Named(3320087011909007, "DIAN PERMATASARI", "JEPARA", date(1990, 11, 30), "33.20.08.2001", 2, 3,
          "pindah ke luar kabupaten", MOVED),
    Named(3320080707929008, "AHMAD FAUZI", "JEPARA", date(1992, 7, 7), "33.20.08.2003", 1, 1,
          "senama dan selahir dengan Ahmad Fauzi di Keling"),
    Named(3320090707929009, "AHMAD FAUZI", "JEPARA", date(1992, 7, 7), "33.20.09.2011", 6, 2,
          "senama dan selahir dengan Ahmad Fauzi di Bangsri"),
    Named(3320131402049010, "HASAN BASRI", "JEPARA", date(2004, 2, 14), "33.20.13.2001", 3, 3,
          "kembar dengan Husein, nomor urut berdampingan"),
    Named(3320131402049011, "HUSEIN BASRI", "JEPARA", date(2004, 2, 14), "33.20.13.2001", 3, 3,
          "kembar dengan Hasan, nomor urut berdampingan"),
    Named(3320024106149012, "PUTRI CAHYANI", "JEPARA", date(2014, 6, 1), "33.20.02.2006", 2, 2,
          "anak di bawah umur"),
    Named(3320165205579013, "SUPARMI", "JEPARA", date(1957, 5, 12), "33.20.16.2005", 1, 5,
          "nama satu kata"),
    Named(3320064805739014, "RR. SITI MA'RIFATUN NUR KHASANAH KUSUMANINGTYAS", "JEPARA",
          date(1973, 5, 8), "33.20.06.1008", 1, 2, "nama panjang dengan tanda petik", ALIVE,
          "JL. DR. SUTOMO NO. 12"),
    Named(3319030902859015, "AGUS SALIM", "KUDUS", date(1985, 2, 9), "33.20.12.2001", 4, 4,
          "pertama kali terdaftar di Kudus, kini warga Jepara"),
    Named(3320105503879016, "NUR HIDAYAH", "JEPARA", date(1987, 3, 15), "33.20.10.2002", 1, 1,
          "warga Karimunjawa"),
    Named(3320117112249017, "KASMI", "JEPARA", date(1924, 12, 31), "33.20.11.2011", 2, 1,
          "berumur lebih dari 100 tahun: dua angka tahun dapat berarti 1924 atau 2024"),
    Named(3320012902009018, "RIZKI KURNIAWAN", "JEPARA", date(2000, 2, 29), "33.20.01.2012", 7, 3,
          "lahir pada tanggal kabisat"),
)  # fmt: skip
