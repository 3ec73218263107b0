"""The roles that the house itself knows, whatever systems stand in it."""

from django.utils.translation import gettext_lazy as _

from kartini.people import roles

ADMINISTRATOR = roles.define("people.administrator", _("Account administrator"))
COUNTER = roles.define("people.counter", _("Identity counter"))
DATA_OFFICER = roles.define("people.data-officer", _("Personal data officer"))
