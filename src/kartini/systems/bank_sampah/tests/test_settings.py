"""What the parent bank sets: materials, limits, units and who manages them."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from kartini.contracts.bank_sampah import UnitClosed, UnitOpened
from kartini.exchange.testing import Post
from kartini.office.models import Notice
from kartini.people.models import Role, TrailLine, User
from kartini.places import demo as places
from kartini.places import names
from kartini.places.models import Place
from kartini.systems.bank_sampah import handlers, rules
from kartini.systems.bank_sampah.forms.units import PointField
from kartini.systems.bank_sampah.models import Category, Material, Terms, TermsChange, Unit
from kartini.systems.bank_sampah.services import units
from kartini.systems.bank_sampah.tests.conftest import SATURDAY, Bank, an_account


@pytest.fixture(autouse=True)
def saturday(settings: Any, tmp_path: Any) -> Any:
    settings.DATA_DIR = tmp_path
    with time_machine.travel(SATURDAY, tick=False):
        yield


@pytest.fixture
def endah(client: Client, bank: Bank, post: Post) -> Client:
    client.force_login(bank.officer)
    return client


def at(name: str, unit: Unit, *more: Any) -> str:
    return reverse(f"bank_sampah:{name}", args=[unit.code, *more])


def known_phone(username: str, phone: str) -> User:
    user = an_account(username)
    User.objects.filter(pk=user.pk).update(phone=phone, phone_verified=True)
    return user


def test_materials_are_added_renamed_and_retired_by_the_parent_bank(
    endah: Client, bank: Bank
) -> None:
    new = {"category": "plastik", "name": "Tutup botol", "hint": "Bersih", "picture": "botol"}
    assert endah.post(at("new-material", bank.parent), new).status_code == 302
    assert "sudah memakai nama ini" in endah.post(at("new-material", bank.parent), new).content.decode()  # fmt: skip
    made = Material.objects.get(name="Tutup botol")
    change = {"name": "Tutup botol PET", "hint": "", "picture": "botol"}
    endah.post(at("material", bank.parent, made.pk), change)
    ask = endah.get(at("switch-material", bank.parent, made.pk)).content.decode()
    assert "Tutup botol PET" in ask
    for _twice in range(2):
        endah.post(at("switch-material", bank.parent, made.pk), {"pakai": "tidak"})
    made.refresh_from_db()
    assert (made.code, made.active) == ("tutup-botol", False)
    assert "Tutup botol PET" not in endah.get(at("prices", bank.unit)).content.decode()
    assert "Tutup botol PET" in endah.get(at("materials", bank.parent)).content.decode()
    assert "tutup-botol" in endah.get(at("materials", bank.parent), {"unduh": "csv"}).content.decode()  # fmt: skip
    assert TrailLine.objects.filter(verb="bank-sampah.material-retired").count() == 1


def test_a_category_gets_another_name_and_keeps_its_code(endah: Client, bank: Bank) -> None:
    endah.post(at("category", bank.parent, "plastik"), {"name": "Plastik dan karet"})
    assert Category.objects.get(pk="plastik").name == "Plastik dan karet"
    endah.post(at("new-category", bank.parent), {"name": "Kain"})
    assert Category.objects.get(name="Kain").pk == "kain"


def test_a_limit_counts_from_its_day_on_and_says_why(endah: Client, bank: Bank) -> None:
    url, terms = at("limits", bank.parent), bank.parent.terms
    words = {name: getattr(terms, name) for name in rules.LIMITS} | {"reason": "Rapat 20/11"}
    today, later = SATURDAY.date(), SATURDAY.date() + timedelta(days=10)
    for wrong in ({"from_on": today}, {"from_on": today, "stale_days": 0}, {"from_on": today - timedelta(days=1), "stale_days": 20}, {"from_on": today, "stale_days": 20, "reason": ""}):  # fmt: skip
        assert endah.post(url, words | wrong).status_code == 200
    endah.post(url, words | {"from_on": today, "least_withdrawal_rupiah": "20.000"})
    endah.post(url, words | {"from_on": later, "least_withdrawal_rupiah": 20_000, "stale_days": 60})
    handlers.limits_due()
    terms.refresh_from_db()
    assert (terms.least_withdrawal_rupiah, terms.stale_days) == (20_000, 30)
    assert "Rapat 20/11" in endah.get(url).content.decode()
    with time_machine.travel(SATURDAY + timedelta(days=10), tick=False):
        handlers.limits_due()
    assert Terms.objects.get(pk=terms.pk).stale_days == 60
    one = TermsChange.objects.get(limit="stale_days")
    endah.post(at("withdraw-limit", bank.parent, one.pk))
    assert TermsChange.objects.filter(pk=one.pk).exists()


def test_a_manager_reads_the_limits_and_changes_none(
    client: Client, bank: Bank, post: Post
) -> None:
    client.force_login(bank.manager)
    before = bank.unit.terms.stale_days
    words = dict.fromkeys(rules.LIMITS, 50) | {"reason": "x", "from_on": SATURDAY.date()}
    assert client.post(at("limits", bank.unit), words).status_code == 200
    assert Terms.objects.get(pk=bank.unit.terms_id).stale_days == before
    assert client.get(at("limits", bank.parent)).status_code == 403
    for name in ("open-unit", "materials", "new-material"):
        assert client.get(at(name, bank.parent)).status_code == 403
        assert client.get(at(name, bank.unit)).status_code == 404
    assert client.get(at("close-unit", bank.unit)).status_code == 403


@pytest.mark.parametrize(
    ("typed", "point"),
    [
        ("-6.6123, 110.6789", (-6.6123, 110.6789)),
        ("−6,6123; 110,6789", (-6.6123, 110.6789)),
        ("https://maps.example/place/@-6.1,110.1,17z/data=!3d-6.6123!4d110.6789", (-6.6123, 110.6789)),
        ("", None),
    ],
)  # fmt: skip
def test_a_point_is_read_as_maps_write_it(typed: str, point: Any) -> None:
    assert PointField(required=False).clean(typed) == point


def test_a_manager_mends_the_address_and_the_parent_bank_the_name(
    client: Client, bank: Bank, post: Post
) -> None:
    places.fill(SATURDAY.date())
    url = at("profile", bank.unit)
    words = {
        "name": "Bank Lain", "village_code": bank.unit.village_code, "address": "Balai RW 03", "point": "-6.61, 110.68",
        "decree_number": "660/9", "decree_on": "2024-02-01",
    }  # fmt: skip
    client.force_login(bank.manager)
    assert "jauh dari desa" in client.post(url, words | {"point": "-7.9, 110.68"}).content.decode()
    assert client.post(url, words).status_code == 302
    bank.unit.refresh_from_db()
    assert (bank.unit.name, bank.unit.address, bank.unit.lat) == ("Bank Sampah Melati", "Balai RW 03", -6.61)  # fmt: skip
    client.force_login(bank.officer)
    client.post(url, words)
    page = client.get(url).content.decode()
    assert "Bank Sampah Melati → Bank Lain" in page
    assert "map__points" in client.get(reverse("bank_sampah:unit", args=[bank.unit.code])).content.decode()  # fmt: skip


def test_where_a_village_was_divided_a_manager_still_mends_the_address(
    client: Client, bank: Bank, post: Post
) -> None:
    places.fill(SATURDAY.date())
    Place.objects.filter(pk=bank.unit.village_code).update(ended_on=SATURDAY.date())
    names.forget()
    client.force_login(bank.manager)
    words = {"address": "Balai RW 04", "point": ""}
    assert client.post(at("profile", bank.unit), words).status_code == 302
    names.forget()


def test_managers_are_appointed_by_the_parent_bank_and_nobody_dismisses_himself(
    endah: Client, bank: Bank
) -> None:
    known_phone("tutik", "+6281234567891")
    url = at("staff", bank.unit)
    assert "Tidak ada akun" in endah.post(url, {"account": "0899-000"}).content.decode()
    assert endah.post(url, {"account": "0812-3456-7891"}).status_code == 302
    assert "sudah bertugas" in endah.post(url, {"account": "0812-3456-7891"}).content.decode()
    assert Notice.objects.get().to.username == "tutik"
    role = Role.objects.get(user__username="tutik")
    assert endah.post(at("dismiss", bank.unit, role.pk), {"reason": ""}).status_code == 200
    endah.post(at("dismiss", bank.unit, role.pk), {"reason": "Pindah"})
    assert Role.objects.get(pk=role.pk).ended_at
    User.objects.filter(pk=bank.officer.pk).update(phone="+6281234567892", phone_verified=True)
    assert "diri sendiri" in endah.post(url, {"account": "081234567892"}).content.decode()
    endah.force_login(bank.manager)
    assert endah.post(url, {"account": "0812-3456-7891"}).status_code == 200
    assert Role.objects.filter(user__username="tutik").count() == 1
    assert endah.get(at("dismiss", bank.unit, role.pk)).status_code == 403


def test_a_unit_opens_closes_with_a_reason_and_opens_again(
    endah: Client, bank: Bank, post: Post
) -> None:
    places.fill(SATURDAY.date())
    words = {"name": "Bank Sampah Tunas", "village_code": bank.unit.village_code, "address": "Balai RW 07", "prefix": "MLT", "opened_on": "2026-11-21"}  # fmt: skip
    url = at("open-unit", bank.parent)
    assert "huruf ini" in endah.post(url, words).content.decode()
    assert endah.post(url, words | {"prefix": "tns"}).status_code == 302
    made = Unit.objects.get(prefix="TNS")
    assert (made.code, made.parent, made.terms) == ("bs-tunas", bank.parent, bank.parent.terms)
    door = at("close-unit", made)
    assert endah.post(door, {"reason": ""}).status_code == 200
    endah.post(door, {"reason": "Pengurus pindah"})
    assert Unit.objects.get(pk=made.pk).closed_on
    assert "Tunas" in endah.get(at("units", bank.parent), {"hanya": "tutup"}).content.decode()
    endah.post(door, {"reason": "Pengurus baru"})
    assert Unit.objects.get(pk=made.pk).closed_on is None
    assert "Pengurus baru" in endah.get(at("profile", made)).content.decode()
    told = [type(fact) for fact in post.published]
    assert told.count(UnitOpened) == 2
    assert told.count(UnitClosed) == 1


def test_the_pages_of_settings_cost_the_same_however_many_rows(
    endah: Client, bank: Bank, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        role = {"kind": rules.MANAGER.code, "organisation_id": bank.parent.code, "from_on": SATURDAY.date()}  # fmt: skip
        Role.objects.create(user=an_account(f"m{number}"), **role)
    for name in ("settings", "profile", "staff", "limits", "materials", "buyers"):
        with django_assert_max_num_queries(13):
            assert endah.get(at(name, bank.parent)).status_code == 200


def test_a_parent_bank_decides_for_its_own_units_only(bank: Bank) -> None:
    words: dict[str, Any] = {
        "village_code": bank.unit.village_code,
        "opened_on": bank.unit.opened_on,
        "by": None,
        "at": SATURDAY,
    }
    made = [
        units.open_unit(
            code=f"bs-{name}",
            name=name,
            prefix=name[:3].upper(),
            kind=Unit.Kind.PARENT,
            **words,
        )
        for name in ("barat", "timur")
    ]
    below = units.open_unit(code="bs-bawah", name="Bawah", prefix="BWH", parent=made[0], **words)
    assert len({bank.unit.terms_id, made[0].terms_id, made[1].terms_id}) == 3
    assert below.terms_id == made[0].terms_id
