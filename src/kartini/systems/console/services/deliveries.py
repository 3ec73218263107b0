"""Dead letters: sent again by hand."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from kartini.exchange import outbox
from kartini.people import trail
from kartini.people.models import User


@transaction.atomic
def replay(*, deliveries: Sequence[int], by: User, at: datetime) -> int:
    """Send dead letters on their way again; how many were still dead."""
    sent = outbox.replay(deliveries, at=at)
    if sent:
        trail.did(by=by, verb="console.replay", thing="console.deliveries:", at=at, note=str(sent))
    return sent
