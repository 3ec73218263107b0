"""The register of breaches: what happened, who was told when, and the 3×24 hours that the law gives."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from kartini.office import notices
from kartini.people import trail
from kartini.people.models import User
from kartini.people.rules import DATA_OFFICER
from kartini.systems.console import rules
from kartini.systems.console.models import Breach, BreachTold


class NotTold(Exception):
    """The persons concerned and the authority were not both told; names who was not."""


class Closed(Exception):
    """The breach is closed."""


@transaction.atomic
def enter(*, by: User, at: datetime, **facts: Any) -> Breach:
    """A breach that became known. The officers for personal data are told at once."""
    breach = Breach.objects.create(entered_by=by, entered_at=at, **facts)
    _note(breach, "console.breach-entered", by, at)
    officers = rules.officers_everywhere(DATA_OFFICER)
    link = reverse("console:breach", args=[breach.pk])
    for user in officers:
        words = {"title": breach.title, "due": breach.due_at}
        notices.tell(to=user, template="console/breach", words=words, at=at, link=link)
    return breach


@transaction.atomic
def tell(
    *, breach: Breach, whom: str, how: str, told_at: datetime, by: User, at: datetime
) -> BreachTold:
    """Write down who was told. Raises ``Closed``."""
    held = Breach.objects.select_for_update(of=("self",)).get(pk=breach.pk)
    if held.closed_at:
        raise Closed
    line = BreachTold.objects.create(
        breach=held, whom=whom, how=how, told_at=told_at, entered_at=at, entered_by=by
    )
    _note(held, "console.breach-told", by, at, f"{whom}: {how}")
    return line


@transaction.atomic
def close(*, breach: Breach, by: User, at: datetime) -> Breach:
    """Everything was done. Raises ``NotTold``; closed twice, it is closed once."""
    held = Breach.objects.select_for_update(of=("self",)).get(pk=breach.pk)
    if held.closed_at:
        return held
    told = {*held.told.values_list("whom", flat=True)}
    for whom in (BreachTold.Whom.SUBJECTS, BreachTold.Whom.AUTHORITY):
        if whom not in told:
            raise NotTold(whom)
    held.closed_at = at
    held.save(update_fields=["closed_at"])
    _note(held, "console.breach-closed", by, at)
    return held


def _note(breach: Breach, verb: str, by: User, at: datetime, note: str = "") -> None:
    trail.did(by=by, verb=verb, thing=f"console.breach:{breach.pk}", at=at, note=note[:500])
