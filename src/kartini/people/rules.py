"""The roles that the house itself knows, and how far each reaches."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from kartini.people import roles
from kartini.people.appointments import ADMINISTRATOR, is_steward
from kartini.people.models import Organisation, User

COUNTER = "people.counter"
DATA_OFFICER = "people.data-officer"

roles.define(ADMINISTRATOR, _("Account administrator"))
roles.define(COUNTER, _("Identity counter"))
roles.define(DATA_OFFICER, _("Personal data officer"))


def is_administrator(user: Any) -> bool:
    return roles.holds(user, ADMINISTRATOR)


def looks_after_all(user: Any) -> bool:
    """An administrator of the steward (Diskominfo) looks after all organisations."""
    return any(is_steward(role) for role in roles.roles_of(user) if role.kind == ADMINISTRATOR)


def organisations_of(user: Any) -> Any:
    """The organisations whose roles this administrator gives and ends."""
    active = Organisation.objects.filter(active=True).order_by("short_name")
    if looks_after_all(user):
        return active
    own = [role.organisation_id for role in roles.roles_of(user) if role.kind == ADMINISTRATOR]
    return active.filter(code__in=[code for code in own if code])


def may_administer_at(user: Any, organisation: str | None) -> bool:
    """May this account give or end a role there? A role at no organisation is the steward's."""
    if looks_after_all(user):
        return True
    return bool(organisation) and roles.holds(user, ADMINISTRATOR, organisation=organisation)


def may_administer(user: Any, account: User) -> bool:
    """May this account mend that one? Its own never; one with roles only where all of them are within reach."""
    if user.pk == account.pk or not is_administrator(user):
        return False
    if looks_after_all(user):
        return True
    held = account.roles.filter(ended_at=None)
    return held.exists() and all(may_administer_at(user, role.organisation_id) for role in held)
