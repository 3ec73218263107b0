"""Names as they might be in Jepara. Invented, and put together by chance."""

from random import Random

FIRST = (
    "Siti", "Sri", "Nur", "Dwi", "Eko", "Agus", "Slamet", "Sumarni", "Kasmini", "Rukayah", "Muhammad", "Abdul", "Ahmad", "Zaenal",
    "Khoirul", "Umi", "Sulastri", "Wahyu", "Tri", "Bambang", "Endang", "Suparno", "Sutrisno", "Masruroh", "Fatimah", "Hartono",
)  # fmt: skip
LAST = (
    "Rahayu", "Handayani", "Wijaya", "Susanto", "Lestari", "Hidayat", "Santoso", "Kusuma", "Aminah", "Mulyani", "Prasetyo",
    "Nugroho", "Wati", "Anwar", "Fauzi", "Rohman", "Utami", "Purnomo", "Setiawan", "Khasanah", "Munawaroh", "Kurniawan",
)  # fmt: skip


def a_household(chance: Random, number: int) -> tuple[str, str, str]:
    """Kind, name, address."""
    address = f"RT {chance.randint(1, 8):02} RW {chance.randint(1, 6):02}"
    return "household", f"{chance.choice(FIRST)} {chance.choice(LAST)}", address


def a_group(chance: Random, number: int) -> tuple[str, str, str]:
    if number % 80 == 0:
        return "company", f"UD Mebel {chance.choice(LAST)}", "Jalan Raya"
    return "group", f"SD Negeri {chance.randint(1, 9)}", "Jalan Sekolah"
