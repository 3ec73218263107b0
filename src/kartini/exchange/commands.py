"""``kartini exchange …``: the exchange on the command line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import click
from django.utils import timezone

import kartini_verify
from kartini.exchange import grants, log
from kartini.exchange.log.sqlite import SqliteStore


@click.group("exchange")
def group() -> None:
    """The exchange: its log and its grants."""


@group.command("verify-log")
@click.option(
    "--archive",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A log file that was put aside; without it, the log of this house.",
)
@click.option(
    "--checkpoints",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of checkpoints kept elsewhere; without it, the one in the data folder.",
)
@click.option("--key", multiple=True, help="A public key of the log (vkey) that you trust.")
def verify_log(archive: Path | None, checkpoints: Path | None, key: tuple[str, ...]) -> None:
    """Recompute every leaf and hold the tree against the signed checkpoints."""
    folder = checkpoints or log.the_log().outside
    keys = list(key) or kartini_verify.public_keys(folder)
    with _stored(archive) as stored:
        report = kartini_verify.verify(stored, keys, kartini_verify.kept_outside(folder))
    click.echo(report)
    sys.exit(0 if report.whole else 1)


@contextmanager
def _stored(archive: Path | None) -> Iterator[kartini_verify.Stored]:
    """What lies in a log file, or in PostgreSQL, at one moment."""
    store = log.the_log().store
    if archive is not None or isinstance(store, SqliteStore):
        path = archive if archive is not None else cast("SqliteStore", store).path
        with kartini_verify.opened(path) as stored:
            yield stored
        return
    with store.snapshot() as line:
        yield kartini_verify.Stored(
            store.whole(line), store.tiles(on=line), store.checkpoints(on=line), store.orphans(line)
        )


@group.command("declare-grants")
def declare_grants() -> None:
    """Write down the grants that the installed systems need; they wait in the console for approval."""
    fresh = grants.declare(approve=False, at=timezone.now())
    for grant in fresh:
        click.echo(f"asked for: {grant}")
    click.echo(f"{len(fresh)} new")
