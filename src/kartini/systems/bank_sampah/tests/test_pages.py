"""The pages: a Saturday by plain forms, who may see what, and a steady price per page."""

import uuid
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from kartini.contracts.dukcapil import Resident, ResidentByNik
from kartini.exchange.testing import Post
from kartini.people.models import TrailLine
from kartini.systems.bank_sampah.models import Account, Deposit, Depositor, PriceList, Withdrawal
from kartini.systems.bank_sampah.services import cash, deposits
from kartini.systems.bank_sampah.services.deposits import Weighed
from kartini.systems.bank_sampah.tests.conftest import SATURDAY, Bank, an_account

SITI = "3320116204959002"


@pytest.fixture(autouse=True)
def saturday(settings: Any, tmp_path: Any) -> Any:
    settings.DATA_DIR = tmp_path
    with time_machine.travel(SATURDAY, tick=False):
        yield


def at(name: str, bank: Bank, *more: Any) -> str:
    return reverse(f"bank_sampah:{name}", args=[bank.unit.code, *more])


@pytest.fixture
def wati(client: Client, bank: Bank, post: Post) -> Client:
    client.force_login(bank.manager)
    return client


def weigh(bank: Bank, kilograms: int = 20) -> Deposit:
    return deposits.record(
        id=uuid.uuid4(), depositor=bank.depositor(), bags=[Weighed(bank.materials["pet"].pk, kilograms * 1000)],
        weighed_at=SATURDAY, by=bank.manager, at=SATURDAY,
    )  # fmt: skip


def test_a_depositor_is_found_weighed_and_shown_the_total(wati: Client, bank: Bank) -> None:
    who = bank.depositor()
    found = wati.get(at("find", bank), {"q": "sri"})
    assert found["Location"] == at("weigh", bank, who.pk)
    page = wati.get(found["Location"])
    deed = page.context["form"].initial["deed"]
    pet, oil = bank.materials["pet"].pk, bank.materials["jelantah"].pk
    words = {"deed": deed, "prices": bank.prices.pk, f"m{pet}": "2,5 + 1,25", f"m{oil}": ""}
    for _twice in range(2):
        answer = wati.post(found["Location"], words)
    receipt = wati.get(answer["Location"]).content.decode()
    assert "Rp 9.375" in receipt
    assert Deposit.objects.get().lines.count() == 2


@pytest.mark.parametrize(
    ("written", "said"), [("9.000", "9,0"), ("-3", "nol"), ("9000", "9.000 kg"), ("", "karung")]
)
def test_a_slip_of_the_hand_is_said_and_nothing_typed_is_lost(
    wati: Client, bank: Bank, written: str, said: str
) -> None:
    pet = bank.materials["pet"].pk
    url = at("weigh", bank, bank.depositor().pk)
    page = wati.post(url, {f"m{pet}": written, "prices": bank.prices.pk})
    assert page.status_code == 200
    assert said in page.content.decode()
    assert f'value="{written}"' in page.content.decode()
    assert not Deposit.objects.exists()


def test_prices_published_in_the_middle_do_not_change_what_was_told(
    wati: Client, bank: Bank
) -> None:
    url = at("weigh", bank, bank.depositor().pk)
    told = wati.get(url).context["form"].initial["prices"]
    pet = bank.materials["pet"].pk
    with time_machine.travel(SATURDAY.replace(hour=3), tick=False):
        wati.post(at("prices", bank), {f"m{pet}": "3000"})
        wati.post(url, {f"m{pet}": "1", "prices": told.pk})
    assert PriceList.objects.filter(owner=bank.unit).count() == 2
    assert Deposit.objects.get().total_rupiah == 2500


