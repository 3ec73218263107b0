"""Who may look into the exchange: the officer who runs it, the owners of data, the developers of members' systems.

The owner of the data decides on a grant; the officer only where an organisation has named no owner yet. Whoever
asked never decides (the database holds that too).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kartini.exchange.models import Grant, Service, Subsystem
from kartini.exchange.snapshot import owner
from kartini.people import roles
from kartini.people.models import Role, User

OFFICER = roles.define("console.officer", _("Data exchange officer")).code
OWNER = roles.define("console.owner", _("Data owner")).code
DEVELOPER = roles.define("console.developer", _("Developer of a member's system")).code


def runs_the_exchange(user: Any) -> bool:
    return roles.holds(user, OFFICER)


def organisations(user: Any, *kinds: str) -> set[str]:
    """The organisations at which this account holds one of these roles."""
    held = [role for role in roles.roles_of(user) if role.kind in kinds]
    return {role.organisation_id for role in held if role.organisation_id}


def develops(user: Any, subsystem: Subsystem) -> bool:
    """May this account make credentials and ask for grants for this system?"""
    return runs_the_exchange(user) or subsystem.member in organisations(user, DEVELOPER)


def systems_of(user: Any) -> QuerySet[Subsystem]:
    """The systems that this account looks after."""
    every = Subsystem.objects.all()
    if runs_the_exchange(user):
        return every
    return every.filter(member__in=organisations(user, DEVELOPER))


# -- grants


def owned_contracts(members: set[str]) -> Q:
    """Grants on what belongs to the systems of these organisations."""
    codes = Subsystem.objects.filter(member__in=members).values_list("code", flat=True)
    found = Q(pk__in=[])
    for code in codes:
        found |= Q(contract__startswith=f"{code}.")
    return found


def grants_of(user: Any) -> QuerySet[Grant]:
    """What this account may read: all, or what was asked of its data and by its systems."""
    every = Grant.objects.select_related("asker")
    if runs_the_exchange(user):
        return every
    mine = Q(asker__member__in=organisations(user, DEVELOPER))
    return every.filter(mine | owned_contracts(organisations(user, OWNER)))


def member_of(contract: str) -> str:
    """The organisation to which a question or an event belongs."""
    service = Service.objects.filter(pk=contract).select_related("subsystem").first()
    if service is not None:
        return service.subsystem.member
    known = Subsystem.objects.filter(pk=owner(contract)).first()
    return known.member if known else ""


def members_of(contracts: Iterable[str]) -> dict[str, str]:
    """The same for many, by two questions to the database."""
    systems = dict(Subsystem.objects.values_list("code", "member"))
    answering = dict(Service.objects.values_list("contract", "subsystem__member"))
    return {one: answering.get(one) or systems.get(owner(one), "") for one in contracts}


def holders(kind: str, organisation: str) -> list[User]:
    """The accounts that hold a role at an organisation today."""
    today = timezone.localdate()
    held = Role.objects.filter(kind=kind, organisation_id=organisation, ended_at=None)
    found = held.filter(from_on__lte=today).exclude(until_on__lt=today).select_related("user")
    return list({role.user_id: role.user for role in found if role.user.is_active}.values())


def deciders(contract: str) -> list[User]:
    """Who decides on grants for it: its owners, else the officers of the exchange."""
    return holders(OWNER, member_of(contract)) or officers_everywhere(OFFICER)


def officers_everywhere(kind: str) -> list[User]:
    """The accounts that hold a role today, wherever."""
    held = Role.objects.filter(kind=kind, ended_at=None).select_related("user")
    today = timezone.localdate()
    return list(
        {r.user_id: r.user for r in held if r.holds_on(today) and r.user.is_active}.values()
    )


def may_decide(user: Any, grant: Grant) -> bool:
    if grant.asked_by is not None and grant.asked_by == user.pk:
        return False
    member = member_of(grant.contract)
    if member in organisations(user, OWNER):
        return True
    return runs_the_exchange(user) and not holders(OWNER, member)


def to_decide(user: Any, waiting: Sequence[Grant]) -> set[int]:
    """Those of many on which this account may decide, by few questions to the database."""
    members = members_of(one.contract for one in waiting)
    mine = organisations(user, OWNER)
    if runs_the_exchange(user):
        mine = mine | {one for one in {*members.values()} if not holders(OWNER, one)}
    return {
        one.pk
        for one in waiting
        if members[one.contract] in mine and (one.asked_by is None or one.asked_by != user.pk)
    }


def may_end(user: Any, grant: Grant) -> bool:
    """The owner, and the officer at any time: to stop something is urgent."""
    return runs_the_exchange(user) or member_of(grant.contract) in organisations(user, OWNER)


def verbs(user: Any, grant: Grant, possible: list[str]) -> list[str]:
    """Which of the possible decisions are this account's."""
    decides, ends = may_decide(user, grant), may_end(user, grant)
    allowed = {
        "approve": decides,
        "narrow": decides,
        "refuse": decides,
        "withdraw": develops(user, grant.asker) and grant.asked_by is not None,
        "end": ends,
    }
    return [verb for verb in possible if allowed[verb]]
