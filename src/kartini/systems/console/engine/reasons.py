"""Why a delivery went wrong, sorted by what a person can do about it.

The left side is what the exchange writes down; a test holds it against everything that it can write.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Advice:
    """What happened in plain words, and what to do."""

    what: Any
    do: Any


NO_GRANT = Advice(
    _("The receiver has no grant to hear this event."),
    _("Ask for the grant, or for a new one if its last day has passed."),
)
NO_LISTENER = Advice(
    _("The system that should hear this is not installed here any more."),
    _("If it was taken out for good, leave the letter. Otherwise install it."),
)
NO_FIT = Advice(
    _("The event does not have the shape that the contract describes."),
    _("The publisher and the receiver know different versions. Tell the developer."),
)
TOO_SLOW = Advice(
    _("The receiver did not answer in time."),
    _("Call its technician: an answer must come within 15 seconds, before any long work."),
)
UNREACHABLE = Advice(
    _("The receiver could not be reached."),
    _("Ask its technician whether the system is switched off or has a new address."),
)
NO_NAME = Advice(
    _("The name in the address is not known."),
    _("Look for a slip in the address; on the system's page it can be changed."),
)
CLOSED = Advice(
    _("The receiver hung up before its answer was whole."),
    _("Call its technician: the system may break down while it answers."),
)
NO_MANNERS = Advice(
    _("What the receiver says is no proper answer."),
    _("Ask its technician whether this address is the right one: something else listens there."),
)
TOO_LONG = Advice(
    _("The answer of the receiver is far too long; we stopped reading."),
    _("Tell its technician: an empty answer with 204 is enough."),
)
REDIRECTED = Advice(
    _("The receiver points to another address."),
    _("Ask its technician for the right one and enter it on the system's page."),
)
NOT_AGREED = Advice(
    _("The receiver has not agreed to be told of events."),
    _("Its technician has it answer OPTIONS with WebHook-Allowed-Origin, as the guide shows."),
)
GONE = Advice(
    _("The receiver wants no more events (410)."),
    _("Ask whether that is meant. Enter its new address or press Resume on the system's page."),
)
REFUSED = Advice(
    _("The receiver refused the event."),
    _("Its technician sees the reason in its own records; mostly it is the signing secret."),
)
NOT_THERE = Advice(
    _("At this address the receiver knows nothing (404)."),
    _("Look for a slip in the address; on the system's page it can be changed."),
)
BUSY = Advice(
    _("The receiver asks us to wait."),
    _("Nothing to do at once. If it lasts, call its technician."),
)
RECEIVER_BROKE = Advice(
    _("The receiver broke down while it worked on the event."),
    _("Call its technician: its own records say why."),
)
NOT_ALLOWED = Advice(
    _("The address leads into a network that we do not call."),
    _("Enter a public address, or have the operator add the network to KARTINI_WEBHOOK_NETWORKS."),
)
NOT_SECRET = Advice(
    _("The address is not encrypted."),
    _("Enter an address that begins with https://."),
)
NOT_IN_TIME = Advice(
    _("For three days it could not be delivered."),
    _("Call the technician of the receiver first; the tries in the log say what happened."),
)
BY_HAND = Advice(
    _("The receiver rests, because somebody here stopped it."),
    _("Press Resume on the system's page when it may be told again."),
)
BROKE = Advice(
    _("The receiver in this house broke down while it worked on the event."),
    _("What was written down stands on its page; show it to the developer."),
)
_SIGNS = (
    (("no grant",), NO_GRANT),
    (("no such listener", "no such subscriber"), NO_LISTENER),
    (("does not fit",), NO_FIT),
    (("did not answer in time", "timeout", "timed out", "http 408", "http 504"), TOO_SLOW),
    (("within three days",), NOT_IN_TIME),
    (("stopped by hand",), BY_HAND),
    (("did not agree",), NOT_AGREED),
    (("another address",), REDIRECTED),
    (("(410)", "http 410"), GONE),
    (("too long",), TOO_LONG),
    (("not http",), NO_MANNERS),
    (("closed before",), CLOSED),
    (("network that is not allowed",), NOT_ALLOWED),
    (("begin with https",), NOT_SECRET),
    (("the name of the receiver",), NO_NAME),
    (("no connection", "connectionrefused", "unreachable"), UNREACHABLE),
    (("http 404",), NOT_THERE),
    (("http 429", "http 503"), BUSY),
    (("http 4",), REFUSED),
    (("http ",), RECEIVER_BROKE),
)


def advice(reason: str) -> Advice:
    """By what the exchange wrote down."""
    said = reason.lower()
    return next((one for signs, one in _SIGNS if any(sign in said for sign in signs)), BROKE)
