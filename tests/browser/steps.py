"""What people do again and again at JOSS: apply, take a turn, read the document with a foreign judge."""

import io
import re
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pikepdf
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Person

ANSWERS = {
    "str_number": "1803122520240817",
    "str_issued_on_day": "12",
    "str_issued_on_month": "3",
    "str_issued_on_year": "2024",
    "practice_name": "Praktik Perawat Siti",
    "practice_address": "RT 03 RW 02 Tahunan",
    "opens_at": "16:00",
    "closes_at": "20:00",
    "research_title": "Motif ukir Jepara dan pewarisannya",
    "institution": "Universitas Rekaan Muria",
    "student_number": "A.2026-0117",
    "supervisor": "Dr. Rekaan",
    "research_place": "Sentra ukir Tahunan",
    "advertisement_text": "Pameran mebel Jepara",
    "width_centimetres": "400",
    "height_centimetres": "100",
    "pieces": "3",
    "site_address": "Jl. Pemuda, depan alun-alun",
}
DAYS = {"research_starts_on": 7, "research_ends_on": 60, "hangs_from_on": 7, "hangs_until_on": 20}
TAHUNAN = "33.20.11.2012"


def pdf() -> FilePayload:
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    document.save(out)
    return {"name": "surat.pdf", "mimeType": "application/pdf", "buffer": out.getvalue()}


def photo() -> FilePayload:
    out = io.BytesIO()
    Image.new("RGB", (400, 600), (180, 20, 20)).save(out, "JPEG")
    return {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def fill(page: Page) -> None:
    """Answer whatever this page asks."""
    for name, value in ANSWERS.items():
        if page.locator(f"main [name={name}]").count():
            page.locator(f"main [name={name}]").fill(value)
    for name, days in DAYS.items():
        day = date.today() + timedelta(days=days)  # noqa: DTZ011 - as the person's calendar says
        if page.locator(f"main [name={name}_day]").count():
            for part in ("day", "month", "year"):
                page.locator(f"main [name={name}_{part}]").fill(str(getattr(day, part)))
    for select in page.locator("main select").all():
        values = select.evaluate("e => [...e.options].map(o => o.value).filter(Boolean)")
        select.select_option(TAHUNAN if TAHUNAN in values else values[0])
    first_of_each_choice(page)


def first_of_each_choice(page: Page) -> None:
    seen = set()
    for radio in page.locator("main input[type=radio]").all():
        name = radio.get_attribute("name")
        if name not in seen:
            seen.add(name)
            radio.check()
    for box in page.locator("main input[type=checkbox]").all():
        box.check()


def go_on(page: Page) -> None:
    """Press the page's button, and wait until the next page is there."""
    with page.expect_navigation():
        page.locator("main form button:not([name]):not([popovertarget])").first.click()


def apply(citizen: Person, code: str, *, look: bool = False) -> tuple[str, str]:
    """Through the wizard; returns the number and the PIN. ``look``: with a picture of every page."""
    page = citizen.page

    def see(screen: str) -> None:
        if look:
            citizen.look(screen)

    citizen.go(f"/joss/layanan/{code}/")
    see("layanan")
    page.locator("main .button--start, main form button").first.click()
    expect(page.locator("main")).to_contain_text("Cocok dengan Dukcapil")
    assert page.locator("main input[name=name], main input[name=nik]").count() == 0, "asked once"
    see("permohonan-diri")
    for _page in range(6):
        if "/berkas/" in page.url:
            break
        fill(page)
        go_on(page)
    for upload in page.locator("main input[type=file]").all():
        only_pictures = "pdf" not in (upload.get_attribute("accept") or "")
        upload.set_input_files(photo() if only_pictures else pdf())
    go_on(page)
    first_of_each_choice(page)
    see("periksa-jawaban")
    page.get_by_role("button", name="Kirim permohonan").click()
    expect(page.locator("h1")).to_contain_text("diterima")
    said = page.locator("main").inner_text()
    number, pin = re.search(r"JOSS-\d{4}-\d{6}", said), re.search(r"PIN\s+(\d{3} \d{3})", said)
    assert number
    assert pin
    see("tanda-terima")
    return number[0], pin[1]


def take_turn(
    officer: Person, number: str, verb: str, answers: dict[str, str], screen: str = ""
) -> None:
    """An officer opens the file, again until the worker has brought what it waits for, and takes the turn."""
    page = officer.page
    turn = page.locator(f"main a[href$='/giliran/{verb}/']").first
    for _try in range(60):
        officer.go(f"/joss/berkas/{number}/")
        if turn.is_visible():
            break
        page.wait_for_timeout(1000)
    turn.click()
    for name, value in answers.items():
        field = page.locator(f"main [name='{name}']")
        if value == "first":
            field.select_option(index=1)
        else:
            field.fill(value)
    unanswered = page.locator("main input[type=radio]")
    if unanswered.count() and not page.locator("main input[type=radio]:checked").count():
        first_of_each_choice(page)
    if screen:
        officer.look(screen)
    go_on(page)
    expect(page).not_to_have_url(re.compile(f"/giliran/{verb}/"))


def download(page: Page, link: str, target: Path) -> str:
    """Take a document; a foreign judge says that its signature is valid. Returns its words."""
    with page.expect_download() as taken:
        page.locator(link).first.click()
    taken.value.save_as(target)
    said = subprocess.run(["pdfsig", str(target)], capture_output=True, text=True).stdout
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    words = subprocess.run(["pdftotext", str(target), "-"], capture_output=True, text=True)
    return " ".join(words.stdout.split())


def track(stranger: Person, number: str, pin: str) -> None:
    """Number and PIN show how it stands, to anyone."""
    stranger.go("/joss/lacak/")
    form = stranger.page.locator("main form")
    form.locator("[name=number]").fill(number)
    form.locator("[name=pin]").fill(pin)
    go_on(stranger.page)
    expect(stranger.page.locator("main")).to_contain_text(number)


def enter(person: Person) -> None:
    """Press what has the focus, and wait for the next page."""
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")


def walk_to(person: Person, selector: str, most: int = 60) -> None:
    """Press Tab until the first such element has the focus, and its ring is seen."""
    person.page.wait_for_load_state()
    for _step in range(most):
        person.page.keyboard.press("Tab")
        here = person.page.evaluate(
            "([s]) => document.activeElement === document.querySelector(s)", [selector]
        )
        if here:
            ring = "() => getComputedStyle(document.activeElement).outlineStyle"
            assert person.page.evaluate(ring) != "none", selector
            return
    raise AssertionError(f"{selector} is not reached")
