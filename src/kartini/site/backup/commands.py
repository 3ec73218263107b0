"""``kartini backup FILE`` and ``kartini restore FILE``."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from django.conf import settings
from django.db import connections
from django.utils.timezone import now

from kartini.site import rooms
from kartini.site.backup import archive, databases
from kartini.site.backup import house as houses

TO = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
FROM = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
ASK = click.option("--ask", is_flag=True, help="Ask for the passphrase that protects the keys.")
WORDS: dict[type[Exception], str] = {
    archive.ArchiveDamaged: "Nothing was restored. The archive is damaged: {}",
    archive.PassphraseNeeded: "The keys in this archive are encrypted: use --ask.",
    archive.PassphraseWrong: "The passphrase is wrong, or somebody changed the archive.",
    databases.DatabaseDamaged: "Nothing was kept. A database is damaged: {}",
    databases.ToolMissing: "{} is not on this machine: apt-get install postgresql-client",
    databases.ToolFailed: "{}",
    houses.AlreadyThere: "{} exists: use --force to replace it.",
    houses.InsideTheData: "{} lies in the data folder that it would keep: choose another place.",
    houses.NotEmpty: "{} is not empty: use --force; what is there is kept aside.",
    houses.OtherDatabase: "The archive is of a house on {}; set KARTINI_DATABASE_URL to such a one.",
}


@click.group()
def group() -> None:
    """Keep a house in one file, and set it up again from there."""


@group.command("backup")
@TO
@ASK
@click.option("--force", is_flag=True, help="Replace an archive of this name.")
def backup_command(file: Path, ask: bool, force: bool) -> None:
    """Keep databases, log, papers and keys in one file, while the house runs."""
    passphrase = _passphrase(confirm=ask)
    with _in_words():
        count = houses.backup(_house(), file, at=now(), passphrase=passphrase, overwrite=force)
    click.echo(f"{count} files, {file.stat().st_size:,} bytes in {file}")
    if not passphrase:
        click.echo("The keys in it are not encrypted: guard it like the keys themselves.", err=True)


@group.command("restore")
@FROM
@ASK
@click.option("--force", is_flag=True, help="Put it in place of a house; that one is kept aside.")
def restore_command(file: Path, ask: bool, force: bool) -> None:
    """Verify an archive, put it in place, and prove that its log is whole."""
    _refuse_while_running()
    with _in_words():
        manifest = houses.restore(
            _house(),
            file,
            at=now(),
            passphrase=_passphrase(ask=ask),
            force=force,
            between=connections.close_all,
        )
    click.echo(
        f"{len(manifest.entries)} files of {manifest.facts['made_at']}, "
        f"Kartini {manifest.facts['version']}, are in place."
    )
    _prove_the_log()
    click.echo("Now: kartini prepare")


def _house() -> houses.House:
    folder = Path(settings.DATA_DIR)
    return houses.House(folder, settings.DATABASES["default"], settings.INSTANCE)


def _passphrase(*, ask: bool = False, confirm: bool = False) -> str:
    if ask or confirm:
        said: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm)
        return said
    return os.environ.get("KARTINI_BACKUP_PASSPHRASE", "")


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except tuple(WORDS) as error:
        raise click.ClickException(WORDS[type(error)].format(error)) from error


def _refuse_while_running() -> None:
    for port in (settings.WEB_PORT, settings.EXCHANGE_PORT):
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                raise click.ClickException(f"Something answers on port {port}: stop Kartini first.")


def _prove_the_log() -> None:
    """In a process of its own, which has seen nothing of the house that stood here before."""
    if not rooms.has("kartini.exchange.commands"):
        raise click.ClickException("The log could not be verified: this Kartini has no verifier.")
    done = subprocess.run([sys.executable, "-m", "kartini.site.cli", "verify-log"], check=False)
    if done.returncode:
        raise click.ClickException("The restored log is NOT whole. See above.")
