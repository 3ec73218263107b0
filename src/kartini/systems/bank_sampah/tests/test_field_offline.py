"""A Saturday on real phones: offline in the middle, three people at once, and Monday's books are right."""

import os
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from kartini.exchange.testing import Post
from kartini.kit.ids import new_id
from kartini.systems.bank_sampah.models import Account, Deposit, Depositor
from kartini.systems.bank_sampah.services import depositors
from kartini.systems.bank_sampah.services.audit import audit
from kartini.systems.bank_sampah.tests.conftest import SATURDAY, Bank

pytestmark = pytest.mark.browser
PIN = "4711"
expect.set_options(timeout=40_000)  # the PIN's key takes its time, more so on a busy machine


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


Phone = Callable[[Any], Page]


@pytest.fixture
def phone(chromium: Browser, live_server: Any, committed_bank: Bank, post: Post) -> Iterator[Phone]:
    """A fresh phone on which somebody has signed in and opened the counter."""
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def take(user: Any) -> Page:
        client = Client()
        client.force_login(user)
        context = chromium.new_context(locale="id-ID", viewport={"width": 320, "height": 720})
        cookie = client.cookies["sessionid"]
        context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: complaints.append(m.text) if "Content Security" in m.text else None)  # fmt: skip
        page.goto(f"{live_server.url}/bank-sampah/lapangan/{committed_bank.unit.code}/")
        enter(page, PIN)
        page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        page.wait_for_function("() => caches.match(location.pathname).then(Boolean)")
        expect(page.locator("#bahan button")).to_have_count(4)  # prices and names are on the phone
        return page

    yield take
    for context in opened:
        context.close()
    assert complaints == []


def enter(page: Page, pin: str) -> None:
    page.locator("#pin").fill(pin)
    page.locator("#kunci button").first.click()


def weigh(page: Page, name: str, material: str, keys: str) -> None:
    page.locator("#cari").fill(name)
    page.locator("#hasil button").first.click()
    page.locator("#bahan button", has_text=material).click()
    for key in keys:
        page.locator("#tombol button", has_text=key).click()
    page.locator("#tambah").click()
    page.locator("#simpan").click()
    expect(page.locator("#siapa")).to_be_visible()


def test_three_phones_lose_the_signal_and_monday_is_right(
    phone: Phone, committed_bank: Bank
) -> None:
    bank = committed_bank
    names = ("Sri", "Slamet", "Umi")
    pages = [phone(user) for user in (bank.manager, bank.second, bank.officer)]
    for page, name in zip(pages, names, strict=True):
        expect(page.locator("#kerja")).to_be_visible()
        weigh(page, name, "Pet", "2,5")
        expect(page.locator("#berapa")).to_have_text("0")
    for page in pages:
        page.context.set_offline(True)
        page.reload()
        enter(page, PIN)
        expect(page.locator("#kerja")).to_be_visible()
    for page, name in zip(pages, names[1:] + names[:1], strict=True):
        weigh(page, name, "Kardus", "3")
        weigh(page, name, "Besi", "1,25")
        expect(page.locator("#berapa")).to_have_text("2")
    assert Deposit.objects.count() == 3
    for page in pages:
        page.context.set_offline(False)
    for page in pages:
        expect(page.locator("#berapa")).to_have_text("0")
    assert Deposit.objects.count() == 9
    each = 6250 + 5400 + 5000  # 2.5 kg at 2,500, 3 kg at 1,800, 1.25 kg at 4,000
    assert [a.balance for a in Account.objects.filter(kind="savings")] == [each] * 3
    assert [a.balance for a in Account.objects.filter(kind="brought")] == [6750] * 3
    assert list(audit()) == []


