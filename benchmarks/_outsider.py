"""Puts an outside system with a grant, a secret and a remote provider into an empty house; prints the secret."""

import sys

from django.core.management import call_command
from django.utils import timezone

from kartini.exchange import credentials, grants
from kartini.exchange.models import Grant, Service, Subsystem


def main() -> None:
    contract, url, *keys = sys.argv[1:]
    call_command("migrate", verbosity=0)
    now = timezone.now()
    grants.declare(approve=True, at=now)
    outsider = Subsystem.objects.create(
        code="bench", member="dinkes", title="bench", built_in=False
    )
    grant = Grant.objects.create(
        asker=outsider, contract=contract, purpose="governance", basis="benchmark", asked_at=now
    )
    grants.approve_grant(grant=grant, by=None, at=now)
    Service.objects.filter(contract=contract).update(url=url)
    for public in keys:
        credentials.take_key(subsystem=outsider, public=public, at=now)
    known, secret = credentials.make_secret(subsystem=outsider, at=now)
    sys.stdout.write(f"{known.id}:{secret}\n")
