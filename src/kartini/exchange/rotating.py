"""``kartini keys …``: the exchange's own keys, replaced with overlap.

Nothing that was signed or disguised by an older key is lost: older keys stay, to look back and to verify. A key that was
stolen is another matter: see the runbook.
"""

import hashlib
from datetime import timedelta

import click
from django.conf import settings
from django.utils import timezone
from nacl.signing import SigningKey

from kartini.exchange import log
from kartini.exchange.log import note
from kartini.exchange.log.keys import GivenFromOutside, Ring

AHEAD = {"exchange": 7, "witness": 7, "log": 7}
WHAT = {
    "log": "signs the log's roots",
    "subjects": "disguises persons in the log",
    "digests": "digests of bodies in the log",
    "exchange": "signs what this exchange says to others",
    "tokens": "signs access tokens",
    "webhooks": "seals the secrets of webhooks",
    "hop": "between edge and web",
    "witness": "cosigns the logs of others",
    "bodies": "seals bodies that are kept",
}


def rings() -> dict[str, Ring]:
    keys = log.the_log().keys
    return {name: getattr(keys, name) for name in WHAT}


@click.group()
def group() -> None:
    """The exchange's keys."""


@group.group("keys")
def keys_group() -> None:
    """The exchange's own keys."""


@keys_group.command("list")
def list_command() -> None:
    """Which keys there are, and which is in use."""
    for name, ring in rings().items():
        marks = [_mark(ring, number) for number in ring.keys]
        click.echo(f"{name:<9} {', '.join(marks):<30} {WHAT[name]}")


def _mark(ring: Ring, number: str) -> str:
    begins_at = ring.begins.get(number)
    if begins_at is not None and begins_at > timezone.now():
        return f"{number} from {begins_at:%Y-%m-%d}"
    return f"{number} in use" if number == ring.current[0] else number


@keys_group.command("rotate")
@click.argument("name", type=click.Choice([*WHAT]))
@click.option(
    "--in-days",
    type=click.IntRange(0, 90),
    help="When it comes into use: others must learn it before (default: 7 for what others verify, else at once).",
)
def rotate_command(name: str, in_days: int | None) -> None:
    """Make a new key. Those before it stay, to look back and to verify."""
    ring, ours, now = rings()[name], log.the_log(), timezone.now()
    days = AHEAD.get(name, 0) if in_days is None else in_days
    begins_at = now + timedelta(days=days) if days else None
    try:
        number = ring.rotate(begins_at)
    except GivenFromOutside as where:
        raise click.ClickException(
            f"{where} gives these keys: put the new one in front there."
        ) from None
    public = _public(name, ring.keys[number])
    who = f"{settings.INSTANCE}/GOV/{settings.STEWARD}/exchange"
    said = log.message(
        at=now,
        method="KEEP",
        client=who,
        service=f"{who}/exchange.key-made.v1",
        status=200,
        fields=f"{name} {number}",
        request_digest=f"sha-256:{hashlib.sha256(public.encode()).hexdigest()}" if public else "",
    )
    ours.append(log.Entry(said))
    if name == "log":
        ours.sealer.publish()
    when = f"from {begins_at:%Y-%m-%d}" if begins_at else "now"
    click.echo(f"{name} {number}, in use {when}; message {said.id} says so. {public}".strip())
    click.echo("Keep a new backup. Tokens and webhooks take up new keys at the next restart.")


def _public(name: str, key: bytes) -> str:
    """What others need to verify; nothing for keys that nobody else verifies."""
    if name == "log":
        return note.verifier_key(log.the_log().sealer.origin, SigningKey(key).verify_key)
    if name in {"exchange", "witness", "tokens"}:
        return bytes(SigningKey(key).verify_key).hex()
    return ""
