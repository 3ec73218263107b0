"""Returned files that wait at the applicant: he is reminded, and where the type says so the file lapses."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from kartini.systems.joss.engine.definition import Waiting
from kartini.systems.joss.models import Application, FaultList, State
from kartini.systems.joss.services import days
from kartini.systems.joss.services.moves import lock, move, tell


def look_after(*, at: datetime) -> tuple[int, int]:
    """Remind and let lapse whatever is due; says how many of each. Bears a second run."""
    reminded = lapsed = 0
    for faults in _open_lists():
        lapsed += lapse(application=faults.application, at=at)
        reminded += remind(application=faults.application, at=at)
    return reminded, lapsed


@transaction.atomic
def remind(*, application: Application, at: datetime) -> bool:
    """Say once more what waits, when the type's days since the last word have passed."""
    current = lock(application.pk)
    faults = current.fault_lists.filter(mended_at=None).first()
    if current.state != State.RETURNED or faults is None:
        return False
    last = faults.reminded_at or faults.returned_at
    if _working_days(last, at) < _rule(current).remind_days:
        return False
    faults.reminded_at = at
    faults.save(update_fields=["reminded_at"])
    returned_on = timezone.localdate(faults.returned_at)
    tell(current, "reminder", at, returned_on=returned_on, lapses_on=lapses_on(faults))
    return True


@transaction.atomic
def lapse(*, application: Application, at: datetime) -> bool:
    """Close what was not mended in the time that its type leaves; only what waits can lapse."""
    current = lock(application.pk)
    faults = current.fault_lists.filter(mended_at=None).first()
    last_day = lapses_on(faults) if faults else None
    if current.state != State.RETURNED or last_day is None or timezone.localdate(at) <= last_day:
        return False
    move(current, verb="lapse", to=State.LAPSED, by=None, at=at)
    tell(current, "lapsed", at, last_day=last_day)
    return True


def lapses_on(faults: FaultList) -> date | None:
    """The last day on which the file can be mended; ``None`` when it waits without end."""
    allowed = _rule(faults.application).lapse_days
    return days.add(timezone.localdate(faults.returned_at), allowed) if allowed else None


def _open_lists() -> list[FaultList]:
    waiting = FaultList.objects.filter(mended_at=None, application__state=State.RETURNED)
    return list(waiting.select_related("application__type").order_by("returned_at"))


def _rule(application: Application) -> Waiting:
    return application.type.rules().waiting


def _working_days(since: datetime, at: datetime) -> int:
    return days.between(timezone.localdate(since), timezone.localdate(at))
