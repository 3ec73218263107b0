"""What stands in codes on the console's pages, in words: deeds of the house itself, refusals."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from kartini.people import words

CHORES: dict[str, Any] = {
    "console.erasure.v1": _("Erased what is not kept any longer"),
    "exchange.key-made.v1": _("Made a key"),
    "exchange.log-archived.v1": _("Moved messages into an archive"),
}
REFUSALS: dict[str, Any] = {
    "Client.BadRequest": _("Not a proper request"),
    "Client.MethodNotAllowed": _("Asked in a way that this address does not know"),
    "Client.NotAuthenticated": _("Did not prove who it is"),
    "invalid_client": _("Client id or secret is wrong"),
}


def of_contract(contract: str) -> Any:
    """A question, an event, a deed outside or a chore of the house in a few words; empty where nobody says."""
    return words.of_contract(contract) or CHORES.get(contract, "")
