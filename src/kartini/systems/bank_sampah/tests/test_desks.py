"""The rarer pages: cards, groups and their holders, price lists with dates, cash book, units, old books."""

import io
import uuid
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from kartini.contracts.bank_sampah import DepositRecorded
from kartini.exchange.testing import Post
from kartini.office.models import Notice, Parcel
from kartini.people.models import TrailLine, User
from kartini.systems.bank_sampah import handlers
from kartini.systems.bank_sampah.models import Buyer, Depositor, OpeningImport, PriceList
from kartini.systems.bank_sampah.services import cash, depositors, deposits, withdrawals
from kartini.systems.bank_sampah.services.deposits import Weighed
from kartini.systems.bank_sampah.tests.conftest import SATURDAY, Bank, an_account


@pytest.fixture(autouse=True)
def saturday(settings: Any, tmp_path: Any) -> Any:
    settings.DATA_DIR = tmp_path
    with time_machine.travel(SATURDAY, tick=False):
        yield


@pytest.fixture
def wati(client: Client, bank: Bank, post: Post) -> Client:
    client.force_login(bank.manager)
    return client


def at(name: str, bank: Bank, *more: Any) -> str:
    return reverse(f"bank_sampah:{name}", args=[bank.unit.code, *more])


def a_school(bank: Bank) -> Depositor:
    school = bank.depositor()
    Depositor.objects.filter(pk=school.pk).update(kind="group", name="SD Negeri 1")
    school.refresh_from_db()
    return school


def weigh(bank: Bank, who: Depositor, **more: Any) -> None:
    deposits.record(
        id=uuid.uuid4(), depositor=who, bags=[Weighed(bank.materials["pet"].pk, 4000)], weighed_at=SATURDAY,
        by=bank.manager, at=SATURDAY, **more,
    )  # fmt: skip


def test_a_scanned_card_leads_each_to_their_page(client: Client, bank: Bank, post: Post) -> None:
    who = bank.depositor()
    card = depositors.issue_card(depositor=who, at=SATURDAY)
    scan = reverse("bank_sampah:scanned", args=[card.code])
    assert client.get(scan)["Location"] == reverse("bank_sampah:unit", args=[bank.unit.code])
    client.force_login(bank.manager)
    assert client.get(scan)["Location"] == at("weigh", bank, who.pk)
    typed = client.get(at("find", bank), {"q": f"https://kartini.example{scan}"})
    assert typed["Location"] == at("weigh", bank, who.pk)
    depositors.issue_card(depositor=who, at=SATURDAY)
    assert client.get(scan).status_code == 404


def test_a_school_sees_its_classes_through_the_account_that_holds_the_book(
    wati: Client, bank: Bank
) -> None:
    school = a_school(bank)
    best = depositors.add_part(group=school, name="Kelas 4", by=bank.manager, at=SATURDAY)
    depositors.add_part(group=school, name="Kelas 5", by=bank.manager, at=SATURDAY)
    weigh(bank, school, part=best)
    teacher = an_account("guru")
    User.objects.filter(pk=teacher.pk).update(phone="+6281234567890", phone_verified=True)
    url = at("entrust", bank, school.pk)
    assert "Tidak ada akun" in wati.post(url, {"account": "tidak@ada.invalid"}).content.decode()
    assert wati.post(url, {"account": "0812-3456-7890"}).status_code == 302
    wati.force_login(teacher)
    page = wati.get(reverse("bank_sampah:own-classes", args=[school.pk])).content.decode()
    assert page.index("Kelas 4") < page.index("Kelas 5")
    certificate = reverse("bank_sampah:own-certificate", args=[school.pk, 1])
    assert wati.get(certificate).content.startswith(b"%PDF")
    assert wati.get(at("classes", bank, school.pk)).status_code == 403


def test_a_price_far_from_the_guide_is_asked_once_more(wati: Client, bank: Bank) -> None:
    field = f"m{bank.materials['pet'].pk}"
    slip = wati.post(at("prices", bank), {field: "25.000"}).content.decode()
    assert "900 %" in slip
    assert 'value="25.000"' in slip
    assert PriceList.objects.filter(owner=bank.unit).count() == 1
    assert wati.post(at("prices", bank), {field: "25.000", "sure": "on"}).status_code == 302


def test_a_price_list_may_begin_on_a_later_day_but_not_in_the_past(
    wati: Client, bank: Bank
) -> None:
    field, days = f"m{bank.materials['pet'].pk}", timedelta(days=7)
    early = {field: "2.600", "from_on": str(SATURDAY.date() - days)}
    assert wati.post(at("prices", bank), early).status_code == 200
    later = {field: "2.600", "from_on": str(SATURDAY.date() + days)}
    assert wati.post(at("prices", bank), later).status_code == 302
    now_valid = PriceList.objects.in_force(bank.unit.pk, SATURDAY)
    assert now_valid == bank.prices
    printed = wati.get(at("price-list", bank, 2)).content.decode()
    assert "Rp 2.600" in printed


