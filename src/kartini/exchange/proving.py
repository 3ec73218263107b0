"""``kartini witness`` and ``kartini log …``: what keeps the log provable, by hand."""

import json
from datetime import datetime
from pathlib import Path

import click
from django.utils import timezone

from kartini.exchange import archiving, attesting, log, outward, stamping
from kartini.exchange.log import archive, witness

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def group() -> None:
    """What keeps the message log provable."""


@group.command("witness")
@click.argument("url", required=False)
@click.option(
    "--key", "keys", multiple=True, help="A public key of that log (vkey) that you trust."
)
def witness_command(url: str | None, keys: tuple[str, ...]) -> None:
    """Cosign the log whose edge answers at URL, if it extends what was seen before. Without URL: what was seen."""
    us = log.the_log().witness
    if url is None:
        click.echo(us.vkey)
        for seen in us.all_seen():
            click.echo(
                f"{seen.origin}: {seen.size} messages until {seen.at}, {us.place(seen.origin)}"
            )
        return
    try:
        seen = attesting.witness_log(url, keys, timezone.now())
    except (attesting.LogRefused, outward.NoAnswer) as fault:
        raise click.ClickException(str(fault)) from None
    except witness.Refused as no:
        raise click.ClickException(f"NOT cosigned: {no}. What was seen before is kept.") from None
    click.echo(f"{seen.origin}: {seen.size} messages until {seen.at}, cosigned")


@group.group("log")
def log_group() -> None:
    """Stamps, proofs, archives of the message log."""


@log_group.command("stamp")
def stamp_command() -> None:
    """Have the authority of time stamp the newest root now."""
    try:
        kept = stamping.now_stamped()
    except (stamping.NotStamped, outward.NoAnswer) as fault:
        raise click.ClickException(str(fault)) from None
    click.echo(f"{kept.size} messages stamped at {kept.at}" if kept else "stamped already")


@log_group.command("proof")
@click.argument("id_", metavar="ID")
@click.option("--archive", "file", type=FILE, help="The archive in which the message lies.")
def proof_command(id_: str, file: Path | None) -> None:
    """The proof of one message, as a file for kartini-verify --proof."""
    ours = log.the_log()
    if file is not None:
        held = archive.message_of(file, id_)
        found = ours.prove(held[0], log.Message(*held[1]), cosigned=True) if held else None
    else:
        found = ours.proof(id_, cosigned=True)
    if found is None or found.position is None:
        raise click.ClickException(f"no sealed message {id_}")
    click.echo(json.dumps(found.as_file(), indent=1))


@log_group.command("archive")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Only what is older."
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def archive_command(until: datetime, file: Path) -> None:
    """Copy the beginning of the log into FILE (….sqlite3). Nothing is deleted."""
    if not file.absolute().parent.is_dir():
        raise click.ClickException(f"the folder {file.absolute().parent} is not there")
    try:
        span = archive.write(log.the_log().store, file, timezone.make_aware(until))
    except archive.FileExists:
        raise click.ClickException(f"{file} exists") from None
    except archive.NothingToArchive:
        raise click.ClickException(f"nothing sealed before {until:%Y-%m-%d} is left") from None
    click.echo(f"{span.messages} messages ({span.first}-{span.until}) in {file}")
    click.echo(f"SHA-256 {span.digest}")


@log_group.command("prune")
@click.argument("file", type=FILE)
@click.option("--yes", is_flag=True, help="Do not ask.")
def prune_command(file: Path, yes: bool) -> None:
    """Verify the archive FILE, say so in the log, and delete from the database what lies in it."""
    if not yes:
        click.confirm(f"May what lies in {file} leave the database?", abort=True)
    try:
        span = archiving.prune(log.the_log(), file, at=timezone.now())
    except archiving.NotOurArchive as fault:
        raise click.ClickException(f"Nothing was deleted. {file}: {fault}") from None
    click.echo(f"{span.messages} messages are in the archive only; a message in the log says so.")
