"""``kartini people …``: the first administrator, and the keys that seal personal numbers."""

import click
from django.conf import settings
from django.utils import timezone

from kartini.people import accounts, appointments, invitations, rotation
from kartini.people.models import Organisation, User


@click.group("people")
def group() -> None:
    """Accounts, roles and keys."""


@group.command("make-administrator")
@click.option("--username", required=True, help="The name to sign in with.")
@click.option("--name", required=True, help="The person's name.")
@click.option("--address", required=True, help="An e-mail address or a number such as +62812….")
def make_administrator(username: str, name: str, address: str) -> None:
    """Make an account that administers all others; a link to set its password is sent and printed."""
    now = timezone.now()
    Organisation.objects.get_or_create(
        code=settings.STEWARD, defaults={"name": settings.STEWARD, "short_name": settings.STEWARD}
    )
    user = accounts.make_staff(username=username, full_name=name, at=now)
    appointments.grant(
        user=user,
        kind=appointments.ADMINISTRATOR,
        organisation=settings.STEWARD,
        from_on=timezone.localdate(),
        by=None,
        at=now,
    )
    click.echo(invitations.invite_with_link(user=user, address=address, by=None, at=now)[1])


@group.command("rotate-keys")
def rotate_keys() -> None:
    """New keys for sealed numbers and files: seal everything anew, then throw the old keys away."""
    if settings.SEALING_KEYS:  # a new key was put in front there; every process has to know it
        count = rotation.reseal()
        click.echo(
            f"{count} records sealed by the first key of KARTINI_SEALING_KEYS; the others may leave it now."
        )
        return
    count = rotation.rotate()
    click.echo(
        f"{count} records sealed anew; the old keys are gone. Back up {settings.DATA_DIR}/keys."
    )


@group.command("accounts")
def count_accounts() -> None:
    """How many accounts there are, and how many wait for something."""
    total = User.objects.count()
    unchecked = User.objects.filter(person__isnull=False, person__verified_at=None).count()
    click.echo(f"{total} accounts, {unchecked} not checked with Dukcapil yet")