def test_the_cash_book_ends_with_what_lies_in_the_box(wati: Client, bank: Bank) -> None:
    for amount in (90_000, 25_000):
        cash.move(id=uuid.uuid4(), unit=bank.unit, way="capital-in", amount_rupiah=amount, reason="x", by=bank.manager, at=SATURDAY)  # fmt: skip
    page = wati.get(at("cashbook", bank), {"bulan": "2026-11"})
    assert (page.context["before"], page.context["after"]) == (0, 115_000)
    assert "115000" in wati.get(at("cashbook", bank), {"unduh": "csv"}).content.decode()
    assert wati.get(at("cashbook", bank), {"bulan": "2026-12"}).context["before"] == 115_000


def test_the_parent_bank_sees_where_stock_stands_still(
    client: Client, bank: Bank, post: Post, django_assert_max_num_queries: Any
) -> None:
    weigh(bank, bank.depositor())
    url = reverse("bank_sampah:units", args=[bank.parent.code])
    client.force_login(bank.officer)
    with django_assert_max_num_queries(16):
        page = client.get(url).content.decode()
    assert page.index("Melati") < page.index("Kenanga")
    assert "Kenanga" not in client.get(url, {"hanya": "diam"}).content.decode()
    client.force_login(bank.manager)
    assert client.get(url).status_code == 403
    assert client.get(at("units", bank)).status_code == 404


def a_sheet(*rows: tuple[Any, ...]) -> bytes:
    book, kept = openpyxl.Workbook(), io.BytesIO()
    for row in (("No", "Nama", "Saldo", "Tanggal"), *rows):
        book.worksheets[0].append(row)
    book.save(kept)
    return kept.getvalue()


def test_an_old_book_is_looked_at_then_entered_without_choosing_the_file_again(
    wati: Client, bank: Bank
) -> None:
    url, good = at("old-books", bank), a_sheet((81, "Bu Tin", "Rp 1.250.000,-", "31-01-2026"))
    page = wati.post(url, {"sheet": SimpleUploadedFile("buku.xlsx", good), "langkah": "lihat"})
    assert "Rp 1.250.000" in page.content.decode()
    kept = {name: page.context[name] for name in ("kept", "name")}
    assert wati.post(url, {**kept, "langkah": "ambil"}).status_code == 302
    batch = OpeningImport.objects.get()
    assert batch.file_name == "buku.xlsx"
    wati.post(at("undo-old-books", bank, batch.pk))
    assert OpeningImport.objects.get().undone_at


def test_a_faulty_old_book_names_each_cell_in_plain_words(wati: Client, bank: Bank) -> None:
    bad = a_sheet((81, "Bu Tin", "12x", "31-01-2026"), (82, None, 5000, "32-13-2026"))
    page = wati.post(at("old-books", bank), {"sheet": SimpleUploadedFile("b.xlsx", bad)})
    text = " ".join(page.content.decode().split())
    assert "Baris 2, Saldo: “12x” jumlahnya tidak jelas" in text
    assert "Baris 3, Nama kosong" in text
    assert "tanggalnya tidak jelas" in text
    assert not OpeningImport.objects.exists()
    assert "Pilih berkas" in wati.post(at("old-books", bank), {}).content.decode()
    assert wati.get(at("old-books-example", bank)).content[:2] == b"PK"


def test_a_passbook_is_closed_when_nothing_is_saved_in_it(wati: Client, bank: Bank) -> None:
    who = bank.depositor()
    weigh(bank, who)
    assert "Bayarkan dulu" in wati.get(at("leave", bank, who.pk)).content.decode()
    wati.post(at("leave", bank, who.pk))
    assert Depositor.objects.get(pk=who.pk).left_on is None
    empty = bank.depositor(1)
    wati.post(at("leave", bank, empty.pk))
    assert Depositor.objects.get(pk=empty.pk).left_on == date(2026, 11, 21)
    assert empty.name in wati.get(at("people", bank), {"jenis": "tutup"}).content.decode()


def test_the_village_head_gets_a_line_and_a_manager_her_own_month(
    client: Client, bank: Bank, post: Post
) -> None:
    weigh(bank, bank.depositor())
    month = reverse("bank_sampah:month")
    client.force_login(bank.manager)
    page = client.get(month).content.decode()
    assert "Melati" in page
    assert "Kenanga" not in page
    head = an_account("petinggi")
    head.roles.create(kind="bank-sampah.village", place_code=bank.unit.village_code, from_on=date(2024, 1, 1))  # fmt: skip
    client.force_login(head)
    assert "menyelamatkan 4 kg sampah dari TPA: 1 setoran" in client.get(month).content.decode()


