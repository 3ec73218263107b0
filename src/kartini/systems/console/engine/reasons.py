"""Why a delivery or a call went wrong, sorted by what a person can do about it."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Advice:
    """What happened in plain words, and what to do."""

    what: Any
    do: Any


NO_GRANT = Advice(
    _("The listener has no grant to hear this event."),
    _("Ask for the grant or renew it, then send the letter again."),
)
NO_LISTENER = Advice(
    _("The system that should hear this is not installed here any more."),
    _("If it was taken out for good, leave the letter. Otherwise install it, then send again."),
)
NO_FIT = Advice(
    _("The event does not have the shape that the contract describes."),
    _(
        "The publisher and the listener know different versions. Tell the developer; sending again helps after the repair only."
    ),
)
TOO_SLOW = Advice(
    _("The receiver did not answer in time."),
    _("Call the technician of the receiver. When it is quick again, send again."),
)
UNREACHABLE = Advice(
    _("The receiver could not be reached."),
    _("Ask whether the system is switched off or has a new address, then send again."),
)
REFUSED = Advice(
    _("The receiver refused the event."),
    _("Its technician sees the reason in its own records. Send again after that is mended."),
)
BROKE = Advice(
    _("The listener broke down while it worked on the event."),
    _("The reason stands below. After the repair, send again: nothing is done twice."),
)
_SIGNS = (
    (("no grant",), NO_GRANT),
    (("no such listener", "no such subscriber"), NO_LISTENER),
    (("does not fit",), NO_FIT),
    (("timeout", "timed out", "too slow", "tooslow"), TOO_SLOW),
    (("connect", "refused by the network", "resolve", "unreachable", "oserror"), UNREACHABLE),
    (("http 4", "status 4", "410", "gone"), REFUSED),
)


def advice(reason: str) -> Advice:
    """By what the exchange wrote down."""
    said = reason.lower()
    return next((one for signs, one in _SIGNS if any(sign in said for sign in signs)), BROKE)