def test_wrong_pins_wipe_the_names_but_never_what_was_weighed(
    phone: Phone, committed_bank: Bank
) -> None:
    page = phone(committed_bank.manager)
    page.context.set_offline(True)
    weigh(page, "Sri", "Pet", "2")
    page.reload()
    for left in (4, 3, 2, 1):
        enter(page, "0000")
        expect(page.locator("#pin-galat")).to_contain_text(str(left))
    enter(page, "0000")
    expect(page.locator("#pin-galat")).to_contain_text("Nama dihapus")
    enter(page, PIN)
    expect(page.locator("#antrean")).to_contain_text("2 kg")
    page.locator("#cari").fill("Sri")
    expect(page.locator("#hasil button")).to_have_count(0)
    page.locator("#cari").fill("2")
    page.locator("#hasil button").first.click()
    page.locator("#ganti").click()
    page.context.set_offline(False)
    expect(page.locator("#berapa")).to_have_text("0")
    assert Deposit.objects.get().depositor == committed_bank.depositor()


def test_a_forgotten_pin_is_renewed_with_a_signal_and_the_queue_opens(
    phone: Phone, committed_bank: Bank
) -> None:
    page = phone(committed_bank.manager)
    page.context.set_offline(True)
    weigh(page, "Sri", "Pet", "2")
    page.reload()
    page.context.set_offline(False)
    page.locator("#lupa").click()
    enter(page, "998877")
    expect(page.locator("#berapa")).to_have_text("0")
    assert Deposit.objects.count() == 1


def test_a_refused_row_stays_with_its_reason_and_the_others_go(
    phone: Phone, committed_bank: Bank
) -> None:
    page = phone(committed_bank.manager)
    page.context.set_offline(True)
    weigh(page, "Sri", "Pet", "2")
    weigh(page, "Slamet", "Pet", "2")
    who = committed_bank.depositor()
    who.left_on = who.registered_at.date()
    who.save(update_fields=["left_on"])
    page.context.set_offline(False)
    expect(page.locator("#antrean li")).to_have_count(1)
    expect(page.locator("#antrean")).to_contain_text("2 kg")
    expect(page.locator("#antrean button").first).to_be_visible()
    assert Deposit.objects.get().depositor == committed_bank.depositor(1)


def test_what_lies_on_the_phone_names_nobody(phone: Phone, committed_bank: Bank) -> None:
    page = phone(committed_bank.manager)
    page.context.set_offline(True)
    weigh(page, "Sri", "Pet", "2")
    stored = page.evaluate(
        """async () => {
          const open = indexedDB.open("kartini-bank-sampah", 1);
          const base = await new Promise((ok) => { open.onsuccess = () => ok(open.result); });
          const read = (name) => new Promise((ok) => { const r = base.transaction(name).objectStore(name).getAll(); r.onsuccess = () => ok(r.result); });
          const rows = (await Promise.all(["queue", "vault", "kept"].map(read))).flat();
          const bytes = rows.flatMap((row) => Object.values(row)).filter((v) => v?.bytes).map((v) => new TextDecoder().decode(v.bytes));
          return JSON.stringify(rows) + bytes.join();
        }"""
    )
    assert str(committed_bank.depositor().pk) not in stored
    assert "Rahayu" not in stored
    assert "grams" not in stored


def test_a_refused_row_is_mended_on_the_phone_and_arrives_once(
    phone: Phone, committed_bank: Bank
) -> None:
    page = phone(committed_bank.manager)
    page.context.set_offline(True)
    weigh(page, "Sri", "Pet", "2")
    Depositor.objects.filter(pk=committed_bank.depositor().pk).update(left_on=date(2026, 1, 1))
    page.context.set_offline(False)
    mend = page.locator("#antrean").get_by_role("button", name="Perbaiki")
    mend.click()
    expect(page.locator("#jumlah")).to_have_text("Rp 5.000")
    page.locator("#ganti").click()
    page.locator("#cari").fill("Umi")
    page.locator("#hasil button").first.click()
    page.locator("#simpan").click()
    expect(page.locator("#berapa")).to_have_text("0")
    assert Deposit.objects.get().depositor == committed_bank.depositor(2)


def hold_before_the_camera(page: Page, code: str) -> None:
    """Chromium on this machine reads no codes itself: the detector is a stand-in, the camera too."""
    page.context.add_init_script(
        """globalThis.BarcodeDetector = class { async detect() { return [{ rawValue: "http://x/bank-sampah/k/CODE/" }]; } };
        navigator.mediaDevices.getUserMedia = async () => document.createElement("canvas").captureStream();
        HTMLMediaElement.prototype.play = async () => {};""".replace("CODE", code)
    )


