"""The verbs of the places on the command line."""

from datetime import datetime
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import click
from django.utils import timezone

from kartini.exchange.catalogue import codes
from kartini.places import boundaries, changes, draw, load


@click.group()
def group() -> None:
    """The regency, its kecamatan and villages."""


@group.command("load")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def load_places(file: Path | None) -> None:
    """Load places from FILE (CSV); without one, those that Kartini ships."""
    try:
        count = load.load(places=load.read(file or load.SHIPPED))
    except load.PlacesRefused as refused:
        for line, fault in refused.faults:
            click.echo(f"line {line}: {fault}", err=True)
        raise click.ClickException("nothing was loaded") from None
    click.echo(f"{count} places")


@group.command("change")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--from",
    "on",
    type=click.DateTime(["%Y-%m-%d"]),
    required=True,
    help="The day on which it takes effect, today at the latest.",
)
@click.option("--regulation", required=True, help="By which regulation.")
def change_places(file: Path, on: datetime, regulation: str) -> None:
    """Rename, end, merge, split or found places as FILE (CSV) says, and state it to all who listen."""
    if on.date() > timezone.localdate():
        raise click.ClickException("the day lies ahead: places change on the day itself")
    try:
        lines = changes.read(file.read_bytes())
        stated = changes.take(lines=lines, on=on.date(), regulation=regulation, at=timezone.now())
    except (load.PlacesRefused, codes.CodesRefused) as refused:
        for where, fault in refused.faults:
            click.echo(f"{where}: {fault}", err=True)
        raise click.ClickException("nothing was changed") from None
    for change in stated:
        click.echo(f"{change.change}: {change.code} {change.title}")


@group.command("draw")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=None)
def draw_map(out: Path | None) -> None:
    """Draw the schematic map anew from the village points (a build step: needs shapely)."""
    click.echo(f"{draw.write(out)} villages drawn")


@group.group("boundaries")
def boundary_group() -> None:
    """Real village boundaries: brought from a file, shown as indicative."""


@boundary_group.command("import")
@click.argument("file_or_url")
@click.option("--source", default="", help="Whose lines these are; shown beside every map.")
@click.option("--code-property", default="", help="The property that holds the Kemendagri code.")
@click.option("--dry-run", is_flag=True, help="Check only.")
def import_boundaries(file_or_url: str, source: str, code_property: str, dry_run: bool) -> None:
    """Check GeoJSON with Kemendagri codes and draw it from now on. Nothing is taken by halves."""
    raw = _fetch(file_or_url)
    try:
        found = boundaries.read(raw, code_property=code_property)
    except boundaries.BoundariesRefused as refused:
        for fault in refused.faults:
            click.echo(f"  {fault}", err=True)
        raise click.ClickException(f"{refused}; nothing was imported") from None
    for code in boundaries.far_from_their_point(found):
        click.echo(f"  note: {code} lies far from its known point", err=True)
    if dry_run:
        click.echo(f"{len(found)} villages are in order; nothing was written")
        return
    name = source or Path(urlsplit(file_or_url).path).name
    boundaries.take(found=found, source=name, raw=raw, at=timezone.now())
    click.echo(f"{len(found)} villages are drawn from {name} now")


@boundary_group.command("clear")
@click.option("--all", "everything", is_flag=True, help="Take back every import.")
def clear_boundaries(everything: bool) -> None:
    """Take back the newest import; what was drawn before it is drawn again."""
    try:
        count = boundaries.undo(everything=everything)
    except boundaries.NoBoundaries:
        raise click.ClickException("no boundaries were imported") from None
    left = boundaries.newest()
    click.echo(f"{count} taken back; now drawn: {left.source if left else 'the schematic map'}")


def _fetch(file_or_url: str) -> bytes:
    try:
        if urlsplit(file_or_url).scheme in ("http", "https"):
            with urlopen(file_or_url, timeout=30) as answer:  # noqa: S310 — scheme checked above
                return bytes(answer.read(boundaries.MOST_BYTES + 1))
        with Path(file_or_url).open("rb") as file:
            return file.read(boundaries.MOST_BYTES + 1)
    except (OSError, URLError, ValueError) as error:
        raise click.ClickException(f"cannot read {file_or_url}: {error}") from None
