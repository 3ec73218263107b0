"""The process behind ``documents.py``."""

import os
import resource
import time
from collections.abc import Callable
from itertools import count
from typing import Any

from django.core.management import call_command
from django.utils import timezone

from kartini.office import documents
from kartini.office.typesetting import HERE

SECONDS = 5.0
DATA: dict[str, Any] = {
    "agency": {"name": "Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu"},
    "rows": [["Nama", "Siti Nur Aisyah"], ["Tempat praktik", "Desa Tahunan, Kec. Tahunan"]],
}


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    call_command("migrate", verbosity=0)
    number = count()
    typeset, _time = per_second(lambda: render(next(number)))
    issued, processor = per_second(lambda: issue(next(number)))
    print(f"typeset only: {typeset:.1f}/s")
    print(f"typeset, signed, sealed, registered: {issued:.1f}/s, ratio {issued / typeset:.2f}")
    print(
        f"processor time: {processor * 1000:.0f} ms a document ({1 / processor:.1f}/s on an idle core)"
    )
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory at most: {size:.0f} MB after {next(number)} documents")


def render(number: int) -> None:
    documents.render(
        template=HERE / "example.typ",
        data=DATA,
        title=f"Surat {number}",
        at=timezone.now(),
        qr=f"http://localhost/{number}",
    )


def issue(number: int) -> None:
    documents.issue(
        kind="bench",
        number=f"500/{number:06}/2026",
        title=f"Surat {number}",
        template=HERE / "example.typ",
        data=DATA,
        holder_name="Siti Nur Aisyah",
        signed_by="Hendro Susilo",
        signer_title="Kepala DPMPTSP",
        at=timezone.now(),
        thing=f"bench:{number}",
    )


def per_second(work: Callable[[], None]) -> tuple[float, float]:
    """How often a second, and how many seconds of the processor each took."""
    work()
    done, start, used = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - start < SECONDS:
        work()
        done += 1
    return done / (time.perf_counter() - start), (time.process_time() - used) / done
