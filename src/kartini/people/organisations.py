"""Organisations are entered and changed here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from kartini.people import trail
from kartini.people.models import Organisation, User

FACTS = ("name", "short_name", "kind", "address", "phone", "active")


@transaction.atomic
def keep(*, code: str, facts: Mapping[str, Any], by: User, at: datetime) -> Organisation:
    """Enter an organisation, or change what is known about it. Its code stays."""
    changed = {name: facts[name] for name in FACTS if name in facts}
    organisation, created = Organisation.objects.update_or_create(code=code, defaults=changed)
    verb = "people.organisation-entered" if created else "people.organisation-changed"
    trail.did(by=by, verb=verb, thing=f"people.organisation:{code}", at=at)
    return organisation
