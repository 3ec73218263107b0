"""Administrators give and end roles, make and close accounts, within their reach."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kartini.people import demo, roles
from kartini.people.messages import Letter
from kartini.people.models import Organisation, Role, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("jepara")]


@pytest.fixture
def yusuf(client: Client) -> Client:
    client.force_login(demo.staff("yusuf"))
    return client


def words(**changed: str) -> dict[str, str]:
    today = timezone.localdate()
    said = {
        "kind": "people.counter",
        "organisation": "dinkes",
        "acting": "holder",
        "from_on": f"{today}",
        "until_on": "",
        "place_code": "33.20.11",
        "title": "Petugas loket",
    }
    return {**said, **changed}


def address(username: str, rest: str = "") -> str:
    return f"/petugas/akun/{demo.staff(username).pk}/{rest}"


def test_a_role_is_given_after_a_second_look(yusuf: Client) -> None:
    page = yusuf.post(address("dewi", "peran/"), words())
    assert page.templates[0].name == "people/account_role_confirm.html"
    assert not demo.staff("dewi").roles.exists()
    assert yusuf.post(address("dewi", "peran/"), words(yakin="1")).status_code == 302
    assert yusuf.post(address("dewi", "peran/"), words(yakin="1")).status_code == 302
    role = demo.staff("dewi").roles.get()
    assert (role.acting, role.place_code, role.granted_by) == ("", "33.20.11", demo.staff("yusuf"))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"acting": "plt"}, "until_on"),
        ({"until_on": "2020-01-01"}, "until_on"),
        ({"place_code": "Tahunan"}, "place_code"),
        ({"kind": "people.king"}, "kind"),
        ({"organisation": "nasa"}, "organisation"),
        ({"acting": "raja"}, "acting"),
    ],
)
def test_what_cannot_be_a_role_stays_a_form(
    yusuf: Client, wrong: dict[str, str], field: str
) -> None:
    page = yusuf.post(address("dewi", "peran/"), words(**wrong, yakin="1"))
    assert field in page.context["form"].errors
    assert not demo.staff("dewi").roles.exists()


def test_an_acting_official_is_appointed_until_a_day(yusuf: Client) -> None:
    last = timezone.localdate() + timedelta(days=30)
    yusuf.post(address("dewi", "peran/"), words(acting="plh", until_on=f"{last}", yakin="1"))
    assert demo.staff("dewi").roles.get().acting == "plh"


def test_nobody_gives_himself_a_role(yusuf: Client) -> None:
    assert yusuf.post(address("yusuf", "peran/"), words(yakin="1")).status_code == 409


def test_ending_a_role_asks_for_a_reason(yusuf: Client) -> None:
    role = demo.staff("bambang").roles.get(kind="people.counter")
    page = f"/petugas/peran/{role.pk}/akhiri/"
    assert yusuf.post(page, {"reason": ""}).context["form"].errors
    assert yusuf.post(page, {"reason": "pindah tugas"}).status_code == 302
    role.refresh_from_db()
    assert role.ended_by == demo.staff("yusuf")
    past = yusuf.get(f"/petugas/akun/{role.user_id}/").content.decode()
    assert f"{roles.title_of(role.kind)}, DPMPTSP, pindah tugas" in past
    assert role.kind not in past


def test_the_last_administrator_of_all_stays(yusuf: Client) -> None:
    Role.objects.filter(user=demo.staff("yusuf")).update(organisation="dlh")
    role = demo.staff("laila").roles.get(kind="people.administrator")
    client = Client()
    client.force_login(demo.staff("laila"))
    closing = client.post(address("laila", "tutup/"), {"reason": "x"})
    assert closing.status_code == 403
    Role.objects.filter(user=demo.staff("yusuf")).update(organisation="diskominfo")
    User.objects.filter(username="yusuf").update(is_active=False)
    page = client.post(f"/petugas/peran/{role.pk}/akhiri/", {"reason": "x"})
    assert page.context["form"].non_field_errors()


def test_an_agencys_administrator_reaches_only_that_agency(client: Client) -> None:
    demo.appoint("agus", "people.administrator", "dinkes", today=timezone.localdate())
    demo.appoint("ratna", "people.counter", "dinkes", today=timezone.localdate())
    client.force_login(demo.staff("agus"))
    listed = client.get("/petugas/akun/").context["page"].object_list
    assert {user.username for user in listed} == {"agus", "ratna"}
    page = client.post(address("dewi", "peran/"), words(organisation="dpmptsp", yakin="1"))
    assert "organisation" in page.context["form"].errors
    role = demo.staff("bambang").roles.get()
    assert client.get(f"/petugas/peran/{role.pk}/akhiri/").status_code == 403
    assert client.get(address("bambang", "tutup/")).status_code == 403
    assert client.get(address("ratna", "tutup/")).status_code == 200
    assert client.get("/petugas/instansi/baru/").status_code == 403


def test_a_new_officer_is_invited(yusuf: Client, letters: list[Letter]) -> None:
    said = {"full_name": "Nur Fadilah", "username": "Nur", "address": "nur@jepara.invalid"}
    yusuf.post("/petugas/akun/baru/", said)
    user = User.objects.get(username="nur")
    assert not user.has_usable_password()
    assert (letters[-1].to, letters[-1].sensitive) == ("nur@jepara.invalid", True)
    again = yusuf.post("/petugas/akun/baru/", said)
    assert "username" in again.context["form"].errors


def test_a_closed_account_is_signed_out_and_stays_out(yusuf: Client) -> None:
    dewi = Client()
    dewi.force_login(demo.staff("dewi"))
    assert dewi.get("/data-saya/akun/").status_code == 200
    demo.appoint("dewi", "people.counter", "dpmptsp", today=timezone.localdate())
    yusuf.post(address("dewi", "tutup/"), {"reason": "pensiun"})
    assert dewi.get("/data-saya/akun/").status_code == 302
    said = {"login": "dewi", "password": demo.PASSWORD}
    assert Client().post("/masuk/", said)["Location"] == "/akun/inactive/"
    yusuf.post(address("dewi", "buka/"), {"reason": "kembali"})
    assert Client().post("/masuk/", said).status_code == 302


def test_citizens_are_found_only_by_the_whole_number(yusuf: Client) -> None:
    def found(typed: str) -> set[str]:
        page = yusuf.get("/petugas/akun/", {"cari": typed})
        return {user.username for user in page.context["page"].object_list}

    assert found("siti") == {"siti"}
    assert found("Nur Aisyah") == set()
    assert found("0812 0000 9002") == {"siti"}
    assert found("laila") == found("Laila Maha") == {"laila"}


def test_the_code_of_an_organisation_never_changes(yusuf: Client) -> None:
    said = {"name": "Dinas Perhubungan", "short_name": "Dishub", "kind": "GOV", "active": "on"}
    assert yusuf.post("/petugas/instansi/baru/", {**said, "code": "Dis hub"}).context["form"].errors
    assert yusuf.post("/petugas/instansi/baru/", {**said, "code": "dishub"}).status_code == 302
    assert yusuf.post("/petugas/instansi/baru/", {**said, "code": "dishub"}).context["form"].errors
    yusuf.post("/petugas/instansi/dishub/", {**said, "short_name": "Perhubungan", "code": "x"})
    assert Organisation.objects.get(code="dishub").short_name == "Perhubungan"


def test_the_list_costs_the_same_however_many_there_are(
    yusuf: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(10):
        yusuf.get("/petugas/akun/")


def test_every_kind_of_role_is_offered(yusuf: Client) -> None:
    offered = yusuf.get(address("dewi", "peran/")).context["form"].fields["kind"].choices
    assert {code for _system, kinds in offered for code, _title in kinds} == set(roles.kinds)


def test_who_opens_a_citizens_account_is_read_on_the_data_trail(yusuf: Client) -> None:
    yusuf.get(address("siti"))
    citizen = Client()
    citizen.force_login(demo.staff("siti"))
    shown = citizen.get("/data-saya/jejak/").context["traces"]
    assert [str(trace.what) for trace in shown] == ["Membuka halaman akun Anda"]
