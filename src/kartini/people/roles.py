"""The kinds of role there are. Each system defines its own in ``rules.py``; the administration page lists them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from kartini.people.models import KIND_TITLES, Role


@dataclass(frozen=True)
class RoleKind:
    """``code`` is ``<system>.<role>``; ``needs_two_factors`` is enforced outside the demo."""

    code: str
    title: Any
    needs_two_factors: bool = True


kinds: dict[str, RoleKind] = {}


def define(code: str, title: Any, *, needs_two_factors: bool = True) -> RoleKind:
    kinds[code] = RoleKind(code, title, needs_two_factors)
    KIND_TITLES[code] = title
    return kinds[code]


def title_of(code: str) -> Any:
    """What people call this kind of role; the code itself where its system is not installed."""
    return kinds[code].title if code in kinds else code


def roles_of(user: Any, *, on: date | None = None) -> list[Role]:
    """The roles that this account holds on a day (today). Read once per request and day."""
    if not getattr(user, "is_authenticated", False):
        return []
    day = on or timezone.localdate()
    cache: list[Role] | None = getattr(user, "_kartini_roles", None)
    if cache is None:
        cache = list(Role.objects.filter(user=user).select_related("organisation"))
        user._kartini_roles = cache  # noqa: SLF001
    return [role for role in cache if role.holds_on(day)]


def forget(user: Any) -> None:
    """Read the roles anew next time: they were changed."""
    user.__dict__.pop("_kartini_roles", None)


def holds(
    user: Any,
    *codes: str,
    organisation: str | None = None,
    place: str | None = None,
    on: date | None = None,
) -> bool:
    """Does this account hold one of these roles, at this organisation, for this place? Deny by default."""
    return any(
        role.kind in codes
        and (organisation is None or role.organisation_id == organisation)
        and (place is None or _covers(role.place_code, place))
        for role in roles_of(user, on=on)
    )


def _covers(granted: str, place: str) -> bool:
    return not granted or place == granted or place.startswith(granted + ".")
