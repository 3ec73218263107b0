"""Portal home and worklist against a bare Django view on the same server; the house's memory at rest."""

import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import _house

NAME = "Pages at 32 connections (yardstick: a bare Django view, no middleware, on the same server)"
PAGES = {"portal home": ("/", ""), "worklist": ("/joss/meja/", "bambang")}
MADE_ANEW = "baru=1"  # the cookie of whoever has just written something: memory is not asked


def run() -> Iterator[str]:
    with _house.demo_house() as house:
        time.sleep(3)
        yield f"memory at rest (PSS of all processes but the stand-ins): {memory(house.process.pid):.0f} MB"
        with _house.bare_django() as bare:
            for name, (path, account) in PAGES.items():
                cookie = house.cookie_of(account) if account else ""
                anew = f"{cookie}; {MADE_ANEW}" if cookie else MADE_ANEW
                url = house.web + path
                for how, sent in (("", cookie), (", made anew each time", anew)):
                    yardstick = _house.requests_per_second(bare)
                    page = _house.requests_per_second(url, cookie=sent)
                    ratio = page / yardstick
                    yield f"{name}{how}: {page:.0f}/s, bare {yardstick:.0f}/s, ratio {ratio:.3f}"


def memory(supervisor: int) -> float:
    """Proportional memory of the supervisor and its descendants, in MB, without the stand-ins."""
    return sum(
        _pss(pid) for pid in _descendants(supervisor) if "kartini_outside" not in _command(pid)
    )


def _descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in _descendants(int(child)))]


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def _pss(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
