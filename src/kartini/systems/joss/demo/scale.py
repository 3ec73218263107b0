"""A register as full as a regency's after five years: history only, in bulk. All persons are invented."""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from kartini.places import names
from kartini.systems.joss.engine.loader import HERE, shipped
from kartini.systems.joss.models import Application, PermitType
from kartini.systems.joss.services import archive, types

AT_SCALE_ONE = 200_000
YEARS = 5
_GIVEN = (
    "Ahmad Agus Aisyah Anisa Arif Bambang Budi Dewi Dian Dwi Eko Endang Fajar Fitri Galih Hadi Hasan "
    "Hesti Indah Irfan Joko Kartika Lestari Lilis Maya Mega Muhammad Nanik Nur Putri Ratih Rina Rizki "
    "Rudi Siti Slamet Sri Sukma Suryani Teguh Tri Tuti Umi Wahyu Wati Widya Wulan Yuli Yusuf Zainal"
)
GIVEN = _GIVEN.split()
_FAMILY = (
    "Adi Anggraini Astuti Atmaja Basri Fauzan Handayani Hartono Hidayat Kumala Kurniawan Lestari Mahendra "
    "Maulana Nugraha Permadi Prasetyo Pratama Purnomo Purwanto Rahayu Rahman Riyadi Santosa Saputra Sari "
    "Setiawan Susanti Utami Wibowo Wijaya Yuliana"
)
FAMILY = _FAMILY.split()


@dataclass(frozen=True)
class Title:
    """A permit type as the old books name it."""

    type: PermitType
    days: int
    years: int
    share: int


def fill_scale(today: date, scale: float, progress: Any) -> None:
    """Five years of permits from before Kartini; ``scale`` 1 is 200,000 applications.

    Run again, it adds only what is missing. ``progress`` is called with the part that is done.
    """
    wanted = int(AT_SCALE_ONE * scale)
    known = Application.objects.filter(imported=True).count()
    if wanted <= known:
        progress(1.0)
        return
    past = _books(today, known, wanted)
    for done in archive.take_in(past):
        progress(done / (wanted - known))


def _books(today: date, first: int, last: int) -> Iterator[archive.Past]:
    """The lines of the old books, oldest first; each depends only on its own number."""
    titles = _titles()
    shares = [title.share for title in titles]
    villages = [place.code for place in names.villages()] or ["33.20.11.2012"]
    begin = today - timedelta(days=365 * YEARS + 30)
    for number in range(first, last):
        chance = random.Random(number)
        title = chance.choices(titles, shares)[0]
        day = begin + timedelta(days=int(365 * YEARS * (number + 0.5) / last))
        yield _line(chance, title, number, day, chance.choice(villages))


def _line(
    chance: random.Random, title: Title, number: int, day: date, village: str
) -> archive.Past:
    took = max(1, round(chance.gauss(title.days * 0.8, title.days * 0.25)))
    submitted = timezone.make_aware(datetime.combine(day, time(chance.randint(8, 14), 5)))
    closed = submitted + timedelta(days=took * 7 // 5, hours=1)
    issued = chance.random() > 0.04
    ends = closed.date() + timedelta(days=365 * title.years) if title.years else None
    return archive.Past(
        type=title.type,
        name=f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}",
        village_code=village,
        submitted_at=submitted,
        closed_at=closed,
        due_on=day + timedelta(days=title.days * 7 // 5 + 1),
        working_days=took,
        permit_number=f"503/{number + 1:06}/{title.type.pk}/{day.year}" if issued else "",
        valid_until=ends,
    )


def _titles() -> list[Title]:
    """The 74 titles; three of them are types that Kartini offers."""
    at = timezone.now()
    with (HERE / "titles.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    offered = shipped()
    found = []
    for row in rows:
        definition = offered.get(row["type"])
        pinned = types.pin(definition, at=at) if definition else _plain(row, at)
        share = 400 // (int(row["no"]) + 3) + 5
        found.append(Title(pinned, int(row["working_days"]), int(row["years"]), share))
    return found


def _plain(row: dict[str, str], at: datetime) -> PermitType:
    pinned, _new = PermitType.objects.get_or_create(
        code=f"lama-{int(row['no']):02}",
        digest="",
        defaults={
            "version": 1,
            "title_id": row["title"],
            "title_en": row["title"],
            "sector": row["sector"],
            "agencies": sorted({"dpmptsp", row["agency"]}),
            "definition": None,
            "pinned_at": at,
        },
    )
    return pinned
