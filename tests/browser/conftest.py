"""A whole house in processes of its own, and Chromium to walk through it as a person does."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.journeys.nodes import free_ports

SCREENS = Path(__file__).resolve().parents[2] / "screens"
PASSWORD = "kartini-jepara"
WIDTHS = {"phone": 320, "desk": 1280}


@dataclass(frozen=True)
class House:
    """A running demo house."""

    web: str
    exchange: str
    outside: str
    data: Path
    process: subprocess.Popen[bytes]


def wait_for(url: str, process: subprocess.Popen[bytes], seconds: float = 400) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the house ended with {process.returncode}")
        with contextlib.suppress(OSError, urllib.error.URLError):
            urllib.request.urlopen(url, timeout=5).close()
            return
        time.sleep(0.2)
    raise TimeoutError(url)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """``kartini run --demo`` on free ports, with a data folder of its own."""
    web, exchange, outside, mail = free_ports(4)
    data = tmp_path_factory.mktemp("house")
    environment = os.environ | {
        "KARTINI_DATA_DIR": str(data),
        "KARTINI_WEB_PORT": str(web),
        "KARTINI_EXCHANGE_PORT": str(exchange),
        "KARTINI_OUTSIDE_PORT": str(outside),
        "KARTINI_EMAIL_PORT": str(mail),
        "KARTINI_MAIL_PORT": str(mail),
        "KARTINI_SIGN_INS_PER_MINUTE": "600",  # all these persons come from one address
    }
    log = (data / "house.log").open("wb")
    command = [sys.executable, "-m", "kartini.site.cli", "run", "--demo"]
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait_for(f"http://localhost:{web}/", process)
        wait_for(f"http://localhost:{exchange}/live", process)
        yield House(
            f"http://localhost:{web}",
            f"http://localhost:{exchange}",
            f"http://localhost:{outside}",
            data,
            process,
        )
    except RuntimeError:
        sys.stderr.write((data / "house.log").read_text()[-4000:])
        raise
    finally:
        process.terminate()
        process.wait(20)
        log.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Without a window's machinery where the machine has it so: the same engine for half the processor."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell") or "/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@dataclass
class Person:
    """Somebody before a screen. Remembers what the browser complained about."""

    page: Page
    house: House
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.house.web + path)

    def sign_in(self, username: str) -> None:
        self.go("/masuk/")
        self.page.locator("input[name=login]").fill(username)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.locator(
            "main form button[type=submit], main form button:not([type])"
        ).first.click()
        assert "/masuk/" not in self.page.url, f"{username} could not sign in"

    def look(self, name: str) -> None:
        """Keep a picture at both widths; no complaint, no sideways scroll, no accessibility fault."""
        faults = list(self.complaints)
        for label, width in WIDTHS.items():
            self.page.set_viewport_size({"width": width, "height": 900})
            SCREENS.mkdir(exist_ok=True)
            self.page.screenshot(path=SCREENS / f"{name}-{label}.png", full_page=True)
            if self.javascript:
                if self.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    faults.append(f"{label}: scrolls sideways")
                faults += [f"{label}: {fault}" for fault in axe_faults(self.page)]
        assert faults == [], f"{name}: {faults}"

    @property
    def javascript(self) -> bool:
        return bool(self.page.context.__dict__.get("_with_javascript", True))


def axe_faults(page: Page) -> list[str]:
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found]


@pytest.fixture
def person(house: House, chromium: Browser) -> Iterator[Callable[..., Person]]:
    """``person()`` opens a fresh browser; ``person(javascript=False)`` one without JavaScript."""
    opened: list[BrowserContext] = []

    def enter(*, javascript: bool = True) -> Person:
        context = chromium.new_context(
            java_script_enabled=javascript, locale="id-ID", bypass_csp=False
        )
        context.__dict__["_with_javascript"] = javascript
        opened.append(context)
        visitor = Person(context.new_page(), house)
        listen(visitor)
        return visitor

    yield enter
    for context in opened:
        context.close()


def listen(visitor: Person) -> None:
    """Remember CSP violations, page errors and requests to other hosts."""
    allowed = (visitor.house.web, "data:", "blob:")

    def on_request(url: str) -> None:
        if not url.startswith(allowed) and not url.startswith(visitor.house.outside):
            visitor.complaints.append(f"asks another host: {url}")

    page = visitor.page
    page.on(
        "console",
        lambda m: (
            visitor.complaints.append(m.text)
            if m.type == "error" and "status of 4" not in m.text
            else None
        ),
    )
    page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    page.on("request", lambda request: on_request(request.url))
