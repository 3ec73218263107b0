"""A demo house in processes of its own, for figures. Ports and data folder are its own."""

import contextlib
import http.cookiejar
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kartini.kit.processes import WEB_THREADS

GRANIAN = [
    "granian",
    "--log-level",
    "error",
    "--interface",
    "wsgi",
    "--blocking-threads",
    str(WEB_THREADS),
    "--workers",
    "1",
    "--no-ws",
]


@dataclass(frozen=True)
class House:
    """Where it answers, where its data lies, and the supervisor's process."""

    web: str
    exchange: str
    data: Path
    process: subprocess.Popen[bytes]

    def cookie_of(self, username: str) -> str:
        """Sign in as a demo account; return the Cookie header."""
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        page = opener.open(f"{self.web}/masuk/").read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, "the sign-in page has a form"
        data = {"login": username, "password": "kartini-jepara", "csrfmiddlewaretoken": token[1]}
        request = urllib.request.Request(
            f"{self.web}/masuk/", urllib.parse.urlencode(data).encode(), {"Referer": self.web}
        )
        opener.open(request).read()
        held = (cookie for cookie in jar if cookie.name != "baru")
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in held)


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def wait_for(url: str, seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url, timeout=5).close()
            return
        time.sleep(0.2)
    raise TimeoutError(url)


@contextlib.contextmanager
def demo_house(scale: str = "") -> Iterator[House]:
    """``kartini run --demo``; with ``scale`` the demo grows first."""
    web, exchange, outside, mail = free_ports(4)
    with tempfile.TemporaryDirectory(prefix="kartini-bench-") as folder:
        environment = os.environ | {
            "KARTINI_DATA_DIR": folder,
            "KARTINI_DEMO": "1",
            "KARTINI_WEB_PORT": str(web),
            "KARTINI_EXCHANGE_PORT": str(exchange),
            "KARTINI_OUTSIDE_PORT": str(outside),
            "KARTINI_EMAIL_PORT": str(mail),
            "KARTINI_MAIL_PORT": str(mail),
        }
        kartini = [sys.executable, "-m", "kartini.site.cli"]
        if scale:
            subprocess.run([*kartini, "prepare"], env=environment, check=True)
            subprocess.run([*kartini, "demo", "--scale", scale], env=environment, check=True)
        nowhere = subprocess.DEVNULL
        process = subprocess.Popen(
            [*kartini, "run", "--demo"], env=environment, stdout=nowhere, stderr=nowhere
        )
        try:
            wait_for(f"http://localhost:{web}/")
            yield House(
                f"http://localhost:{web}", f"http://localhost:{exchange}", Path(folder), process
            )
        finally:
            process.terminate()
            process.wait(20)


@contextlib.contextmanager
def bare_django() -> Iterator[str]:
    """A Django view that answers "ok", without any middleware, on the same server: the yardstick."""
    (port,) = free_ports(1)
    command = [sys.executable, "-m", *GRANIAN, "--port", str(port), "benchmarks._bare:application"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for(f"http://127.0.0.1:{port}/")
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(10)


def requests_per_second(
    url: str, *, cookie: str = "", connections: int = 32, seconds: int = 5
) -> float:
    """What wrk measures from the same machine; refuses an answer that is an error."""
    header = ["-H", f"Cookie: {cookie}"] if cookie else []
    command = ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", *header, url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said, said
    found = re.search(r"Requests/sec:\s+([0-9.]+)", said)
    assert found, said
    return float(found[1])
