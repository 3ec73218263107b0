"""Permits of other shapes than the nurse's, and the ways in which an application ends otherwise."""

import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import Person
from tests.browser.steps import apply, download, fill, go_on, pdf, take_turn, track

pytestmark = pytest.mark.browser
Enter = Callable[..., Person]
BANNER, RESEARCH = "izin-reklame-insidentil", "surat-keterangan-penelitian"
LETTER = "main a[href*='unduh'], main a[download]"


def officer(person: Enter, username: str) -> Person:
    found = person()
    found.sign_in(username)
    return found


def code_of(citizen: Person, number: str) -> str:
    citizen.go(f"/joss/permohonan/{number}/")
    address = citizen.page.locator("main a[href*='/periksa/']").first.get_attribute("href") or ""
    return address.rstrip("/").split("/")[-1]


def test_a_banner_is_taxed_paid_by_qris_signed_and_later_revoked(
    person: Enter, tmp_path: Path
) -> None:
    budi = officer(person, "budi")
    number, pin = apply(budi, BANNER)
    bambang = officer(person, "bambang")
    take_turn(bambang, number, "accept", {})
    see_paper(bambang, number)
    tax = {"amount_rupiah": "450000", "words": "4 m² × 3 buah × 14 hari × tarif"}
    take_turn(officer(person, "tri"), number, "assess", tax, "giliran-assess")
    pay(budi, number)
    take_turn(officer(person, "dewi"), number, "accept", {}, "giliran-verifikasi")
    hendro = officer(person, "hendro")
    take_turn(hendro, number, "issue", {}, "tanda-tangan-reklame")

    code = code_of(budi, number)
    budi.look("status-reklame-terbit")
    assert "Pameran mebel Jepara" in download(budi.page, LETTER, tmp_path / "izin.pdf")
    stranger = person(javascript=False)
    stranger.go(f"/periksa/{code}/")
    expect(stranger.page.locator("main .verdict")).to_have_attribute("data-tone", "ok")
    revoke(hendro, number)
    stranger.go(f"/periksa/{code}/")
    expect(stranger.page.locator("main .verdict")).to_have_attribute("data-tone", "bad")
    expect(stranger.page.locator("main")).to_contain_text("Dipasang pada pohon")
    stranger.look("verifikasi-dicabut")
    track(stranger, number, pin)
    expect(stranger.page.locator("main")).not_to_contain_text("Budi")


def see_paper(desk: Person, number: str) -> None:
    """A PDF is left to the browser's own viewer, which does not work within a sandbox."""
    desk.go(f"/joss/berkas/{number}/")
    link = desk.page.get_by_role("link", name="Gambar materi reklame", exact=True)
    paper = desk.page.request.get(f"{desk.house.web}{link.get_attribute('href')}")
    assert paper.headers["content-type"] == "application/pdf"
    assert "sandbox" not in paper.headers["content-security-policy"]
    assert paper.body().startswith(b"%PDF-")


def pay(citizen: Person, number: str) -> None:
    """On the invented phone of the QRIS provider, which tells us by itself."""
    page = citizen.page
    citizen.go(f"/joss/permohonan/{number}/")
    citizen.look("status-tagihan")
    waiting = page.context.new_page()
    waiting.goto(page.url)
    page.get_by_role("link", name="Bayar dengan QRIS").click()
    citizen.look("tagihan-qris")
    phone = page.context.new_page()
    phone.goto(page.get_by_role("link", name="ponsel rekaan").get_attribute("href") or "")
    phone.get_by_role("button", name="Bayar", exact=True).click()
    expect(phone.locator("main")).to_contain_text("Terbayar")
    page.bring_to_front()
    expect(page.locator("main")).to_contain_text("Pembayaran Anda kami terima", timeout=20_000)
    waiting.bring_to_front()  # it was left open, and shows the next stage by itself
    expect(waiting.locator("h1")).to_contain_text("memverifikasi", timeout=30_000)


def revoke(head: Person, number: str) -> None:
    head.go(f"/joss/berkas/{number}/")
    head.page.get_by_role("link", name="Cabut izin").click()
    head.page.locator("main [name=words]").fill("Dipasang pada pohon meskipun sudah ditegur.")
    head.look("cabut-izin")
    go_on(head.page)
    expect(head.page.locator("main")).to_contain_text("Dicabut")


