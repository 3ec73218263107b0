"""The verbs of Bank Sampah on the command line: kartini bank-sampah …"""

from time import perf_counter

import click
from django.utils import timezone

from kartini.systems.bank_sampah.models import Transfer
from kartini.systems.bank_sampah.services import withdrawals
from kartini.systems.bank_sampah.services.audit import audit

SHOWN = 20


@click.group()
def group() -> None:
    """Bank Sampah: sorted waste becomes savings."""


@group.command("audit")
def audit_command() -> None:
    """Prove that the books are whole, or name the first wrong row (exit code 1)."""
    began = perf_counter()
    faults = list(audit())
    for number, fault in enumerate(faults[:SHOWN]):
        click.echo(f"{'FIRST WRONG ROW: ' if number == 0 else '  also: '}{fault.row}: {fault.says}")
    if len(faults) > SHOWN:
        click.echo(f"  … and {len(faults) - SHOWN} more")
    count, seconds = Transfer.objects.count(), perf_counter() - began
    if faults:
        raise SystemExit(1)
    click.echo(
        f"The books are whole: {count:,} transfers, debits equal credits, stored equals derived, "
        f"stock equals deposits − sales − residue ({seconds:.1f} s)."
    )


@group.command("void-stale")
def void_stale_command() -> None:
    """Let withdrawals lapse that nobody fetched (the worker does this each hour)."""
    click.echo(f"{withdrawals.void_stale(at=timezone.now())} lapsed")
