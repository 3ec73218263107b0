"""The offices that the counter itself needs."""

from django.utils.translation import gettext_lazy as _

from kartini.people import roles

CALENDAR_KEEPER = roles.define("office.calendar", _("Keeper of the holiday calendar")).code
LETTER_KEEPER = roles.define("office.letters", _("Keeper of letters that were given up")).code
TREASURER = roles.define("office.treasurer", _("Treasurer (payments)")).code