def test_a_researcher_gets_his_letter_and_another_a_refusal_with_the_way_to_object(
    person: Enter, tmp_path: Path
) -> None:
    joko, bambang, lina = (officer(person, name) for name in ("joko", "bambang", "lina"))
    hendro = officer(person, "hendro")
    numbers = []
    for _time in range(2):
        number, _pin = apply(joko, RESEARCH)
        take_turn(bambang, number, "accept", {})
        take_turn(lina, number, "recommend", {"words": "Proposal sesuai."})
        numbers.append(number)
    take_turn(hendro, numbers[0], "issue", {})
    reasons = {"words": "Lokasi penelitian sedang ditutup untuk umum."}
    take_turn(hendro, numbers[1], "refuse", reasons, "giliran-tolak")

    code_of(joko, numbers[0])
    joko.look("status-penelitian-terbit")
    letter = download(joko.page, LETTER, tmp_path / "surat.pdf")
    assert "Motif ukir Jepara" in letter
    joko.go(f"/joss/permohonan/{numbers[1]}/")
    joko.look("status-ditolak")
    refusal = download(joko.page, LETTER, tmp_path / "tolak.pdf")
    assert "sedang ditutup untuk umum" in refusal
    assert "keberatan" in refusal.lower()


def test_a_wizard_goes_on_by_hand_and_nothing_typed_is_lost(person: Enter) -> None:
    """Dukcapil answers rubbish, a paper is refused, the session ends: the draft stays whole."""
    rina = officer(person, "rina")
    page = rina.page
    with dukcapil(rina, "garbage"):
        rina.go(f"/joss/layanan/{BANNER}/")
        page.get_by_role("button", name="Mulai permohonan").click()
    expect(page.locator("main")).to_contain_text("Dukcapil sedang tidak menjawab")
    rina.look("permohonan-diri-tanpa-dukcapil")
    page.locator("main [name=address]").fill("RT 01 RW 02")
    fill(page)
    go_on(page)
    fill(page)
    end_session(rina)
    go_on(page)
    expect(page.locator("main")).to_contain_text("Sesi Anda")
    rina.look("sesi-berakhir")
    send_again(rina, "rina")
    while "/berkas/" not in page.url:
        fill(page)
        go_on(page)
    refuse_papers(rina)
    page.locator("main input[type=file]").first.set_input_files(pdf())
    with page.expect_navigation():
        page.get_by_role("button", name="Unggah saja").click()
    draft = re.sub("berkas/$", "periksa/", page.url)
    page.goto(draft)
    expect(page.locator("main")).to_contain_text("Pameran mebel Jepara")
    expect(page.locator("main")).to_contain_text("belum dicocokkan")
    rina.look("periksa-belum-diverifikasi")


def refuse_papers(citizen: Person) -> None:
    """Each bad file is refused with its reason."""
    page = citizen.page
    bad: list[tuple[FilePayload, str]] = [
        (file("../../etc/passwd.pdf", b"<script>alert(1)</script>"), "passwd"),
        (file("rusak.pdf", b"%PDF-1.7\nrusak"), "rusak"),
        (file("besar.pdf", b"%PDF-1.7\n" + b"0" * 6_000_000), "besar"),
    ]
    for payload, name in bad:
        page.locator("main input[type=file]").first.set_input_files(payload)
        page.get_by_role("button", name="Unggah saja").click()
        expect(page.locator("main .error-summary")).to_contain_text("Gambar materi reklame")
        if name == "rusak":
            citizen.look("berkas-ditolak")


def file(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/pdf", "buffer": content}


def end_session(citizen: Person) -> None:
    """As after a night: the session is gone, the page still stands."""
    kept = [c for c in citizen.page.context.cookies() if "session" not in str(c.get("name"))]
    citizen.page.context.clear_cookies()
    citizen.page.context.add_cookies(kept)  # type: ignore[arg-type]


def send_again(citizen: Person, username: str) -> None:
    """Sign in beside the page that kept what was typed, and send it once more (and again: the token of the
    form is older than the new session)."""
    beside = Person(citizen.page.context.new_page(), citizen.house)
    beside.sign_in(username)
    citizen.page.bring_to_front()
    while citizen.page.get_by_role("button", name="Kirim lagi").count():
        go_on(citizen.page)


@contextmanager
def dukcapil(citizen: Person, mode: str) -> Iterator[None]:
    """The stand-in's fault while this lasts."""
    for wanted in (mode, "none"):
        body = json.dumps({"mode": wanted}).encode()
        head = {"Content-Type": "application/json"}
        address = f"{citizen.house.outside}/dukcapil/faults"
        urllib.request.urlopen(urllib.request.Request(address, body, head), timeout=10).close()
        if wanted == mode:
            yield
