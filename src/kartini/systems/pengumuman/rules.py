"""Who may announce: an editor, in the name of the agency at which the role is held."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kartini.people import roles
from kartini.people.models import Organisation
from kartini.systems.pengumuman.models import Announcement

EDITOR = roles.define("pengumuman.editor", _("Announcement editor")).code


def agencies_of(user: Any) -> QuerySet[Organisation]:
    """The agencies in whose name this account may announce today."""
    held = [role.organisation_id for role in roles.roles_of(user) if role.kind == EDITOR]
    return Organisation.objects.filter(code__in=held).order_by("name")


def may_withdraw(user: Any, announcement: Announcement) -> bool:
    return roles.holds(user, EDITOR, organisation=announcement.agency_id)
