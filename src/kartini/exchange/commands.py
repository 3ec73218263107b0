"""``kartini exchange …``: the exchange on the command line."""

import shlex
import sys
from base64 import b64encode
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path

import click
from django.conf import settings
from django.utils import timezone
from nacl.signing import SigningKey

import kartini_verify
from kartini.contracts import Purpose
from kartini.exchange import credentials, grants, log, neighbours, stamping, switch, webhooks
from kartini.exchange.catalogue import code_files, codes, editions
from kartini.exchange.log import attested
from kartini.exchange.log.archive import stored
from kartini.exchange.models import Subsystem


@click.group("exchange")
def group() -> None:
    """The exchange: its log and its grants."""


@group.command("verify-log")
@click.option(
    "--archive",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file to which the beginning of the log was moved; verified with the rest.",
)
@click.option(
    "--checkpoints",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of checkpoints kept elsewhere; without it, the one in the data folder.",
)
@click.option("--key", multiple=True, help="A public key of the log (vkey) that you trust.")
@click.option("--witness", multiple=True, help="A witness (vkey) that must have cosigned.")
def verify_log(
    archive: tuple[Path, ...],
    checkpoints: Path | None,
    key: tuple[str, ...],
    witness: tuple[str, ...],
) -> None:
    """Recompute every leaf and hold the tree against the signed checkpoints."""
    folder = checkpoints or log.the_log().outside
    keys = list(key) or kartini_verify.public_keys(folder)
    outside = kartini_verify.kept_outside(folder)
    try:
        with stored(log.the_log().store) as ours, _with(ours, archive) as whole:
            now = timezone.now().isoformat()
            report = kartini_verify.verify(whole, keys, outside, witness, now)
    except ValueError as fault:
        raise click.ClickException(str(fault)) from None
    click.echo(report)
    sys.exit(0 if report.whole and _stamps_hold() else 1)


def _stamps_hold() -> bool:
    """Those of the authority of time, where its certificates are known."""
    stamps = attested.everything(log.the_log().store, attested.STAMP)
    if not stamps or not settings.TIMESTAMP_CA:
        return True
    try:
        faults = stamping.judge_all(log.the_log(), stamping.authorities())[1]
    except stamping.NotStamped as fault:
        click.echo(f"{len(stamps)} stamps cannot be judged: {fault}")
        return False
    click.echo("\n".join([f"{len(stamps) - len(faults)} of {len(stamps)} stamps hold.", *faults]))
    return not faults


def _with(
    ours: kartini_verify.Stored, archives: tuple[Path, ...]
) -> AbstractContextManager[kartini_verify.Stored]:
    return kartini_verify.joined(ours, archives) if archives else nullcontext(ours)


@group.command("declare-grants")
def declare_grants() -> None:
    """Write down the grants that the installed systems need; they wait in the console for approval."""
    fresh = grants.declare(approve=False, at=timezone.now())
    for grant in fresh:
        click.echo(f"asked for: {grant}")
    click.echo(f"{len(fresh)} new")


@group.command("public-key")
def public_key() -> None:
    """The key by which other houses know that this one asks (Ed25519, base64)."""
    keys = log.the_log().keys
    click.echo(b64encode(bytes(keys.voice.verify_key)).decode())
    for number, begins_at in keys.exchange.begins.items():
        if begins_at > timezone.now():
            coming = SigningKey(keys.exchange.keys[number]).verify_key
            click.echo(f"{b64encode(bytes(coming)).decode()} from {begins_at:%Y-%m-%d}")


@group.command("introduce")
@click.argument("code")
@click.option("--member", required=True, help="Code of the organisation whose system it is.")
@click.option(
    "--class",
    "member_class",
    default="",
    type=click.Choice(["", *neighbours.CLASSES]),
    help="Of the organisation; without it, that of its other systems, or GOV.",
)
@click.option("--title", default="")
@click.option("--key", default="", help="The public key by which it signs what it asks.")
def introduce(code: str, member: str, member_class: str, title: str, key: str) -> None:
    """Make a system elsewhere known, and the key by which it speaks."""
    try:
        known = neighbours.introduce(
            code=code, member=member, member_class=member_class, title=title or code, key=key
        )
    except neighbours.NotACode as which:
        said = f"{which}: a code has 3 to 40 small letters, digits and hyphens"
        raise click.ClickException(said) from None
    except credentials.NotAKey:
        said = "--key: a public key is 32 bytes in base64, as kartini exchange public-key prints it"
        raise click.ClickException(said) from None
    click.echo(str(known))


