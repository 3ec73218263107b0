"""What was decided before Kartini: taken in by the thousand, so that the register begins full.

Such an application has no account, no papers and no clock: only what the old books say.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from django.db import transaction

from kartini.kit.ids import new_id
from kartini.systems.joss.engine.numbers import application_number
from kartini.systems.joss.models import Application, HistoryLine, Permit, PermitType, State, Word
from kartini.systems.joss.services import series

BATCH = 2000


@dataclass(frozen=True)
class Past:
    """One line of the old books. ``permit_number`` is empty for a refusal."""

    type: PermitType
    name: str
    village_code: str
    submitted_at: datetime
    closed_at: datetime
    due_on: date
    working_days: int
    permit_number: str = ""
    valid_until: date | None = None


def take_in(past: Iterable[Past]) -> Iterator[int]:
    """Write them batch by batch, each in one transaction; yields how many stand so far.

    The lines come in the order of their year: numbers are set aside for a batch at once.
    """
    lines, done = iter(past), 0
    while batch := list(islice(lines, BATCH)):
        with transaction.atomic():
            _write(batch)
        done += len(batch)
        yield done


def _write(batch: list[Past]) -> None:
    counted: dict[int, int] = {}
    for line in batch:
        counted[line.submitted_at.year] = counted.get(line.submitted_at.year, 0) + 1
    following = {
        year: series.next_of(f"application:{year}", by=number) for year, number in counted.items()
    }
    permits, applications, history, words = [], [], [], []
    for line in batch:
        year = line.submitted_at.year
        number = application_number(year, following[year])
        following[year] += 1
        permit = _permit(line) if line.permit_number else None
        application = _application(line, number, permit)
        permits += [permit] if permit else []
        applications.append(application)
        history += _history(application)
        found = sorted(set(Word.split(f"{number[-6:]} {line.name}")))
        words += [Word(application=application, word=word) for word in found]
    Permit.objects.bulk_create(permits)
    Application.objects.bulk_create(applications)
    HistoryLine.objects.bulk_create(history)
    Word.objects.bulk_create(words)


def _permit(line: Past) -> Permit:
    return Permit(
        id=new_id(),
        number=line.permit_number,
        type=line.type,
        holder_name=line.name,
        village_code=line.village_code,
        issued_at=line.closed_at,
        state_at=line.closed_at,
        valid_until=line.valid_until,
    )


def _application(line: Past, number: str, permit: Permit | None) -> Application:
    return Application(
        id=new_id(),
        number=number,
        type=line.type,
        applicant_name=line.name,
        village_code=line.village_code,
        district_code=line.village_code[:8],
        state=State.ISSUED if permit else State.REFUSED,
        holder="",
        started_at=line.submitted_at,
        saved_at=line.submitted_at,
        submitted_at=line.submitted_at,
        complete_at=line.submitted_at,
        closed_at=line.closed_at,
        due_on=line.due_on,
        working_days=line.working_days,
        permit=permit,
        imported=True,
    )


def _history(application: Application) -> list[HistoryLine]:
    if application.submitted_at is None or application.closed_at is None:
        return []
    verb = "issue" if application.state == State.ISSUED else "refuse"
    return [
        HistoryLine(
            application=application,
            at=application.submitted_at,
            verb="submit",
            state=State.SUBMITTED,
            holder="dpmptsp",
        ),
        HistoryLine(
            application=application, at=application.closed_at, verb=verb, state=application.state
        ),
    ]
