"""Laila of Diskominfo runs the exchange; Endang of Disdukcapil owns its data; Dimas builds the system of a vendor.

The vendor's Simpus has one grant in force that ends soon, one that has ended by itself, and one that waits for
Endang. One letter is dead, one breach is open. Siti's data were looked at twice, the second time
without a legal basis: she may ask why. All names are invented.
"""

from datetime import date, datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from kartini.contracts import Purpose
from kartini.exchange.models import Delivery, Fact, Grant, Subsystem
from kartini.people import accounts, trail
from kartini.people import demo as people
from kartini.people.models import TrailLine, User
from kartini.systems.console import rules
from kartini.systems.console.models import Breach
from kartini.systems.console.services import breaches, grants, members

VENDOR = {
    "code": "sehat-nusantara",
    "name": "PT Sehat Nusantara (rekaan)",
    "short_name": "Sehat Nusantara",
    "kind": "COM",
}
SYSTEM = "simpus-sehat"
PERMITS, RESIDENTS = "joss.permit-by-number.v1", "dukcapil.resident-by-nik.v1"
FIELDS = {
    PERMITS: ["holder_masked", "state", "title", "valid_until"],
    RESIDENTS: ["name", "birth_on", "address"],
}
NEEDS = {
    Purpose.GOVERNANCE: (
        "Uji coba pemeriksaan izin praktik tenaga kesehatan.",
        "Perjanjian kerja sama Dinkes 12/2026",
    ),
    Purpose.PERMIT_VERIFICATION: (
        "Memeriksa bahwa tenaga kesehatan yang bertugas memegang izin praktik yang berlaku.",
        "UU 17/2023 tentang Kesehatan",
    ),
    Purpose.HEALTH_SERVICE: (
        "Mencocokkan pasien baru dengan data kependudukan, agar tidak ada dua rekam medis.",
        "Permenkes 24/2022 tentang Rekam Medis",
    ),
}
LISTENER = "command-center.announcement-published"


def fill(today: date) -> list[str]:
    """Filled again, nothing changes."""
    at = people.morning(today)
    people.appoint("laila", rules.OFFICER, "diskominfo", today=today)
    people.appoint("yusuf", rules.OWNER, "diskominfo", today=today)
    if not Subsystem.objects.filter(pk=SYSTEM).exists():
        _join(today, at)
    _dead_letter(at)
    _breach(at)
    _trail(at)
    return [
        "Console: Laila of Diskominfo runs the exchange; Endang of Disdukcapil owns its data.",
        "Console: a vendor's Simpus has one grant waiting, one ending soon, one ended; one letter is dead.",
        "Console: siti sees who looked at her data, and that one look names no legal basis.",
    ]


def _join(today: date, at: datetime) -> None:
    password = make_password(people.PASSWORD)
    laila = people.staff("laila")
    entered = members.register(
        organisation=None,
        facts=VENDOR,
        code=SYSTEM,
        title="Simpus Sehat",
        contact="Dimas Pratama, dimas@sehat.invalid",
        by=laila,
        at=at - timedelta(days=120),
    )
    dimas = _account("dimas", "Dimas Pratama", "+6281200008021", password, at)
    people.appoint("dimas", rules.DEVELOPER, VENDOR["code"], today=today)
    _account("endang", "Endang Susilowati", "+6281200008022", password, at)
    people.appoint("endang", rules.OWNER, "disdukcapil", today=today)
    people.appoint("hendro", rules.OWNER, "dpmptsp", today=today)
    members.new_secret(
        subsystem=entered, replaces=None, once="0a0b0c0d", by=dimas, at=at - timedelta(days=118)
    )
    _ask_and_decide(entered, dimas, at)


