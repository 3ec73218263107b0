"""The wall lives by the exchange alone: what happens shows within seconds, and when it is cut off it says so."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import House, Person
from tests.browser.steps import apply, go_on

pytestmark = pytest.mark.browser
Enter = Callable[..., Person]
FIGURES = "/command-center/dinding/?adegan=pelayanan"
SECONDS = 5


def test_the_wall_shows_what_happens_greys_without_the_worker_and_catches_up(
    person: Enter, house: House
) -> None:
    regent, siti = person(), person()
    regent.sign_in("bupati")
    siti.sign_in("siti")
    number, _pin = apply(siti, "surat-keterangan-penelitian")
    regent.go(FIGURES)
    wait_until_still(regent)
    regent.page.set_viewport_size({"width": 1920, "height": 1080})
    before = open_applications(regent)

    withdraw(siti, number)
    begun = time.monotonic()
    expect(tile(regent)).to_have_text(re.compile(rf"^{before - 1}\b"), timeout=SECONDS * 1000)
    assert time.monotonic() - begun < SECONDS

    with stopped(worker_of(house)):
        apply(siti, "surat-keterangan-penelitian")
        expect(regent.page.locator("[data-state=stale]").first).to_be_visible(timeout=30_000)
        expect(regent.page.locator("body")).to_contain_text("Data sejak")
        regent.look("dinding-terputus")
        assert open_applications(regent) == before - 1
    expect(tile(regent)).to_have_text(re.compile(rf"^{before}\b"), timeout=20_000)
    expect(regent.page.locator("[data-state=stale]")).to_have_count(0, timeout=20_000)
    wait_until_still(regent)
    assert open_applications(regent) == before, "once each"
    regent.look("dinding")


def tile(regent: Person) -> Locator:
    return regent.page.locator(".stat", has_text="Permohonan berjalan").locator(".stat__value")


def open_applications(regent: Person) -> int:
    return int(tile(regent).inner_text().split()[0].replace(".", ""))


def wait_until_still(regent: Person) -> None:
    """Until two looks in a row, some seconds apart, show the same."""
    seen, now = -1, open_applications(regent)
    while seen != now:
        regent.page.wait_for_timeout(SECONDS * 1000)
        seen, now = now, open_applications(regent)


def withdraw(citizen: Person, number: str) -> None:
    citizen.go(f"/joss/permohonan/{number}/tarik/")
    citizen.look("tarik-permohonan")
    go_on(citizen.page)
    expect(citizen.page.locator("h1")).to_contain_text("menarik")


def worker_of(house: House) -> int:
    """The process that carries deliveries, among the children of the house."""
    told = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True).stdout
    lines = [line.split(maxsplit=2) for line in told.splitlines()[1:]]
    children = [
        int(pid)
        for pid, parent, args in lines
        if int(parent) == house.process.pid and "worker" in args
    ]
    assert len(children) == 1, told
    return children[0]


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Held as by a broken machine; let go again, whatever happens."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
