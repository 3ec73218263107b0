"""Between the sign-up form and the confirmed phone or e-mail, the NIK waits sealed in the session.

Only when the address is proven does the account get its person: an unfinished sign-up holds nobody's NIK.
"""

import json
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest

from kartini.contracts.dukcapil import Resident
from kartini.people import identity, sealing
from kartini.people.identity import Checked, Outcome
from kartini.people.models import Claim, User

KEPT = "people_signup"


def keep(request: HttpRequest, *, user: User, nik: str, birth_on: date, checked: Checked) -> None:
    """Keep what the form said and Dukcapil answered until the address is proven."""
    facts = {
        "nik": nik,
        "birth_on": birth_on.isoformat(),
        "outcome": checked.outcome,
        "resident": checked.resident.model_dump(mode="json") if checked.resident else None,
    }
    request.session[KEPT] = sealing.seal(json.dumps(facts), context=f"signup:{user.pk}").hex()


def finish(request: HttpRequest, user: User, at: datetime) -> Claim | None:
    """The address is proven: connect the account with its person (or open a case for the counter)."""
    sealed = request.session.pop(KEPT, "")
    if not sealed or user.person_id is not None:
        return None
    try:
        text = sealing.unseal(bytes.fromhex(sealed), context=f"signup:{user.pk}")
    except sealing.SealBroken:
        return None
    return _take(user, json.loads(text), at)


def _take(user: User, facts: dict[str, Any], at: datetime) -> Claim | None:
    resident = Resident.model_validate(facts["resident"]) if facts["resident"] else None
    return identity.take(
        user=user,
        nik=facts["nik"],
        birth_on=date.fromisoformat(facts["birth_on"]),
        checked=Checked(Outcome(facts["outcome"]), resident),
        at=at,
    )