def test_a_withdrawal_goes_from_the_depositor_to_the_signature(
    wati: Client, bank: Bank, post: Post
) -> None:
    weigh(bank)
    cash.move(id=uuid.uuid4(), unit=bank.unit, way="capital-in", amount_rupiah=90_000, reason="x", by=bank.manager, at=SATURDAY)  # fmt: skip
    ask = {"amount": "30.000", "way": "cash"}
    assert wati.post(at("ask-at-counter", bank, bank.depositor().pk), ask).status_code == 302
    one = Withdrawal.objects.get()
    wati.post(at("approve", bank, one.pk))
    wati.post(at("pay", bank, one.pk), {"signature": ""})
    assert Withdrawal.objects.get().state == "approved"
    wati.post(at("pay", bank, one.pk), {"signature": "M5 5L9 9L20 14"})
    page = wati.get(at("withdrawal", bank, one.pk)).content.decode()
    assert '<path d="M5 5L9 9L20 14"' in page
    assert Account.objects.get(kind="cash", unit=bank.unit).balance == 60_000


def test_a_name_is_never_drawn_as_a_path(wati: Client, bank: Bank) -> None:
    assert not Withdrawal(signature='"><script>').drawn
    assert not Withdrawal(signature="Sri Rahayu").drawn


def test_who_works_elsewhere_does_not_see_this_counter(
    client: Client, bank: Bank, post: Post
) -> None:
    weigh(bank)
    elsewhere = an_account("lain", kind="bank-sampah.manager", at=bank.other)
    client.force_login(elsewhere)
    for name, more in (("desk", []), ("people", []), ("depositor", [bank.depositor().pk])):
        assert client.get(at(name, bank, *more)).status_code == 403
    assert client.get(reverse("bank_sampah:passbook", args=[bank.depositor().pk])).status_code in (403, 404)  # fmt: skip
    assert client.post(at("open-day", bank)).status_code == 403


def test_the_registry_confirms_and_the_look_is_on_the_trail(
    wati: Client, bank: Bank, post: Post
) -> None:
    who = bank.depositor()
    url = at("verify", bank, who.pk)
    assert "SITI" not in wati.post(url, {"nik": SITI}).content.decode()
    assert Depositor.objects.get(pk=who.pk).person is None
    post.answer(ResidentByNik, Resident(found=True, name="Siti Nur Aisyah", status="alive"))
    assert wati.post(url, {"nik": SITI}).status_code == 302
    wati.get(at("depositor", bank, who.pk))
    assert TrailLine.objects.filter(kind="looked", person=Depositor.objects.get(pk=who.pk).person)


def test_a_list_becomes_a_file_that_runs_no_formula(wati: Client, bank: Bank) -> None:
    Depositor.objects.filter(pk=bank.depositor().pk).update(name="=HYPERLINK(1)")
    text = wati.get(at("people", bank), {"unduh": "csv"}).content.decode()
    assert ",'=HYPERLINK(1)," in text
    assert wati.get(at("deposits", bank), {"unduh": "xlsx"}).content[:2] == b"PK"


def test_pages_cost_the_same_however_many_rows(
    wati: Client, bank: Bank, django_assert_max_num_queries: Any
) -> None:
    for _each in range(8):
        weigh(bank, 2)
    cost = {"desk": 20, "people": 9, "deposits": 9, "stocks": 11, "withdrawals": 9, "prices": 13, "box": 12}  # fmt: skip
    for name, most in cost.items():
        with django_assert_max_num_queries(most):
            assert wati.get(at(name, bank)).status_code == 200
    with django_assert_max_num_queries(15):
        wati.get(at("depositor", bank, bank.depositor().pk))


def test_everyone_sees_banks_hours_and_prices(client: Client, bank: Bank, post: Post) -> None:
    assert "Bank Sampah Melati" in client.get(reverse("bank_sampah:index")).content.decode()
    page = client.get(reverse("bank_sampah:unit", args=[bank.unit.code])).content.decode()
    assert "Rp 2.500" in page
    weigh(bank)
    data = client.get(reverse("bank_sampah:dataset")).content.decode()
    assert data.splitlines()[1].endswith(",")  # one depositor alone: the figure is withheld
    assert "Sri" not in data
