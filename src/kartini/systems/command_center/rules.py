"""Who may see the Command Center, take cases into hand, and look after screens and targets."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kartini.people import roles
from kartini.people.models import Organisation
from kartini.systems.command_center.models import Case

VIEWER = "command-center.viewer"
KEEPER = "command-center.keeper"
roles.define(VIEWER, _("Command Center: regent, regional secretary, heads of agencies"))
roles.define(KEEPER, _("Command Center: looks after screens and targets"))

LEADERSHIP = "setda"


def leads(user: Any) -> bool:
    """The regent and the regional secretary may put a case into any agency's hands."""
    return roles.holds(user, VIEWER, organisation=LEADERSHIP)


def owners_for(user: Any, case: Case) -> QuerySet[Organisation]:
    """Into whose hands this person may put this case; a head of an agency takes only what lies there."""
    agencies = Organisation.objects.filter(active=True, kind=Organisation.Kind.GOV).order_by("name")
    if leads(user):
        return agencies
    own = {role.organisation_id for role in roles.roles_of(user) if role.kind == VIEWER}
    return agencies.filter(code__in=own & {case.holder})
