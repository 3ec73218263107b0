"""Plain words for what stands in codes on a citizen's page: purposes, verbs, services."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kartini.contracts import Purpose
from kartini.exchange import dispatch, published, registry
from kartini.exchange.catalogue import explained
from kartini.exchange.catalogue.terms import TERMS
from kartini.people.models import Organisation

PURPOSES: dict[str, Any] = {
    Purpose.ACCOUNT_IDENTITY: _("To confirm who an account belongs to"),
    Purpose.SAVINGS_IDENTITY: _("To confirm whose savings book it is"),
    Purpose.PERMIT_IDENTITY: _("To fill in your permit application"),
    Purpose.PERMIT_DECISION: _("To decide on your permit application"),
    Purpose.PERMIT_VERIFICATION: _("To check whether a permit is valid"),
    Purpose.PUBLIC_INFORMATION: _("Public information"),
    Purpose.GOVERNANCE: _("To watch over the work of the offices"),
    Purpose.HEALTH_SERVICE: _("To care for your health"),
    Purpose.SOCIAL_PROTECTION: _("To decide on social assistance for you"),
    Purpose.CIVIL_REGISTRATION: _("To see to your civil registration"),
    Purpose.SERVICE_ENTITLEMENT: _("To check whether you are entitled to a public service"),
    Purpose.STATISTICS: _("To make statistics that show no single person"),
    "identity-claim": _("To connect your account at the counter"),
    "account-care": _("To look after your account"),
    "data-request": _("To answer your question about your data"),
    "payment-care": _("To settle your payment"),
}
VERBS: dict[str, Any] = {
    "people.account-seen": _("Opened your account's page"),
    "people.claim-seen": _("Opened your identity case"),
    "people.data-request-seen": _("Opened your question about your data"),
}
KINDS_OF_LOOK: dict[str, Any] = {
    "looked": _("Opened your data"),
    "opened": _("Opened your file"),
    "nik-shown": _("Read your whole NIK"),
    "downloaded": _("Downloaded your file"),
}
FIELDS: dict[str, Any] = {
    "found": _("whether the NIK exists"),
    "name": _("name"),
    "birth_place": _("birth place"),
    "birth_on": _("birth date"),
    "sex": _("sex"),
    "address": _("address"),
    "village_code": _("village"),
    "status": _("state of residence"),
}
DEEDS: dict[str, Any] = {
    "people.account-made": _("Account made"),
    "people.account-closed": _("Account closed"),
    "people.account-reopened": _("Account reopened"),
    "people.invited": _("Link to set a password sent"),
    "people.invitation-accepted": _("Password set by the link"),
    "people.factors-forgotten": _("Second factor forgotten"),
    "people.identity-agrees": _("Identity agrees with Dukcapil"),
    "people.identity-unchecked": _("Identity named, not checked yet"),
    "people.role-granted": _("Role given"),
    "people.role-ended": _("Role ended"),
    "people.identity-released": _("Identity given to another account"),
}
SERVICES: dict[str, Any] = {
    "dukcapil.resident-by-nik.v1": _("Asked Dukcapil who you are"),
}


def say(verb: str, words: Any) -> None:
    """A system says in plain words what one of its ``looked`` verbs means."""
    VERBS[verb] = words


def say_purpose(purpose: str, words: Any) -> None:
    PURPOSES[purpose] = words


def say_deed(verb: str, words: Any) -> None:
    """A system says in plain words what one of its ``did`` verbs means."""
    DEEDS[verb] = words


def of_purpose(purpose: str) -> Any:
    return PURPOSES.get(purpose, purpose)


def of_verb(verb: str) -> Any:
    """The system's own words, or those for this kind of look (``joss.opened`` is an ``opened``)."""
    general = KINDS_OF_LOOK.get(verb.rpartition(".")[2], KINDS_OF_LOOK["looked"])
    return VERBS.get(verb, general)


def of_field(name: str) -> Any:
    """The human name of a field, as contracts and citizens' pages have it; empty where nobody says."""
    return FIELDS.get(name) or TERMS.get(name, "")


def of_fields(fields: str, service: str) -> str:
    """What the grant let through, in plain words; ``*`` is everything that the service answers."""
    if fields == "*":
        query = registry.queries.get(_contract(service))
        named = list(query.answer_type().model_fields) if query else []
    else:
        named = [field.strip() for field in fields.split(",") if field.strip()]
    return ", ".join(str(FIELDS.get(field, field)) for field in named)


def of_service(service: str) -> Any:
    """What was asked of whom: ``JPR/GOV/disdukcapil/dukcapil/dukcapil.resident-by-nik.v1``."""
    contract = _contract(service)
    if contract in SERVICES:
        return SERVICES[contract]
    if contract in dispatch.deeds:
        return dispatch.deeds[contract].title
    provider = of_subsystem(service.rpartition("/")[0]) or contract
    return gettext("Asked %(provider)s") % {"provider": provider}


def of_contract(contract: str) -> str:
    """What a question, an event or a deed outside means, in a few words; empty where nobody says."""
    if contract in dispatch.deeds:
        return str(dispatch.deeds[contract].title)
    kind = published.queries().get(contract) or published.events().get(contract)
    return explained.title(kind) if kind else ""


def _contract(service: str) -> str:
    return service.rpartition("/")[2]


def of_subsystem(client: str) -> str:
    """``JPR/GOV/dpmptsp/joss`` or ``joss``: the title of the system."""
    code = client.rpartition("/")[2]
    known = registry.subsystems.get(code)
    return known.title if known else code


def agencies() -> dict[str, str]:
    """Short names of all organisations by code; one query for a whole page."""
    return {one.code: str(one) for one in Organisation.objects.only("code", "name", "short_name")}


def of_deed(verb: str) -> Any:
    return DEEDS.get(verb, verb)
