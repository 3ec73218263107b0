"""What a citizen reads for each purpose. A purpose without words breaks a test."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kartini.contracts import Purpose

PURPOSES: dict[Purpose, str | Promise] = {
    Purpose.PERMIT_IDENTITY: _("To fill in your permit application with what the registry knows"),
    Purpose.ACCOUNT_IDENTITY: _("To confirm that the account is yours"),
    Purpose.PERMIT_DECISION: _("To decide on your permit application"),
    Purpose.PERMIT_VERIFICATION: _("To check whether a permit is in force"),
    Purpose.PUBLIC_INFORMATION: _("To inform the public"),
    Purpose.GOVERNANCE: _("To see how public services stand"),
}


def purpose(code: str) -> str:
    """The words for a purpose; the code itself where an older log names one that is gone."""
    try:
        return str(PURPOSES[Purpose(code)])
    except (ValueError, KeyError):
        return code
