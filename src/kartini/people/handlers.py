"""The ties of ``people`` to the exchange: it asks Dukcapil who a new account belongs to."""

from typing import Any

from django.utils import timezone

from kartini.contracts import Purpose
from kartini.contracts.dukcapil import ResidentByNik
from kartini.exchange import registry
from kartini.people import identity, roles, tasks

registry.subsystem(identity.ASKER, member="diskominfo", title="Akun dan identitas warga")
registry.needs(
    ResidentByNik,
    asker=identity.ASKER,
    purpose=Purpose.ACCOUNT_IDENTITY,
    basis="UU 27/2022 Pasal 20: persetujuan Anda saat membuat akun",
)


@registry.speaks_for
def organisation_of(account: Any) -> str:
    """The agency in whose name an officer asks; empty for a citizen."""
    held = (role.organisation_id for role in roles.roles_of(account))
    return next((code for code in held if code), "")


@registry.every(600, id="people.check-again")
def check_again() -> int:
    """Identities that could not be checked at sign-up are checked when Dukcapil answers again."""
    return tasks.check_unverified(timezone.now())


@registry.every(24 * 3600, id="people.prune")
def prune() -> int:
    """Sign-ups that nobody finished are forgotten."""
    return tasks.prune_unfinished(timezone.now())
