"""How long the stand-alone verifier needs, by a log of 50,000 messages."""

import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.utils import timezone

import kartini_verify
from kartini.exchange import log
from kartini.exchange.log.sqlite import SqliteStore

NAME = "Verifying the message log (wanted: 1,000,000 leaves in 60 s)"
MESSAGES = 50_000


def run() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="kartini-bench-") as folder:
        written = write(Path(folder))
        yield f"appended and sealed: {MESSAGES / written:,.0f} messages/s (batches of 500)"
        begun, worked = time.perf_counter(), time.process_time()
        with kartini_verify.opened(Path(folder) / "log.sqlite3") as stored:
            keys = kartini_verify.public_keys(Path(folder) / "checkpoints")
            outside = kartini_verify.kept_outside(Path(folder) / "checkpoints")
            report = kartini_verify.verify(stored, keys, outside)
        took, worked = time.perf_counter() - begun, time.process_time() - worked
        assert report.whole, report
        million = 1e6 / MESSAGES
        yield (
            f"verified: {MESSAGES / took:,.0f} leaves/s, 1,000,000 would take {million * took:.0f} s, "
            f"{million * worked:.0f} s of the processor"
        )


def write(folder: Path) -> float:
    begun = time.perf_counter()
    the_log = log.Log(SqliteStore(folder / "log.sqlite3"), folder=folder, origin="bench")
    subjects = [the_log.keys.subject("3320116204959002")]
    moment = timezone.now()
    for _ in range(MESSAGES // 500):
        the_log.append(*(entry(moment, subjects) for _ in range(500)))
    while the_log.sealer.seal(moment):
        pass
    the_log.close()
    return time.perf_counter() - begun


def entry(moment: datetime, subjects: list[log.Subject]) -> log.Entry:
    message = log.message(
        at=moment,
        method="ASK",
        client="JPR/GOV/dpmptsp/joss",
        service="JPR/GOV/disdukcapil/dukcapil/dukcapil.resident-by-nik.v1",
        status=200,
        purpose="permit-identity",
        basis="UU 24/2013 Ps. 58",
        request_digest="1:" + "ab" * 32,
        response_digest="1:" + "cd" * 32,
        subjects=subjects,
    )
    return log.Entry(message, subjects)
