"""A small Jepara of people: ten agencies, four citizens, ten officers. All names and NIKs are invented."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kartini.people import accounts, appointments, identity, persons, questions
from kartini.people.models import Claim, DataRequest, Organisation, Role, User

PASSWORD = "kartini-jepara"  # noqa: S105 — the demo's, shown on the sign-in page

AGENCIES = {
    "dpmptsp": ("Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu", "DPMPTSP"),
    "dinkes": ("Dinas Kesehatan", "Dinas Kesehatan"),
    "bpkad": ("Badan Pengelolaan Keuangan dan Aset Daerah", "BPKAD"),
    "disdukcapil": ("Dinas Kependudukan dan Pencatatan Sipil", "Disdukcapil"),
    "diskominfo": ("Dinas Komunikasi dan Informatika", "Diskominfo"),
    "setda": ("Sekretariat Daerah", "Setda"),
    "dlh": ("Dinas Lingkungan Hidup", "DLH"),
    "disparbud": ("Dinas Pariwisata dan Kebudayaan", "Disparbud"),
    "dp3ap2kb": (
        "Dinas Pemberdayaan Perempuan, Perlindungan Anak, Pengendalian Penduduk dan Keluarga Berencana",
        "DP3AP2KB",
    ),
    "bakesbangpol": ("Badan Kesatuan Bangsa dan Politik", "Bakesbangpol"),
}


@dataclass(frozen=True)
class Citizen:
    username: str
    nik: str
    name: str
    birth_place: str
    birth_on: date
    sex: str
    address: str
    village_code: str
    words: Any


@dataclass(frozen=True)
class Officer:
    username: str
    name: str
    organisation: str
    words: Any


CITIZENS: tuple[Citizen, ...] = (
    Citizen(
        "siti",
        "3320116204959002",
        "Siti Nur Aisyah",
        "Jepara",
        date(1995, 4, 22),
        "F",
        "RT 03 RW 02, Desa Tahunan",
        "33.20.11.2012",
        _("Nurse, applies for a permit, Tahunan village"),
    ),
    Citizen(
        "budi",
        "3320021708889003",
        "Budi Santoso",
        "Jepara",
        date(1988, 8, 17),
        "M",
        "RT 01 RW 04, Desa Pecangaan Kulon",
        "33.20.02.2004",
        _("Resident, Pecangaan Kulon village"),
    ),
    Citizen(
        "rina",
        "3320044903019004",
        "Rina Wulandari",
        "Jepara",
        date(2001, 3, 9),
        "F",
        "RT 02 RW 01, Desa Mayong Lor",
        "33.20.04.2001",
        _("Student, plans a study, Mayong Lor village"),
    ),
    Citizen(
        "joko",
        "3320050112799005",
        "Joko Susanto",
        "Semarang",
        date(1979, 12, 1),
        "M",
        "RT 05 RW 02, Desa Bawu",
        "33.20.05.2004",
        _("Furniture maker, wants to advertise, Bawu village"),
    ),
)
OFFICERS: tuple[Officer, ...] = (
    Officer("bambang", "Bambang Wicaksono", "dpmptsp", _("Front office, DPMPTSP")),
    Officer("dewi", "Dewi Lestari", "dpmptsp", _("Verifier, DPMPTSP")),
    Officer(
        "ratna",
        "dr. Ratna Kusumaningrum",
        "dinkes",
        _("Technical officer for health permits, Dinkes"),
    ),
    Officer("agus", "Agus Prabowo", "dinkes", _("Surveyor, Dinkes")),
    Officer("hendro", "Hendro Susilo", "dpmptsp", _("Head of DPMPTSP, signs")),
    Officer("tri", "Tri Handayani", "bpkad", _("Treasurer, BPKAD")),
    Officer("laila", "Laila Maharani", "diskominfo", _("Runs the data exchange, Diskominfo")),
    Officer("yusuf", "Yusuf Hidayat", "diskominfo", _("Administers accounts, Diskominfo")),
    Officer("bupati", "Sekar Kinasih", "setda", _("Regent")),
    Officer("sekda", "Wahyu Nugroho", "setda", _("Regional secretary")),
)


def fill(today: date) -> list[str]:
    """Agencies, people and the roles that belong to no system. Run twice, nothing changes."""
    at = morning(today)
    password = make_password(PASSWORD) if _someone_is_missing() else ""
    for code, (name, short) in AGENCIES.items():
        Organisation.objects.update_or_create(
            code=code, defaults={"name": name, "short_name": short, "place_code": "33.20"}
        )
    for citizen in CITIZENS:
        _settle(citizen, password, at)
    for number, officer in enumerate(OFFICERS, 1):
        accounts.make_staff(
            username=officer.username,
            full_name=officer.name,
            email=f"{officer.username}@jepara.invalid",
            phone=f"+6281200008{number:03}",
            password=password,
            is_demo=True,
            at=at,
        )
    _house_roles(today)
    _cases(today)
    people = f"{len(CITIZENS)} citizens and {len(OFFICERS)} officers"
    return [f"{len(AGENCIES)} agencies; {people} can sign in (password {PASSWORD})"]


def staff(username: str) -> User:
    """A demo account by its login name, for the demos of the systems."""
    return User.objects.get(username=username, is_demo=True)


citizen = staff


def appoint(
    username: str,
    kind: str,
    organisation: str | None,
    *,
    place_code: str = "",
    title: str = "",
    today: date,
) -> Role:
    """Give a demo officer a role (since a year); a system's demo does this for the roles it defines."""
    return appointments.grant(
        user=staff(username),
        kind=kind,
        organisation=organisation,
        place_code=place_code,
        title=title,
        from_on=date(today.year - 1, 1, 2),
        by=None,
        at=morning(today),
    )


