"""What stands in codes on the console's pages, in words: deeds of the house itself, refusals."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from kartini.people import words

CHORES: dict[str, Any] = {
    "console.erasure.v1": _("Erased what is not kept any longer"),
    "exchange.key-made.v1": _("Made a key"),
    "exchange.log-archived.v1": _("Moved messages into an archive"),
    "listMethods": _("Looked up what this system answers"),
    "allowedMethods": _("Looked up what it may ask here"),
    "getOpenAPI": _("Fetched the description of a question"),
}
_ITS_DEVELOPER = _("Nothing passed. The answer told its developer what is wrong.")
_MAYBE_AN_ATTACK = _(
    "Nothing passed. Where it goes on for hours, have the operator close the address out."
)
#: what the edge counts before it knows who calls: in words, and what to do
REFUSALS: dict[str, tuple[Any, Any]] = {
    "Client.AddressTooLong": (_("Address too long"), _MAYBE_AN_ATTACK),
    "Client.BadRequest": (_("Not a proper request"), _ITS_DEVELOPER),
    "Client.HeadersTooLarge": (_("Headers too large"), _MAYBE_AN_ATTACK),
    "Client.HttpVersionNotSupported": (_("Speaks another HTTP"), _ITS_DEVELOPER),
    "Client.MethodNotAllowed": (
        _("Asked in a way that this address does not know"),
        _ITS_DEVELOPER,
    ),
    "Client.NotAuthenticated": (
        _("Did not prove who it is"),
        _("Mostly a token that has run out: a new one is fetched. Else look at its credentials."),
    ),
    "Client.NotImplemented": (_("Sends in a coding that we do not know"), _ITS_DEVELOPER),
    "Client.SignatureReplayed": (
        _("Sent a signature a second time"),
        _(
            "Nothing passed twice. A program that repeats itself signs anew; if nobody does, somebody listens: have the key changed."
        ),
    ),
    "Client.TooLarge": (_("Body too large"), _ITS_DEVELOPER),
    "Client.TooManyConnections": (_("Too many connections at once"), _MAYBE_AN_ATTACK),
    "Client.TooSlow": (_("Did not finish its request in time"), _MAYBE_AN_ATTACK),
    "Client.WrongClient": (
        _("Gave itself out as another system"),
        _("Nothing passed. Call the contact of the system whose credentials these are."),
    ),
    "invalid_client": (
        _("Client id or secret is wrong"),
        _("Mostly a secret that has ended: on the system's page a new one is made."),
    ),
}


def of_contract(contract: str) -> Any:
    """A question, an event, a deed outside, a chore of the house or a look at what is offered; empty where nobody says."""
    return words.of_contract(contract) or CHORES.get(contract, "")
