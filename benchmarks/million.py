"""A million messages: memory while appending, time to verify, time to find one. Takes minutes, so it is run by name only.

KARTINI_BENCH_MESSAGES changes how many.
"""

import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.utils import timezone

import kartini_verify
from benchmarks.verify import entry
from kartini.exchange import log
from kartini.exchange.log.sqlite import SqliteStore

NAME = "A million messages (wanted: memory flat, verified in 60 s, found in 200 ms)"
BY_NAME = True
MESSAGES = int(os.environ.get("KARTINI_BENCH_MESSAGES", "1000000"))
BATCH, A_SEAL = 500, 5_000


def run() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="kartini-bench-") as folder:
        yield from append(Path(folder))
        yield from search(Path(folder))
        yield verify(Path(folder))


def opened(folder: Path) -> log.Log:
    return log.Log(SqliteStore(folder / "log.sqlite3"), folder=folder, origin="bench")


def append(folder: Path) -> Iterator[str]:
    """Sealed as it grows, as the worker does; ten looks at the memory of this process."""
    the_log, begun, used = opened(folder), time.perf_counter(), []
    subjects = [the_log.keys.subject("3320116204959002")]
    for number in range(0, MESSAGES, BATCH):
        moment = timezone.now()
        the_log.append(*(entry(moment, subjects) for _ in range(BATCH)))
        if (number + BATCH) % A_SEAL == 0:
            the_log.sealer.seal(moment)
            the_log.count()
        if number % (MESSAGES // 10) == 0:
            used.append(resident())
    while the_log.sealer.seal(timezone.now()):
        pass
    while the_log.count():
        pass
    used.append(resident())
    the_log.close()
    took = time.perf_counter() - begun
    size = (folder / "log.sqlite3").stat().st_size / MESSAGES
    yield f"appended, sealed and counted: {MESSAGES / took:,.0f} messages/s, {size:,.0f} bytes each"
    yield f"memory in MiB at each tenth: {', '.join(f'{u:.0f}' for u in used)} (grew by {used[-1] - used[1]:.0f})"


def resident() -> float:
    """MiB that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def search(folder: Path) -> Iterator[str]:
    the_log = opened(folder)
    newest = the_log.search(limit=1)[0][1]
    (oldest,) = the_log.store.rows("SELECT id FROM message WHERE tree_index = 0")[0]
    looks: dict[str, Callable[[], object]] = {
        "the newest 50": lambda: the_log.search(limit=50),
        "by client": lambda: the_log.search(client="JPR/GOV/dpmptsp/joss", limit=50),
        "by a client that never asked": lambda: the_log.search(client="JPR/GOV/dlh/x", limit=50),
        "failed ones, of which there are none": lambda: the_log.search(failed=True, limit=50),
        "by id, with its proof": lambda: the_log.proof(oldest),
        "a person's newest 50": lambda: the_log.messages_about("3320116204959002"),
        "a page in the middle": lambda: the_log.search(before=newest.id, limit=50),
    }
    for name, look in looks.items():
        begun = time.perf_counter()
        look()
        yield f"found {name}: {(time.perf_counter() - begun) * 1000:.1f} ms"
    the_log.close()


def verify(folder: Path) -> str:
    outside = folder / "checkpoints"
    begun, worked = time.perf_counter(), time.process_time()
    report = kartini_verify.judge(
        folder / "log.sqlite3", kartini_verify.public_keys(outside), outside
    )
    took, worked = time.perf_counter() - begun, time.process_time() - worked
    assert report.whole, report
    assert report.sealed == MESSAGES
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"verified {report.sealed:,} leaves and {report.inside} checkpoints in {took:.1f} s "
        f"({worked:.1f} s of this processor); at most {held:.0f} MiB"
    )