@group.command("allow")
@click.argument("code")
@click.argument("contract")
@click.option("--purpose", required=True, type=click.Choice([one.value for one in Purpose]))
@click.option("--basis", required=True, help="The legal basis, as a person would cite it.")
@click.option("--field", "fields", multiple=True, help="Only this field of the answer.")
def allow(code: str, contract: str, purpose: str, basis: str, fields: tuple[str, ...]) -> None:
    """Let a known system use a service."""
    asker, now = _known(code), timezone.now()
    try:
        grant = neighbours.allow(
            asker=asker, contract=contract, purpose=purpose, basis=basis, fields=fields, at=now
        )
    except neighbours.UnknownContract:
        raise click.ClickException(f"{contract} is not in the catalogue (/katalog/)") from None
    except neighbours.UnknownField as which:
        raise click.ClickException(f"{contract} has no field {which}") from None
    click.echo(f"{grant}: {grant.state}")


@group.command("secret")
@click.argument("code")
def secret(code: str) -> None:
    """Make a client secret for a known system: client id and secret, shown only now."""
    made, words = credentials.make_secret(subsystem=_known(code), at=timezone.now())
    click.echo(f"{made.pk}:{words}")


@group.command("webhook")
@click.argument("code")
@click.argument("url")
def webhook(code: str, url: str) -> None:
    """Send the facts that a known system may hear to URL; prints the secret by which they are signed."""
    try:
        made = webhooks.open_webhook(subsystem=_known(code), url=url, at=timezone.now())
    except webhooks.NotAnAddress as why:
        raise click.ClickException(f"{url}: {why}") from None
    click.echo(webhooks.secret(made))


def _known(code: str) -> Subsystem:
    found = Subsystem.objects.filter(pk=code).first()
    if found is None:
        raise click.ClickException(f"{code} is not known: kartini exchange introduce {code} …")
    return found


@group.command("provider")
@click.argument("contract")
@click.argument("url", required=False, default="")
def provider(contract: str, url: str) -> None:
    """Have the system at URL answer; without a URL, the built-in one again."""
    try:
        service = neighbours.answered_by(contract=contract, url=url)
    except switch.NotAnAddress:
        raise click.ClickException(f"{url} is no http address") from None
    except neighbours.UnknownContract:
        raise click.ClickException(f"{contract} is no question of the catalogue") from None
    click.echo(f"{service}: {service.url or 'built in'}")


@group.command("callers")
@click.argument("contract")
def callers(contract: str) -> None:
    """Print the commands that another node needs, so that it answers CONTRACT to all who may ask it here."""
    try:
        lines = neighbours.callers(contract)
    except neighbours.UnknownContract:
        raise click.ClickException(f"{contract} is no question of the catalogue") from None
    for line in lines:
        click.echo(shlex.join(line))


@group.group("codes")
def code_group() -> None:
    """Reference lists: their codes and versions."""


@code_group.command("import")
@click.argument("code_list", metavar="LIST")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--from",
    "on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day from which it holds; without it, today.",
)
@click.option("--regulation", default="", help="By which regulation.")
@click.option("--partial", is_flag=True, help="Codes that are not in the file stay as they are.")
def import_codes(
    code_list: str, file: Path, on: datetime | None, regulation: str, partial: bool
) -> None:
    """Check FILE (CSV) and let its codes hold in LIST. Nothing is taken by halves."""
    of = codes.code_lists.get(code_list)
    if of is None or of.current is not None:
        ours = ", ".join(name for name, one in codes.code_lists.items() if one.current is None)
        raise click.ClickException(f"{code_list} is no list that is imported (those are: {ours})")
    now = timezone.now()
    try:
        brought = code_files.read(of, file.read_bytes())
        stated = codes.publish(
            of=of, entries=brought.entries, ended=brought.ended, whole=not partial,
            on=on.date() if on else timezone.localdate(now), at=now, regulation=regulation,
        )  # fmt: skip
    except codes.CodesRefused as refused:
        for where, fault in refused.faults:
            click.echo(f"  {where}: {fault}", err=True)
        raise click.ClickException("nothing was imported") from None
    click.echo(f"{len(brought.entries)} codes hold; {len(stated)} changes were stated")


@group.command("count-datasets")
def count_datasets() -> None:
    """Count every dataset of the catalogue anew (the worker does it every hour)."""
    editions.count_all()
