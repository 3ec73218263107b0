"""How a message ended, in plain words, and what to do when it did not end well."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

GOOD: dict[str, Any] = {
    "EVENT": _("Delivered"),
    "DO": _("Done outside"),
    "CHECK": _("Tried"),
    "ERASE": _("Erased"),
    "KEEP": _("Done"),
}


@dataclass(frozen=True)
class Outcome:
    words: Any
    do: Any = ""


NO_GRANT = Outcome(
    _("Refused: no grant"),
    _("The asker needs a grant for this question and this purpose; on its page one is asked for."),
)
TOO_OFTEN = Outcome(
    _("Refused: too often"),
    _("The rate of the grant is used up. If more is needed, a new grant is asked for."),
)
FAILED = Outcome(_("Failed"))
_CALLER = _("The asker's developer was told what does not fit; nothing to do here.")
_ANSWERER = _("Call the technician of the answerer, or switch back to this house under Services.")
CALLS = {
    400: Outcome(_("Not a proper request"), _CALLER),
    404: Outcome(
        _("Nobody answers"), _("The question is not in the catalogue, or its system is not here.")
    ),
    405: Outcome(_("Asked in a way that this address does not know"), _CALLER),
    410: Outcome(
        _("Was away too long"), _("The asker begins to fetch anew, with what is still kept.")
    ),
    429: TOO_OFTEN,
    500: Outcome(_("Answerer failed"), _ANSWERER),
    502: Outcome(_("Answerer failed"), _ANSWERER),
    503: Outcome(
        _("Left alone for a while"),
        _("It failed too often and is asked again in a moment. If it lasts, call its technician."),
    ),
    504: Outcome(_("Too slow"), _ANSWERER),
}
_RECEIVER = _("Under Deliveries stands what happened and what to do.")
EVENTS = {
    403: Outcome(_("Receiver refused it"), _RECEIVER),
    404: Outcome(_("Receiver knows no such address"), _RECEIVER),
    410: Outcome(_("Cannot be delivered"), _RECEIVER),
    429: Outcome(_("Receiver asks to wait"), _RECEIVER),
    500: Outcome(_("Receiver failed"), _RECEIVER),
    502: Outcome(_("Receiver did not take it"), _RECEIVER),
    504: Outcome(_("Receiver too slow"), _RECEIVER),
}
OUTSIDE = {
    409: Outcome(_("Under way already")),
    422: Outcome(_("The institution refused")),
    503: Outcome(_("Left alone for a while")),
    504: Outcome(_("Too slow")),
}


def of(method: str, status: int, *, granted: bool) -> Outcome:
    """``granted``: a grant stands in the message, so a 403 was said by the other side."""
    if status < 400:
        return Outcome(GOOD.get(method, _("Answered")))
    if method == "DO":
        return OUTSIDE.get(status, FAILED)
    if status == 403 and not granted:
        return NO_GRANT
    if method == "EVENT":
        return EVENTS.get(status, EVENTS[403 if status < 500 else 500])
    refused = Outcome(_("Answerer refused"), _CALLER)
    return CALLS.get(status, refused if status < 500 else CALLS[500])