def test_a_depositor_with_an_account_is_told_what_was_weighed_and_how_the_withdrawal_stands(
    wati: Client, bank: Bank
) -> None:
    who, teacher = a_school(bank), an_account("guru")
    depositors.entrust(depositor=who, holder=teacher, by=bank.manager, at=SATURDAY)
    for one in (who, bank.depositor(1)):
        made = deposits.record(
            id=uuid.uuid4(), depositor=one, bags=[Weighed(bank.materials["pet"].pk, 8000)], weighed_at=SATURDAY,
            by=bank.manager, at=SATURDAY,
        )  # fmt: skip
        handlers.tell_depositor(DepositRecorded(**deposits.facts(made, list(made.lines.all())), recorded_at=SATURDAY))  # fmt: skip
    asked = withdrawals.ask(id=uuid.uuid4(), depositor=who, amount_rupiah=12_000, by=teacher, at=SATURDAY)  # fmt: skip
    withdrawals.approve(withdrawal=asked, by=bank.manager, at=SATURDAY)
    withdrawals.refuse(withdrawal=asked, reason="Kas kosong.", by=bank.manager, at=SATURDAY)
    told = [(notice.subject, notice.body) for notice in Notice.objects.filter(to=teacher).order_by("pk")]  # fmt: skip
    assert Notice.objects.count() == 3
    assert "8 kg" in told[0][1]
    assert "Rp 20.000" in told[0][1]
    assert "disetujui" in told[1][0]
    assert "Kas kosong." in told[2][1]


def test_a_depositor_without_an_account_is_told_by_telephone_only_where_agreed(
    wati: Client, bank: Bank
) -> None:
    who, url = bank.depositor(), at("contact", bank, bank.depositor().pk)
    words = {"name": "Sri Rahayu", "phone": "0812-3456-7890", "address": "RT 2"}
    assert wati.post(url, words | {"phone": "bukan nomor"}).status_code == 200
    assert "Ke nomor mana" in wati.post(url, words | {"phone": "", "told": "on"}).content.decode()

    def deposit() -> None:
        made = deposits.record(
            id=uuid.uuid4(), depositor=who, bags=[Weighed(bank.materials["pet"].pk, 8000)], weighed_at=SATURDAY,
            by=bank.manager, at=SATURDAY,
        )  # fmt: skip
        handlers.tell_depositor(DepositRecorded(**deposits.facts(made, list(made.lines.all())), recorded_at=SATURDAY))  # fmt: skip

    for change, letters in (({}, 0), ({"told": "on"}, 1), ({"told": "on", "phone": "0813-3456-7890"}, 2), ({}, 2)):  # fmt: skip
        assert wati.post(url, words | change).status_code == 302
        deposit()
        assert Parcel.objects.count() == letters
    last = Parcel.objects.get(address="+6281334567890")
    assert "Rp 60.000" in last.text
    assert "beri tahu petugas" in last.text
    assert not Notice.objects.exists()
    trail = TrailLine.objects.filter(thing=f"bank-sampah.depositor:{who.pk}")
    assert trail.filter(verb="bank-sampah.depositor-messages-ended").count() == 2


def test_hours_are_set_day_by_day_and_shown_to_everyone(wati: Client, bank: Bank) -> None:
    url = at("hours", bank)
    half = wati.post(url, {"from5": "08:00", "until5": ""})
    assert "Tulis jam mulai" in half.content.decode()
    assert wati.post(url, {"from5": "08:00", "until5": "11:30", "from2": "15:00", "until2": "17:00"}).status_code == 302  # fmt: skip
    assert 'value="08:00"' in wati.get(url).content.decode()
    shown = wati.get(reverse("bank_sampah:unit", args=[bank.unit.code])).content.decode()
    assert "Sabtu 08.00–11.30" in shown
    assert "Rabu 15.00–17.00" in shown


def test_the_parent_bank_keeps_the_list_of_buyers(client: Client, bank: Bank, post: Post) -> None:
    url = reverse("bank_sampah:buyers", args=[bank.parent.code])
    client.force_login(bank.officer)
    for _twice in range(2):
        client.post(url, {"name": "UD Rosok Jaya", "phone": "0812"})
    buyer = Buyer.objects.get()
    assert "UD Rosok Jaya" in client.get(url).content.decode()
    client.post(reverse("bank_sampah:switch-buyer", args=[bank.parent.code, buyer.pk]))
    assert not Buyer.objects.get().active
    client.force_login(bank.manager)
    assert client.get(at("buyers", bank)).status_code == 404
