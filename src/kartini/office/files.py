"""All kept files together: are they there, whole, and sealed by the current key?"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from kartini.office import sealing
from kartini.office.models import Document, Paper
from kartini.people.sealing import SealBroken

FOLDERS = ("papers", "documents")
PASSING = ("signed",)
"""What came back from a signer and is dropped after a day: in no register."""


@dataclass
class Report:
    sound: int = 0
    faults: list[str] = field(default_factory=list)


def check() -> Report:
    """Open every registered file; look for files that stand in no register."""
    report, known = Report(), set()
    for thing, name, digest in _registered():
        known.add(name)
        fault = _fault(name, digest)
        report.sound += not fault
        if fault:
            report.faults.append(f"{thing}: {fault} ({name})")
    report.faults += [f"nobody's: {name}" for name in _kept(*FOLDERS) if name not in known]
    return report


def reseal() -> int:
    """Seal the keys of those files anew that an older key sealed; returns how many."""
    return sum(sealing.reseal(name) for name in _kept(*FOLDERS, *PASSING))


def _registered() -> Iterator[tuple[str, str, str]]:
    for model in (Paper, Document):
        rows = model._default_manager.values_list("pk", "file", "sha256")  # noqa: SLF001
        for pk, name, digest in rows.iterator():
            yield f"{model.__name__.lower()} {pk}", name, digest


def _fault(name: str, digest: str) -> str:
    try:
        content = sealing.fetch(name)
    except FileNotFoundError:
        return "missing"
    except SealBroken as broken:
        return str(broken)
    return "" if hashlib.sha256(content).hexdigest() == digest else "changed"


def _kept(*folders: str) -> Iterator[str]:
    store = sealing.store()
    for folder in folders:
        if not store.exists(folder):
            continue
        for part in store.listdir(folder)[0]:
            yield from (f"{folder}/{part}/{name}" for name in store.listdir(f"{folder}/{part}")[1])
