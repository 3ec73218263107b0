"""Identities that could not be checked when they were needed, checked again later."""

from datetime import datetime

from django.db import transaction

from kartini.people import trail
from kartini.systems.joss.models import Application
from kartini.systems.joss.services.drafts import index_words
from kartini.systems.joss.services.identity import Identity
from kartini.systems.joss.services.moves import lock


def waiting(most: int) -> list[Application]:
    """Open applications whose identity Dukcapil did not answer for, the oldest first."""
    unchecked = Application.objects.open().filter(
        identity_verified_at=None, identity__doubt="away", person__isnull=False
    )
    return list(unchecked.select_related("person").order_by("submitted_at")[:most])


@transaction.atomic
def settle(*, application: Application, identity: Identity, at: datetime) -> Application:
    """Keep what Dukcapil says now. What the person wrote and what the registry says are not mixed: a
    match is marked verified, anything else leaves a doubt for the officers to see."""
    current = lock(application.pk)
    if current.identity_verified_at is not None or not current.is_open:
        return current
    if identity.verified and _same(current, identity):
        _adopt(current, identity)
    else:
        current.identity = current.identity | {"doubt": identity.doubt or "different"}
        current.save(update_fields=["identity"])
    trail.did(
        by=None,
        verb="joss.identity-rechecked",
        thing=current.thing,
        at=at,
        person=current.person,
        note=current.identity["doubt"],
    )
    return current


def _adopt(current: Application, identity: Identity) -> None:
    current.identity = identity.facts()
    current.identity_source = identity.source
    current.identity_verified_at = identity.verified_at
    current.applicant_name = identity.name
    current.save(
        update_fields=["identity", "identity_source", "identity_verified_at", "applicant_name"]
    )
    index_words(current)


def _same(current: Application, identity: Identity) -> bool:
    birth_on = current.identity.get("birth_on")
    name = current.applicant_name.casefold().split()
    return birth_on == identity.birth_on and name == identity.name.casefold().split()