def morning(today: date) -> datetime:
    return timezone.make_aware(datetime.combine(today, time(7, 30)))


def words_for(username: str) -> Any:
    """What the sign-in page says about a demo account."""
    return _cast().get(username, "")


def order() -> dict[str, int]:
    """Where each account stands on the sign-in page."""
    return {username: place for place, username in enumerate(_cast())}


def _cast() -> dict[str, Any]:
    citizens = {one.username: one.words for one in CITIZENS}
    return citizens | {one.username: one.words for one in OFFICERS}


def _someone_is_missing() -> bool:
    cast = _cast()
    return User.objects.filter(username__in=cast).count() < len(cast)


def _settle(citizen: Citizen, password: str, at: datetime) -> None:
    person = persons.remember(
        nik=citizen.nik,
        name=citizen.name,
        birth_place=citizen.birth_place,
        birth_on=citizen.birth_on,
        sex=citizen.sex,
        address=citizen.address,
        village_code=citizen.village_code,
        verified_by="dukcapil",
        at=at,
    )
    accounts.make_citizen(
        username=citizen.username,
        person=person,
        email=f"{citizen.username}@contoh.invalid",
        phone=f"+628120000{citizen.nik[-4:]}",
        password=password,
        is_demo=True,
        at=at,
    )


def _cases(today: date) -> None:
    """What waits at a desk: a NIK that two accounts name, and a question about data."""
    at = morning(today) - timedelta(days=1)
    ani = accounts.make_staff(
        username="ani", full_name="Ani Rahmawati", phone="+6281200009009", is_demo=True, at=at
    )
    rina, budi = CITIZENS[2], citizen("budi")
    if not Claim.objects.filter(user=ani).exists():
        unchecked = identity.Checked(identity.Outcome.UNCHECKED)
        identity.take(user=ani, nik=rina.nik, birth_on=rina.birth_on, checked=unchecked, at=at)
    if budi.person is not None and not DataRequest.objects.filter(person=budi.person).exists():
        asked = "Siapa saja yang sudah melihat data saya bulan ini, dan untuk apa?"
        questions.ask(person=budi.person, question=asked, by=budi, at=at)


def _house_roles(today: date) -> None:
    appoint("yusuf", "people.administrator", "diskominfo", today=today)
    appoint("laila", "people.administrator", "diskominfo", today=today)
    appoint("laila", "people.data-officer", "diskominfo", today=today)
    appoint("bambang", "people.counter", "dpmptsp", today=today)
