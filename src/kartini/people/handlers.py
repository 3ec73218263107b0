"""The ties of ``people`` to the exchange: it asks Dukcapil who a new account belongs to."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kartini.contracts import Purpose
from kartini.contracts.dukcapil import ResidentByNik
from kartini.exchange import registry
from kartini.exchange.catalogue import codes, publishers
from kartini.people import identity, roles, tasks
from kartini.people.models import Organisation

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


@registry.every(600, id="people.check-again", title=_("Identities of accounts checked again"))
def check_again() -> int:
    """Identities that could not be checked at sign-up are checked when Dukcapil answers again."""
    return tasks.check_unverified(timezone.now())


@registry.every(24 * 3600, id="people.prune", title=_("Old sessions and links put away"))
def prune() -> int:
    """Sign-ups that nobody finished are forgotten."""
    return tasks.prune_unfinished(timezone.now())


@publishers.named_by
def organisations() -> Mapping[str, publishers.Publisher]:
    """The catalogue names publishers as we do."""
    rows = Organisation.objects.values_list("code", "name", "short_name", "address", "phone")
    return {row[0]: publishers.Publisher(*row) for row in rows}


@codes.code_list(
    "organisasi",
    title=_("Government agencies"),
    description=_("The agencies of the regency. The code is the member code on the exchange."),
    steward="setda",
    regulation="Perda Kabupaten Jepara 14/2016",
    facts={"singkatan": _("Short name"), "jenis": _("Class")},
)
def agencies() -> Iterator[codes.Entry]:
    rows = Organisation.objects.filter(active=True, kind=Organisation.Kind.GOV).order_by("code")
    for one in rows:
        yield codes.Entry(one.code, one.name, {"singkatan": one.short_name, "jenis": one.kind})
