"""The offices that the counter itself needs."""

from django.utils.translation import gettext_lazy as _

from kartini.people import roles

CALENDAR_KEEPER = roles.define("office.calendar", _("Keeper of the holiday calendar")).code
TREASURER = roles.define("office.treasurer", _("Treasurer (payments)")).code
