"""Who may look into the exchange and decide on its grants: the officer who runs it."""

from django.utils.translation import gettext_lazy as _

from kartini.people import roles

OFFICER = roles.define("console.officer", _("Data exchange officer")).code
