"""Who and what there is: materials, the parent bank, its units, the people who work there."""

import random
from datetime import date, time, timedelta
from typing import Any

from kartini.people import accounts
from kartini.people import demo as people
from kartini.people.models import Organisation, User
from kartini.places import names
from kartini.places.models import Place
from kartini.systems.bank_sampah import rules
from kartini.systems.bank_sampah.models import Category, Material, OpenHours, Terms, Unit
from kartini.systems.bank_sampah.services import units

PARENT = "bsi-jepara"
CATEGORIES = {"plastik": "Plastik", "kertas": "Kertas", "logam": "Logam", "kaca": "Kaca", "minyak": "Minyak jelantah", "lain": "Lain-lain"}  # fmt: skip
# code, category, name, hint, picture, guide price, share of all bags, grams of a usual bag
MATERIALS = (
    ("pet", "plastik", "Botol PET bening", "Tanpa tutup dan label, kering", "botol", 2500, 20, 1400),
    ("gelas", "plastik", "Gelas plastik", "Bersih, tanpa tutup", "gelas", 3000, 12, 900),
    ("emberan", "plastik", "Plastik emberan", "Ember, gayung, mainan", "ember", 1500, 9, 2200),
    ("kresek", "plastik", "Plastik lembaran", "Kering, dilipat", "lembar", 500, 6, 1100),
    ("kardus", "kertas", "Kardus", "Kering, diikat", "kardus", 1500, 16, 3800),
    ("arsip", "kertas", "Kertas putih", "HVS, buku tulis", "kertas", 1800, 9, 2600),
    ("koran", "kertas", "Koran dan majalah", "Diikat", "koran", 2200, 5, 2900),
    ("besi", "logam", "Besi", "Tanpa karet dan kayu", "besi", 4000, 6, 3100),
    ("aluminium", "logam", "Aluminium", "Kaleng minuman, panci", "kaleng", 12000, 4, 500),
    ("kaca", "kaca", "Botol kaca", "Utuh, tidak pecah", "kaca", 300, 5, 4200),
    ("jelantah", "minyak", "Minyak jelantah", "Disaring, dalam botol", "minyak", 5000, 6, 1700),
    ("elektronik", "lain", "Elektronik kecil", "Kabel, setrika, radio", "kabel", 3500, 2, 2000),
)  # fmt: skip
FLOWERS = (
    "Melati", "Kenanga", "Mawar", "Anggrek", "Kartini", "Sumber Rejeki", "Guyub Rukun", "Berkah Alam", "Resik Mulyo", "Makmur",
    "Lestari", "Asri", "Ngudi Bersih", "Sido Makmur", "Tunas Hijau", "Mekar Sari", "Barokah", "Kencana", "Flamboyan", "Cempaka",
    "Dahlia", "Sekar Arum", "Bina Lingkungan", "Samudra Resik", "Jati Asri", "Ukir Lestari", "Pantura Bersih", "Muria Hijau",
    "Karimun Resik", "Sejahtera",
)  # fmt: skip
STAFF = (
    ("wati", "Sri Wahyuni", "+6281200007001"),
    ("yanto", "Suyanto", "+6281200007002"),
    ("endah", "Endah Puspitasari", "+6281200007003"),
    ("fajar", "Fajar Nugroho", "+6281200007004"),
    ("petinggi", "H. Ahmad Sholeh", "+6281200007005"),
)
HOME = "33.20.11.2012"


def found(today: date, count: int) -> Unit:
    """The parent bank at DLH and its units, over the villages of the regency; the first at Tahunan."""
    at, opened = people.morning(today), today - timedelta(days=800)
    for order, (code, name) in enumerate(CATEGORIES.items()):
        Category.objects.update_or_create(code=code, defaults={"name": name, "order": order})
    for order, (code, category, name, hint, picture, *_rest) in enumerate(MATERIALS):
        Material.objects.update_or_create(
            code=code, defaults={"category_id": category, "name": name, "hint": hint, "picture": picture, "order": order}
        )  # fmt: skip
    terms = Terms.objects.create(name="Ketentuan Bank Sampah Induk Jepara")
    parent = units.open_unit(
        code=PARENT, name="Bank Sampah Induk Jepara", prefix="BSI", village_code="33.20.06.1007", opened_on=opened,
        kind=Unit.Kind.PARENT, terms=terms, address="Kantor DLH", by=None, at=at, **_spot("33.20.06.1007", 0),
    )  # fmt: skip
    more_units(parent, count, first=0, opened=opened)
    return parent


def more_units(parent: Unit, count: int, *, first: int, opened: date | None = None) -> list[Unit]:
    """Units with Saturday hours; names repeat with a number where there are more than flowers."""
    villages = _spread([v.code for v in names.villages()], first + count)
    made = []
    for number in range(first, first + count):
        flower, turn = FLOWERS[number % len(FLOWERS)], number // len(FLOWERS)
        village = HOME if number == 0 else villages[number]
        unit = units.open_unit(
            code=f"bs-{flower.lower().replace(' ', '-')}{f'-{turn + 1}' if turn else ''}",
            name=f"Bank Sampah {flower}{f' {turn + 1}' if turn else ''}",
            prefix=f"{flower[:2].upper()}{number:02}",
            village_code=village, opened_on=(opened or parent.opened_on) + timedelta(days=number % 60), parent=parent,
            address=f"Balai RW {number % 6 + 1:02}", decree_number=f"660/{100 + number}/SK/2024",
            decree_on=opened or parent.opened_on, by=None, at=people.morning(parent.opened_on), **_spot(village, number),
        )  # fmt: skip
        made.append(unit)
    OpenHours.objects.bulk_create(
        OpenHours(unit=unit, weekday=5, from_time=time(8), until_time=time(11)) for unit in made
    )
    return made


def _spread(codes: list[str], count: int) -> list[str]:
    """So many villages, far from each other in the list; again from the start when there are more."""
    step = max(1, len(codes) // max(1, count))
    return [codes[(number * step) % len(codes)] for number in range(count)]


def _spot(village: str, number: int) -> dict[str, Any]:
    """A point near the village's own."""
    place = Place.objects.filter(pk=village).first()
    if place is None:
        return {}
    chance = random.Random(number)
    return {
        "lat": place.lat + chance.uniform(-0.006, 0.006),
        "lng": place.lng + chance.uniform(-0.006, 0.006),
    }


def appoint(today: date) -> None:
    """Two managers at the first unit, an officer of the parent bank, DLH's reader, the village head."""
    password = User.objects.filter(is_demo=True).values_list("password", flat=True).first() or people.PASSWORD  # fmt: skip
    for username, name, phone in STAFF:
        accounts.make_staff(
            username=username, full_name=name, email=f"{username}@jepara.invalid", phone=phone, password=password,
            is_demo=True, at=people.morning(today),
        )  # fmt: skip
    first = Unit.objects.units().order_by("pk")[0]
    dlh = Organisation.objects.filter(code="dlh").exists()
    people.appoint("wati", rules.MANAGER.code, first.code, today=today)
    people.appoint("yanto", rules.MANAGER.code, first.code, today=today)
    people.appoint("endah", rules.PARENT.code, PARENT, today=today)
    people.appoint("fajar", rules.DLH.code, "dlh" if dlh else None, today=today)
    people.appoint("petinggi", rules.VILLAGE.code, None, place_code=HOME, today=today)