def _ask_and_decide(entered: Subsystem, dimas: User, at: datetime) -> None:
    """One grant is over, one ends soon, one waits."""
    hendro = people.staff("hendro")
    past = _asked(entered, dimas, PERMITS, Purpose.GOVERNANCE, at - timedelta(days=110), 102)
    grants.approve(grant=past, valid_until=None, by=hendro, at=at - timedelta(days=108))
    grants.end_those_over(at=at - timedelta(days=7))
    held = _asked(entered, dimas, PERMITS, Purpose.PERMIT_VERIFICATION, at - timedelta(days=30), 42)
    grants.narrow(
        grant=held,
        fields=held.asked_fields[1:],
        per_minute=30,
        valid_until=held.asked_until,
        reason="Nomor, jenis, dan masa berlaku cukup untuk memeriksa izin praktik.",
        by=hendro,
        at=at - timedelta(days=28),
    )
    grants.warn_of_ends(at=at)
    _asked(entered, dimas, RESIDENTS, Purpose.HEALTH_SERVICE, at, 365)


def _asked(
    asker: Subsystem, by: User, contract: str, purpose: Purpose, at: datetime, days: int
) -> Grant:
    """``days``: for how many it is asked."""
    need, basis = NEEDS[purpose]
    return grants.ask(
        asker=asker,
        contract=contract,
        purpose=purpose,
        need=need,
        basis=f"UU 27/2022 Pasal 20 ayat (2) huruf e: {basis}",
        basis_letter="e",
        fields=FIELDS[contract],
        per_minute=60,
        until=timezone.localdate(at) + timedelta(days=days),
        by=by,
        at=at,
    )


def _account(username: str, name: str, phone: str, password: str, at: datetime) -> User:
    return accounts.make_staff(
        username=username,
        full_name=name,
        email=f"{username}@jepara.invalid",
        phone=phone,
        password=password,
        is_demo=True,
        at=at,
    )


def _dead_letter(at: datetime) -> None:
    """An announcement that the wall missed on a day when it was down."""
    slug = "uji-kirim-ulang"
    if Fact.objects.filter(ordering_key=slug).exists():
        return
    then = at - timedelta(days=4)
    Delivery.objects.create(
        fact=_announced(slug, then),
        listener=LISTENER,
        ordering_key=slug,
        next_at=then,
        give_up_at=at,
        attempts=37,
        dead_at=at - timedelta(days=1),
        reason="TimeoutError",
    )


def _announced(slug: str, then: datetime) -> Fact:
    body = {
        "slug": slug,
        "title": "Pemeliharaan jaringan kantor selesai",
        "agency": "diskominfo",
        "published_at": then.isoformat(),
    }
    name = "pengumuman.announcement-published.v1"
    return Fact.objects.create(contract=name, ordering_key=slug, body=body, stated_at=then)


def _breach(at: datetime) -> None:
    if Breach.objects.exists():
        return
    known = at - timedelta(hours=30)
    breach = breaches.enter(
        title="Daftar hadir terkirim ke alamat surel keliru (peragaan)",
        known_at=known,
        began_at=known - timedelta(hours=2),
        personal_data="Nama dan nomor telepon",
        persons=12,
        cause="Alamat surel salah ketik saat mengirim daftar hadir pelatihan.",
        measures="Penerima diminta menghapus; pengiriman daftar kini lewat ruang kerja bersama.",
        by=people.staff("laila"),
        at=known + timedelta(hours=1),
    )
    breaches.tell(
        breach=breach,
        whom="subjects",
        how="Surel dan telepon kepada 12 orang",
        told_at=known + timedelta(hours=20),
        by=people.staff("laila"),
        at=known + timedelta(hours=20),
    )


def _trail(at: datetime) -> None:
    siti = people.citizen("siti").person
    if (
        siti is None
        or siti.birth_on is None
        or TrailLine.objects.filter(person=siti, verb="people.account-seen").exists()
    ):
        return
    lawful = "UU 27/2022 Pasal 20: pengelolaan akun layanan publik"
    for officer, verb, basis, days in (
        ("yusuf", "people.account-seen", lawful, 9),
        ("bambang", "people.looked", "", 3),
    ):
        trail.looked(
            by=people.staff(officer),
            person=siti,
            thing="people.account:",
            purpose="account-care",
            basis=basis,
            at=at - timedelta(days=days),
            verb=verb,
        )
