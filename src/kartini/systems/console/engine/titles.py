"""What stands in codes on the console's pages, in words: works by the clock, deeds of the house itself, refusals."""

from typing import Any

from django.utils.translation import gettext_lazy as _

JOBS: dict[str, Any] = {
    "bank-sampah.limits-due": _("Waste banks: limits that begin today"),
    "bank-sampah.void-stale": _("Waste banks: withdrawals that nobody fetched"),
    "catalogue.codes": _("Reference lists kept in step"),
    "catalogue.count": _("Open data counted"),
    "command-center.ask-figures": _("Figures for the wall"),
    "command-center.tidy": _("Old figures of the wall put away"),
    "console.archive": _("Old messages into archives"),
    "console.count-traffic": _("Traffic counted"),
    "console.end-grants": _("Grants whose last day has passed"),
    "console.warn-of-ends": _("Grants that end soon"),
    "exchange.give-up": _("Events that cannot be delivered"),
    "exchange.stamp": _("Time stamps"),
    "exchange.sweep": _("What is not kept any longer"),
    "exchange.witnesses": _("Witnesses asked"),
    "joss.forget-old-drafts": _("JOSS: old drafts"),
    "joss.look-after-returned": _("JOSS: returned applications"),
    "joss.recheck-identities": _("JOSS: identities checked again"),
    "office.carry-notices": _("Letters and messages carried"),
    "office.expire-bills": _("Bills that ran out"),
    "office.forget-parcels": _("Old letters forgotten"),
    "people.check-again": _("Identities of accounts checked again"),
    "people.prune": _("Old sessions and links put away"),
}
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
