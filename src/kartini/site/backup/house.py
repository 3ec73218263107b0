"""What a backup holds, in which order, and how it comes back.

Order matters. Checkpoints of the log lie in files beside it; they are taken before the log, so that the log
in the archive reaches at least as far as they do. Papers and documents are written before the rows that
name them, and archives of the log before the messages leave it; both are looked for and taken last, byte for byte. What a
rule erases meanwhile is left out.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kartini.site.backup import archive, databases

MADE_AGAIN = {"cache", "static", "edge"}  # of the edge: what counts for minutes
PASSING = ("-wal", "-shm", "-journal")
SECRET, LATE = "keys", "files"
DUMP = "postgresql.dump"
ARRIVING, RESTORING, BEFORE = ".arriving", ".restoring", ".before-"


class AlreadyThere(Exception):
    """A file of this name exists; a backup overwrites nothing unasked."""


class InsideTheData(Exception):
    """The archive would lie in the very folder that it keeps."""


class NotEmpty(Exception):
    """There is a house already; a restore replaces nothing unasked."""


class OtherDatabase(Exception):
    """The archive is of a house on another kind of database."""


@dataclass(frozen=True)
class House:
    """Where a house keeps its state: a folder, and a database that may lie elsewhere."""

    folder: Path
    database: Mapping[str, Any]
    instance: str = ""

    @property
    def kind(self) -> str:
        return "postgresql" if "postgresql" in self.database["ENGINE"] else "sqlite"


def backup(
    house: House, file: Path, *, at: datetime, passphrase: str = "", overwrite: bool = False
) -> int:
    """Keep everything in one archive while the house runs; return how many files that are."""
    file = file.resolve()
    if file.is_relative_to(house.folder.resolve()):
        raise InsideTheData(file)
    if file.exists() and not overwrite:
        raise AlreadyThere(file)
    writer = archive.Writer(file, passphrase)
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".kartini-backup-") as aside:
            _fill(writer, house, Path(aside))
        writer.finish(
            {
                "instance": house.instance,
                "version": version("kartini"),
                "made_at": at.isoformat(timespec="seconds"),
                "database": house.kind,
            }
        )
    except BaseException:
        writer.give_up()
        raise
    return len(writer.entries)


def _fill(writer: archive.Writer, house: House, aside: Path) -> None:
    plain, sqlite, _late = _sorted(house)
    _add(writer, house, plain)
    if house.kind == "postgresql":
        databases.dump(house.database, aside / DUMP)
        writer.add(DUMP, aside / DUMP)
    for path in sqlite:
        databases.snapshot(path, aside / "snapshot")
        writer.add(path.relative_to(house.folder).as_posix(), aside / "snapshot")
        (aside / "snapshot").unlink()
    _add(writer, house, _sorted(house)[2])


def _add(writer: archive.Writer, house: House, paths: Sequence[Path]) -> None:
    for path in paths:
        name = path.relative_to(house.folder).as_posix()
        with suppress(FileNotFoundError):
            writer.add(name, path, secret=name.startswith(f"{SECRET}/"))


def _sorted(house: House) -> tuple[list[Path], list[Path], list[Path]]:
    """Plain files; SQLite databases (the house's own first, then the log and the others); papers, and archives of the
    log."""
    plain: list[Path] = []
    sqlite: list[Path] = []
    late: list[Path] = []
    for path in _everything(house.folder):
        with suppress(FileNotFoundError):
            kind = databases.kind(path)
            is_late = kind == "rest" or path.relative_to(house.folder).parts[0] == LATE
            (late if is_late else sqlite if kind else plain).append(path)
    own = Path(str(house.database.get("NAME", "")))
    return plain, sorted(sqlite, key=lambda path: (path != own, path)), late


def _everything(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") for part in parts)
        if hidden or parts[0] in MADE_AGAIN or path.name.endswith(PASSING):
            continue
        if path.is_file() and not path.is_symlink():
            yield path


def restore(
    house: House,
    file: Path,
    *,
    at: datetime,
    passphrase: str = "",
    force: bool = False,
    between: Callable[[], None] = lambda: None,
) -> archive.Manifest:
    """Verify the archive, then put it in place of the house; what was there is kept aside.

    The folder ``.restoring`` exists from the moment when the old house is touched until the new one stands.
    ``between`` is called before that (to drop open connections).
    """
    manifest = archive.verify(file, passphrase)
    if manifest.facts.get("database") != house.kind:
        raise OtherDatabase(manifest.facts.get("database"))
    elsewhere = house.kind == "postgresql"
    there = any(_residents(house.folder))
    if not force and (there or (elsewhere and not databases.is_empty(house.database))):
        raise NotEmpty(house.folder)
    arriving = _unpacked(house.folder, file, manifest)
    between()
    if elsewhere:
        databases.empty(house.database)
        databases.load(house.database, arriving / DUMP)
        (arriving / DUMP).unlink()
    _move_in(house.folder, arriving, at)
    return manifest


def _unpacked(folder: Path, file: Path, manifest: archive.Manifest) -> Path:
    for left_over in (folder / ARRIVING, folder / RESTORING):
        shutil.rmtree(left_over, ignore_errors=True)
    (folder / ARRIVING).mkdir(parents=True, mode=0o700)
    archive.unpack(file, manifest, folder / ARRIVING)
    return (folder / ARRIVING).rename(folder / RESTORING)


def _residents(folder: Path) -> Iterator[Path]:
    """What lies in the folder now, but for what is made again and what earlier restores left."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        ours = path.name in MADE_AGAIN | {ARRIVING, RESTORING} or path.name.startswith(BEFORE)
        if not ours:
            yield path


def _move_in(folder: Path, arriving: Path, at: datetime) -> None:
    """Old things aside, new things in place, then the mark goes. A second run ends what a killed one began."""
    old = list(_residents(folder))
    if old:
        aside = Path(tempfile.mkdtemp(prefix=f"{BEFORE}{at:%Y%m%dT%H%M%S}-", dir=folder))
        for path in old:
            path.rename(aside / path.name)
    for name in MADE_AGAIN:
        shutil.rmtree(folder / name, ignore_errors=True)
    for path in sorted(arriving.iterdir()):
        path.rename(folder / path.name)
    arriving.rmdir()
