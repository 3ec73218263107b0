"""Who may do what, and which state may follow which: two tables that a clerk can read."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from kartini.kit.flow import Flow
from kartini.people import roles
from kartini.people.models import Role
from kartini.systems.joss.models import Application

FRONT_OFFICE = "joss.front-office"
VERIFIER = "joss.verifier"
TECHNICAL = "joss.technical"
SURVEYOR = "joss.surveyor"
TREASURER = "joss.treasurer"
HEAD = "joss.head"
for _code, _title in {
    FRONT_OFFICE: _("Permits: front office"),
    VERIFIER: _("Permits: verifier"),
    TECHNICAL: _("Permits: technical officer"),
    SURVEYOR: _("Permits: surveyor"),
    TREASURER: _("Permits: treasurer"),
    HEAD: _("Permits: head of the agency, signs"),
}.items():
    roles.define(_code, _title)
STAFF = (FRONT_OFFICE, VERIFIER, TECHNICAL, SURVEYOR, TREASURER, HEAD)

_TURNS = ("submitted", "recommendation", "survey", "assessment", "verification", "decision")
_FRESH = ("recommendation", "assessment", "verification", "decision")

FLOW = Flow(
    ("submit", ["draft"], "submitted"),
    ("return", _TURNS, "returned"),
    *(("mend", ["returned"], turn) for turn in _TURNS if turn != "survey"),
    *(("accept", ["submitted", "verification"], turn) for turn in _FRESH),
    ("plan-survey", ["recommendation", "survey"], "survey"),
    ("record-survey", ["survey"], "recommendation"),
    *(("recommend", ["recommendation"], turn) for turn in _FRESH),
    ("assess", ["assessment"], "payment"),
    *(("pay", ["payment"], turn) for turn in _FRESH),
    ("issue", ["decision"], "issued"),
    ("refuse", ["decision"], "refused"),
    ("withdraw", [*_TURNS, "returned", "payment"], "withdrawn"),
    ("lapse", ["returned"], "lapsed"),
)

# verb → state → the roles that may; always at the agency that holds the file, for its village
_DESK = {
    "submitted": (FRONT_OFFICE, VERIFIER),
    "recommendation": (TECHNICAL,),
    "survey": (TECHNICAL,),
    "assessment": (TREASURER,),
    "verification": (VERIFIER,),
    "decision": (HEAD,),
}
WHO: dict[str, dict[str, tuple[str, ...]]] = {
    "return": _DESK,
    "accept": {state: _DESK[state] for state in ("submitted", "verification")},
    "plan-survey": dict.fromkeys(("recommendation", "survey"), (TECHNICAL, SURVEYOR)),
    "record-survey": {"survey": (TECHNICAL, SURVEYOR)},
    "recommend": {"recommendation": (TECHNICAL,)},
    "assess": {"assessment": (TREASURER,)},
    "issue": {"decision": (HEAD,)},
    "refuse": {"decision": (HEAD,)},
}
DESK_VERBS = tuple(WHO)


class NotAllowed(Exception):
    """This account may not do this here."""


def may(user: Any, verb: str, application: Application, *, on: date | None = None) -> bool:
    """May this officer do this now? The role must be held at the agency whose turn it is."""
    if is_own(user, application):
        return False
    kinds = WHO.get(verb, {}).get(application.state, ())
    return bool(kinds) and roles.holds(
        user,
        *kinds,
        organisation=application.holder,
        place=application.village_code or None,
        on=on,
    )


def ensure(user: Any, verb: str, application: Application, *, on: date | None = None) -> None:
    """Raise ``NotAllowed`` unless ``may``."""
    if not may(user, verb, application, on=on):
        raise NotAllowed(verb)


def verbs(user: Any, application: Application) -> list[str]:
    """What this officer can do with this application now, in the order of the table."""
    possible = FLOW.verbs(application.state)
    return [verb for verb in possible if verb in WHO and may(user, verb, application)]


def is_own(user: Any, application: Application) -> bool:
    """Nobody handles an application of his own."""
    own_person = user.person_id is not None and user.person_id == application.person_id
    return bool(user.pk == application.applicant_id or own_person)


def desks(user: Any) -> list[str]:
    """The agencies at which this account works on permits."""
    return list(dict.fromkeys(role.organisation_id or "" for role in _joss_roles(user)))


def states_of(user: Any) -> set[str]:
    """The states in which this account's roles can do something."""
    kinds = {role.kind for role in _joss_roles(user)}
    return {
        state
        for states in WHO.values()
        for state, allowed in states.items()
        if kinds & set(allowed)
    }


def colleagues(agency: str, on: date) -> list[Any]:
    """The accounts that work on permits at an agency, by name."""
    held = Role.objects.filter(kind__in=STAFF, organisation=agency).select_related("user")
    found = {role.user_id: role.user for role in held if role.holds_on(on)}
    return sorted((user for user in found.values() if user.is_active), key=str)


def may_open(user: Any, application: Application) -> bool:
    """May this officer read the file? The issuing agency all of them; another one those in which it has a turn."""
    if application.state == "draft" or is_own(user, application):
        return False
    agencies = agencies_of(application)
    return any(
        role.organisation_id in agencies
        and (not role.place_code or application.village_code.startswith(role.place_code))
        for role in _joss_roles(user)
    )


def may_assign(user: Any, application: Application) -> bool:
    """May this officer hand the file to a colleague? Whoever works at the agency that holds it."""
    return (
        application.is_open
        and not application.is_stopped
        and not is_own(user, application)
        and application.holder in desks(user)
    )


def may_govern(user: Any, agency: str, *, on: date | None = None) -> bool:
    """May this officer suspend and revoke permits of this agency?"""
    return roles.holds(user, HEAD, organisation=agency, on=on)


def may_hand_over(user: Any, agency: str) -> bool:
    return roles.holds(user, FRONT_OFFICE, VERIFIER, HEAD, organisation=agency)


def agencies_of(application: Application) -> set[str]:
    """Every agency that has a turn in this application."""
    return set(application.type.agencies)


def signing_role(user: Any, agency: str, *, on: date | None = None) -> Role | None:
    """The role in which this account signs for an agency."""
    return next(
        (
            role
            for role in roles.roles_of(user, on=on)
            if role.kind == HEAD and role.organisation_id == agency
        ),
        None,
    )


def is_staff(user: Any) -> bool:
    return bool(_joss_roles(user))


def _joss_roles(user: Any) -> Iterable[Role]:
    return [role for role in roles.roles_of(user) if role.kind in STAFF]
