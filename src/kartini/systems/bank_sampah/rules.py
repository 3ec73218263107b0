"""Who may do what at a waste bank, and how a withdrawal goes."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kartini.kit.flow import Flow
from kartini.people import roles
from kartini.systems.bank_sampah.models import Depositor, Unit, Withdrawal

# a manager is a neighbour with an old phone: the device PIN, four eyes and the books stand in for a second factor
MANAGER = roles.define(
    "bank-sampah.manager", _("Manager of a waste bank unit"), needs_two_factors=False
)
PARENT = roles.define("bank-sampah.parent", _("Officer of the parent waste bank"))
DLH = roles.define("bank-sampah.dlh", _("Environment agency, reads all waste banks"))
VILLAGE = roles.define("bank-sampah.village", _("Village head, reads the village's waste bank"))

_S = Withdrawal.State
WITHDRAWAL = Flow(
    ("approve", [_S.ASKED], _S.APPROVED),
    ("pay", [_S.APPROVED], _S.PAID),
    ("refuse", [_S.ASKED, _S.APPROVED], _S.REFUSED),
    ("void", [_S.ASKED, _S.APPROVED], _S.VOIDED),
)

# what a clerk may set, so that a slip of the hand does not stop every counter: least and most of each limit
LIMITS = {
    "max_line_grams": (1_000, 5_000_000),
    "least_withdrawal_rupiah": (1, 10_000_000),
    "four_eyes_rupiah": (0, 100_000_000),
    "stale_days": (1, 365),
    "price_grace_days": (0, 90),
    "price_far_percent": (1, 500),
    "asleep_days": (1, 365),
    "small_cell": (1, 100),
}


def units_of(user: Any) -> QuerySet[Unit]:
    """The units that this account works for: its own, and a parent officer's with all units below."""
    held = roles.roles_of(user)
    manages = [r.organisation_id for r in held if r.kind == MANAGER.code]
    parents = [r.organisation_id for r in held if r.kind == PARENT.code]
    return Unit.objects.filter(
        Q(organisation_id__in=manages)
        | Q(organisation_id__in=parents)
        | Q(parent__organisation_id__in=parents)
    )


def works_at(user: Any, unit: Unit) -> bool:
    """May this account weigh in, pay and count at this unit?"""
    return roles.holds(user, MANAGER.code, organisation=unit.code) or guides(user, unit)


def guides(user: Any, unit: Unit) -> bool:
    """Is this an officer of the parent bank of this unit (or of this parent bank itself)?"""
    parent = unit.parent or unit
    return roles.holds(user, PARENT.code, organisation=parent.code)


def reads_all(user: Any) -> bool:
    """May this account read the month of all units?"""
    return roles.holds(user, DLH.code, PARENT.code)


def villages_of(user: Any) -> list[str]:
    """The villages for whose head this account reads."""
    return [r.place_code for r in roles.roles_of(user) if r.kind == VILLAGE.code and r.place_code]


def owns(user: Any, depositor: Depositor) -> bool:
    """Is this the depositor's own account (or that of the group's holder)?"""
    if not getattr(user, "is_authenticated", False):
        return False
    return depositor.holder_id == user.pk or (
        user.person_id is not None and depositor.person_id == user.person_id
    )
