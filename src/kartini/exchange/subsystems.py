"""Systems of members: entered, changed, suspended, let in again."""

from datetime import datetime

from django.db import transaction

from kartini.exchange import grants
from kartini.exchange.models import Subsystem


class CodeTaken(Exception):
    """Another system has this code."""


@transaction.atomic
def enter(
    *, code: str, member: str, member_class: str, title: str, contact: str, at: datetime
) -> Subsystem:
    """A system outside this house. Entered twice with the same member, it is one. Raises ``CodeTaken``."""
    found, new = Subsystem.objects.get_or_create(
        code=code,
        defaults={
            "member": member,
            "member_class": member_class,
            "title": title,
            "contact": contact,
            "built_in": False,
            "made_at": at,
        },
    )
    if not new and (found.member != member or found.built_in):
        raise CodeTaken(code)
    transaction.on_commit(grants.forget)
    return found


@transaction.atomic
def change(*, subsystem: Subsystem, title: str, contact: str) -> Subsystem:
    """Its title and whom to call; its code and member stay what they are."""
    subsystem.title, subsystem.contact = title, contact
    subsystem.save(update_fields=["title", "contact"])
    transaction.on_commit(grants.forget)
    return subsystem


@transaction.atomic
def suspend(*, subsystem: Subsystem, reason: str, at: datetime) -> Subsystem:
    """From the next second on it proves nothing, asks nothing and hears nothing. Its grants stay as they are."""
    return _set(subsystem, at, reason)


@transaction.atomic
def resume(*, subsystem: Subsystem) -> Subsystem:
    """Let it in again."""
    return _set(subsystem, None, "")


def _set(subsystem: Subsystem, at: datetime | None, reason: str) -> Subsystem:
    subsystem.suspended_at, subsystem.suspended_reason = at, reason
    subsystem.save(update_fields=["suspended_at", "suspended_reason"])
    grants.forget()
    transaction.on_commit(grants.forget)
    return subsystem
