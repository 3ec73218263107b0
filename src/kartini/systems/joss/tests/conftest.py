"""The cast of JOSS's tests: two citizens, the officers of four agencies, papers, and a nurse's application."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from kartini.exchange.testing import Post
from kartini.office import papers
from kartini.office.models import Paper
from kartini.people import persons
from kartini.people.models import Organisation, Role, User
from kartini.places import names
from kartini.places.models import Place
from kartini.systems.joss import rules
from kartini.systems.joss.models import Application
from kartini.systems.joss.services import days, drafts, types, verification
from kartini.systems.joss.services.identity import Identity

JAKARTA = ZoneInfo("Asia/Jakarta")
TODAY = date(2026, 11, 24)  # a Tuesday
NIK = "3320116204959002"
ANSWERS: dict[str, dict[str, Any]] = {
    "sip-perawat-mandiri": {
        "str_number": "1803122520240817",
        "str_issued_on": "2024-03-12",
        "other_licences": "none",
        "practice_name": "Praktik Perawat Siti",
        "practice_address": "Jl. Mawar 3, RT 03 RW 02",
        "practice_village": "33.20.11.2012",
        "opens_at": "16:00",
        "closes_at": "20:00",
    },
    "surat-keterangan-penelitian": {
        "research_title": "Motif ukir Jepara dan pewarisannya",
        "researcher_kind": "lecturer",
        "institution": "Universitas Rekaan",
        "research_village": "33.20.11.2012",
        "research_place": "Sentra ukir Tahunan",
        "research_starts_on": "2026-12-01",
        "research_ends_on": "2027-03-01",
    },
    "izin-reklame-insidentil": {
        "advertisement_kind": "banner",
        "advertisement_text": "Pameran mebel Jepara",
        "tobacco": "no",
        "width_centimetres": 400,
        "height_centimetres": 100,
        "pieces": 3,
        "site_address": "Jl. Pemuda depan alun-alun",
        "site_village": "33.20.11.2012",
        "land": "public",
        "hangs_from_on": "2026-12-05",
        "hangs_until_on": "2026-12-20",
    },
}
VERIFIED = Identity(
    name="Siti Nur Aisyah",
    birth_place="Jepara",
    birth_on="1995-04-22",
    sex="F",
    address="RT 03 RW 02, Desa Tahunan",
    village_code="33.20.11.2012",
    source="dukcapil",
    verified_at=datetime(2026, 11, 24, 1, tzinfo=UTC),
)


def at(days: int = 0, hour: int = 9) -> datetime:
    """A moment that many days after the 24th of November."""
    return datetime(2026, 11, 24, hour, tzinfo=JAKARTA) + timedelta(days=days)


@dataclass
class Cast:
    """Who plays. Siti applies; bambang, dewi and hendro work at DPMPTSP, ratna and agus at Dinkes."""

    siti: User
    budi: User
    bambang: User
    dewi: User
    hendro: User
    wakil: User
    ratna: User
    agus: User
    tri: User
    lina: User


def citizen(username: str, nik: str, name: str) -> User:
    person = persons.remember(
        nik=nik, name=name, birth_on=date(1995, 4, 22), verified_by="dukcapil", at=at()
    )
    return User.objects.create(
        username=username,
        full_name=name,
        email=f"{username}@contoh.invalid",
        phone=f"+62812{nik[-8:]}",
        person=person,
    )


def officer(username: str, name: str, kind: str, agency: str) -> User:
    user = User.objects.create(username=username, full_name=name)
    Role.objects.create(user=user, kind=kind, organisation_id=agency, from_on=date(2020, 1, 1))
    return user


@pytest.fixture(autouse=True)
def _decrees_read_anew() -> None:
    days.forget()


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def cast(db: None, post: Post) -> Cast:
    for code in ("dpmptsp", "dinkes", "bpkad", "bakesbangpol"):
        Organisation.objects.create(code=code, name=code.upper(), short_name=code.upper())
    return Cast(
        siti=citizen("siti", NIK, "Siti Nur Aisyah"),
        budi=citizen("budi", "3320021708889003", "Budi Santoso"),
        bambang=officer("bambang", "Bambang Wicaksono", rules.FRONT_OFFICE, "dpmptsp"),
        dewi=officer("dewi", "Dewi Lestari", rules.VERIFIER, "dpmptsp"),
        hendro=officer("hendro", "Hendro Susilo", rules.HEAD, "dpmptsp"),
        wakil=officer("wakil", "Wakil Kepala", rules.HEAD, "dpmptsp"),
        ratna=officer("ratna", "dr. Ratna Kusumaningrum", rules.TECHNICAL, "dinkes"),
        agus=officer("agus", "Agus Prabowo", rules.SURVEYOR, "dinkes"),
        tri=officer("tri", "Tri Handayani", rules.TREASURER, "bpkad"),
        lina=officer("lina", "Lina Marlina", rules.TECHNICAL, "bakesbangpol"),
    )


def picture(name: str = "foto.png", colour: str = "red") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (40, 60), colour).save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def paper(owner: User, label: str, colour: str = "red", when: datetime | None = None) -> Paper:
    return papers.receive(upload=picture(colour=colour), owner=owner, label=label, at=when or at())


def draft(by: User, code: str = "sip-perawat-mandiri", day: int = 0) -> Application:
    """A draft with every answer and paper, ready to be handed in."""
    definition = types.offer(code)
    begun = drafts.start_draft(
        definition=definition, identity=replace(VERIFIED, name=by.full_name), by=by, at=at(day)
    )
    drafts.save_step(application=begun, answers=ANSWERS[code], by=by, at=at(day))
    for spec in definition.papers:
        if spec.required and spec.when is None:
            drafts.attach_paper(
                application=begun, code=spec.code, paper=paper(by, spec.code), by=by, at=at(day)
            )
    return begun


def submitted(by: User, code: str = "sip-perawat-mandiri", day: int = 0) -> Application:
    begun = draft(by, code, day)
    return drafts.submit(application=begun, pin="482913", by=by, at=at(day)).application


def fresh(application: Application) -> Application:
    return Application.objects.select_related("type").get(pk=application.pk)


@pytest.fixture
def nurse(cast: Cast) -> Application:
    """Siti's application, submitted on Tuesday."""
    return submitted(cast.siti)


def accepted(cast: Cast, application: Application, day: int = 0) -> Application:
    return verification.accept(application=application, by=cast.bambang, at=at(day, hour=10))


@pytest.fixture
def villages(db: None) -> Iterator[None]:
    """One kecamatan with two villages."""
    shape: dict[str, Any] = {"lat": -6.6, "lng": 110.6, "area_km2": 1, "bps_sources": "agree"}
    rows = (
        ("33.20", "Jepara", "kabupaten", None, "3320"),
        ("33.20.11", "Tahunan", "kecamatan", "33.20", "3320110"),
        ("33.20.11.2012", "Tahunan", "desa", "33.20.11", "3320110012"),
        ("33.20.11.2001", "Ngabul", "desa", "33.20.11", "3320110001"),
    )
    for code, name, level, parent, bps in rows:
        Place.objects.create(
            code=code, name=name, level=level, parent_id=parent, bps_code=bps, **shape
        )
    names.forget()
    yield
    names.forget()
