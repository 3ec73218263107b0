"""Work by the clock: what ``registry.every`` names, done by one worker at a time, seen in the console."""

import logging
from datetime import datetime, timedelta

from kartini.exchange import registry
from kartini.exchange.models import PeriodicRun
from kartini.kit import logs

logger = logging.getLogger(__name__)


def tick(at: datetime) -> int:
    """Do what is due; how many pieces of work that were."""
    begun = dict(PeriodicRun.objects.values_list("id", "begun_at"))
    done = 0
    for work in registry.periodic.values():
        last = begun.get(work.id)
        # a clock that ran ahead and was set back must not stop the work until then
        is_due = last is None or abs(at - last) >= timedelta(seconds=work.seconds)
        if is_due and _claim(work.id, last, at):
            _do(work)
            done += 1
    return done


def _claim(id_: str, last: datetime | None, at: datetime) -> bool:
    """Of two workers only one finds the row as it was."""
    if last is None:
        return PeriodicRun.objects.get_or_create(id=id_, defaults={"begun_at": at})[1]
    return PeriodicRun.objects.filter(id=id_, begun_at=last).update(begun_at=at) == 1


def _do(work: registry.Periodic) -> None:
    fault = ""
    try:
        with logs.request():
            work.work()
    except Exception as error:
        logger.exception("%s failed", work.id)
        fault = logs.blotted(f"{type(error).__name__}: {error}")[:500]
    PeriodicRun.objects.filter(id=work.id).exclude(fault=fault).update(fault=fault)