def slow_signal(page: Page) -> None:
    """The house answers with the names only when the test says so."""
    page.context.add_init_script(
        """const quick = globalThis.fetch;
        const wait = new Promise((go) => { globalThis.letGo = go; });
        globalThis.fetch = async (url, ...more) => { if (String(url).includes("/data/")) await wait; return quick(url, ...more); };"""
    )


def test_a_card_before_the_camera_chooses_the_depositor(phone: Phone, committed_bank: Bank) -> None:
    """From the names on the phone, however slow the signal is."""
    card = depositors.issue_card(depositor=committed_bank.depositor(1), at=SATURDAY)
    page = phone(committed_bank.manager)
    hold_before_the_camera(page, card.code)
    slow_signal(page)
    page.reload()
    enter(page, PIN)
    page.locator("#pindai").click()
    expect(page.locator("#nama")).to_have_text("Slamet Riyadi")


@pytest.mark.parametrize("known", [True, False])
def test_a_card_that_the_phone_does_not_know_waits_for_the_names(
    phone: Phone, committed_bank: Bank, known: bool
) -> None:
    """Right after the PIN the names are still on their way: nobody is turned away before they are there."""
    page = phone(committed_bank.manager)
    card = depositors.issue_card(depositor=committed_bank.depositor(1), at=SATURDAY)
    hold_before_the_camera(page, card.code if known else "strange")
    slow_signal(page)
    page.reload()
    enter(page, PIN)
    page.locator("#pindai").click()
    expect(page.locator("#cari-kabar")).to_contain_text("nama sedang dibaca")
    expect(page.locator("#cari-galat")).to_be_empty()
    page.evaluate("() => letGo()")
    if known:
        expect(page.locator("#nama")).to_have_text("Slamet Riyadi")
    else:
        expect(page.locator("#cari-galat")).to_have_text("Kartu ini bukan kartu nasabah di sini.")
    expect(page.locator("#cari-kabar")).to_be_empty()


def test_the_page_can_be_installed(phone: Phone, committed_bank: Bank) -> None:
    page = phone(committed_bank.manager)
    session = page.context.new_cdp_session(page)
    found = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [one["errorId"] for one in found] in ([], ["in-incognito"])
    assert session.send("Page.getAppManifest")["errors"] == []


def test_a_new_passbook_is_opened_without_a_signal_and_a_known_name_is_a_question(
    phone: Phone, committed_bank: Bank
) -> None:
    page = phone(committed_bank.manager)
    page.context.set_offline(True)
    for name in ("Bu Tin", "umi  kulsum"):
        page.locator("#cari").fill(name)
        page.locator("#buku-baru").click()
        page.locator("#baru-buka").click()
        expect(page.locator("#baru-galat")).to_contain_text("persetujuan")
        page.locator("#baru-consent").check()
        page.locator("#baru-buka").click()
        if name != "Bu Tin":
            page.locator("#baru-sama button").last.click()
        expect(page.locator("#nama")).to_have_text(name)
        page.locator("#bahan button", has_text="Pet").click()
        page.locator("#tombol button", has_text="2").click()
        page.locator("#tambah").click()
        page.locator("#simpan").click()
        expect(page.locator("#siapa")).to_be_visible()
    expect(page.locator("#berapa")).to_have_text("4")
    page.reload()
    enter(page, PIN)
    weigh(page, "Bu Tin", "Besi", "1")
    expect(page.locator("#berapa")).to_have_text("5")
    depositors.register(
        id=new_id(), unit=committed_bank.unit, name="bu tin", consent=True, by=committed_bank.second, at=SATURDAY
    )  # fmt: skip
    page.context.set_offline(False)
    expect(page.locator("#antrean")).to_contain_text("MLT-0004")
    expect(page.locator("#berapa")).to_have_text("3")
    assert Deposit.objects.get().depositor.name == "umi kulsum"
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#antrean button", has_text="Orang yang sama").click()
    expect(page.locator("#berapa")).to_have_text("0")
    assert Deposit.objects.filter(depositor__number=4).count() == 2
    assert Depositor.objects.filter(name__iexact="bu tin").count() == 1
    assert list(audit()) == []
