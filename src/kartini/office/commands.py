"""The counter's verbs on the command line: ``kartini office …``."""

import click
from django.db.models import Count
from django.utils import timezone

from kartini.office import files, notices
from kartini.office.models import Parcel


@click.group("office", help="The counter: papers, documents, letters, payments.")
def group() -> None:
    return


@group.command("letters")
def letters_command() -> None:
    """How letters stand, and why some were given up."""
    for row in (
        Parcel.objects.values("channel", "state").annotate(n=Count("pk")).order_by("channel")
    ):
        click.echo(f"{row['channel']:10} {row['state']:8} {row['n']:>8}")
    dead = Parcel.objects.filter(state=Parcel.State.DEAD).order_by("-ended_at")[:20]
    for parcel in dead:
        click.echo(f"given up {parcel.ended_at:%Y-%m-%d %H:%M} {parcel.channel}: {parcel.fault}")


@group.command("carry")
def carry_command() -> None:
    """Carry the letters that are due now, without waiting for the worker."""
    click.echo(f"{notices.carry(now=timezone.now(), most=1000)} letters carried")


@group.command("check-files")
def check_files_command() -> None:
    """Open every kept file and compare it with its register; name what is missing, changed or nobody's."""
    report = files.check()
    click.echo(f"{report.sound} files are sound")
    for fault in report.faults:
        click.echo(fault)
    if report.faults:
        raise click.ClickException(f"{len(report.faults)} faults")


@group.command("reseal")
def reseal_command() -> None:
    """After a new sealing key: seal every file's own key by it, so that the old one can go."""
    click.echo(f"{files.reseal()} files sealed by the current key")
