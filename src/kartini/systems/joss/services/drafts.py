"""Drafts: begun, continued on any device, submitted once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from kartini.office.models import Paper
from kartini.people.models import User
from kartini.places import names
from kartini.systems.joss.engine import plan
from kartini.systems.joss.engine.definition import Definition
from kartini.systems.joss.engine.judge import Gap, gaps
from kartini.systems.joss.engine.numbers import application_number
from kartini.systems.joss.models import Application, AttachedPaper, State, Word
from kartini.systems.joss.services import pins, series, types
from kartini.systems.joss.services.identity import Identity
from kartini.systems.joss.services.moves import lock, move, tell

KEPT = timedelta(days=30)


class NotYours(Exception):
    """Only the applicant writes in an application."""


class AlreadySubmitted(Exception):
    """A submitted application is no longer a draft."""


class NoSuchPaper(Exception):
    """The type asks for no paper of this code, or the paper belongs to somebody else."""


class Incomplete(Exception):
    """Something is still missing or wrong: ``gaps`` names all of it."""

    def __init__(self, found: list[Gap]) -> None:
        super().__init__(f"{len(found)} gaps")
        self.gaps = found


@dataclass(frozen=True)
class Receipt:
    """``pin`` is given only once, to whoever submitted; ``None`` when it had been submitted before."""

    application: Application
    pin: str | None


@transaction.atomic
def start_draft(
    *, definition: Definition, identity: Identity, by: User, at: datetime
) -> Application:
    """Begin an application, or go on with the one that was begun: one draft per person and type."""
    User.objects.select_for_update().get(pk=by.pk)  # two starts at once become one draft
    draft = Application.objects.filter(
        applicant=by, state=State.DRAFT, type__code=definition.code
    ).first()
    if draft is None:
        draft = Application(
            applicant=by,
            person=by.person,
            started_at=at,
            phone=by.phone,
            email=by.email,
            holder=plan.APPLICANT,
        )
    draft.type = types.pin(definition, at=at)
    _learn(draft, identity)
    draft.saved_at = at
    draft.save()
    return draft


@transaction.atomic
def save_identity(
    *, application: Application, identity: Identity, phone: str, email: str, by: User, at: datetime
) -> Application:
    """Keep who applies and where to reach them."""
    draft = _own(application, by)
    _learn(draft, identity)
    draft.phone, draft.email = phone, email
    return _saved(draft, at)


@transaction.atomic
def save_step(
    *, application: Application, answers: dict[str, Any], by: User, at: datetime
) -> Application:
    """Keep the answers of a page, right or wrong: nothing that was typed is lost. Judged at submission."""
    draft = _own(application, by)
    known = draft.type.rules().fields
    draft.answers = draft.answers | {k: v for k, v in answers.items() if k in known}
    return _saved(draft, at)


@transaction.atomic
def attach_paper(
    *, application: Application, code: str, paper: Paper, by: User, at: datetime
) -> AttachedPaper:
    """Put a paper into the application; an older one of the same kind stays as a former version."""
    current = _own(application, by, states=(State.DRAFT, State.RETURNED))
    if paper.owner_id != by.pk or current.type.rules().paper(code) is None:
        raise NoSuchPaper(code)
    former = current.papers.filter(code=code, replaced_at=None).first()
    if former and former.paper_id == paper.pk:
        return former
    if former:
        former.replaced_at = at
        former.save(update_fields=["replaced_at"])
    _saved(current, at)
    return AttachedPaper.objects.create(
        application=current,
        code=code,
        paper=paper,
        version=former.version + 1 if former else 1,
        attached_at=at,
    )


@transaction.atomic
def detach_paper(*, application: Application, code: str, by: User, at: datetime) -> None:
    """Take a paper out of a draft; it stays in the person's vault."""
    draft = _own(application, by)
    if draft.type.rules().paper(code) is None:
        raise NoSuchPaper(code)
    draft.papers.filter(code=code).delete()
    _saved(draft, at)


@transaction.atomic
def discard(*, application: Application, by: User) -> None:
    """Throw a draft away."""
    _own(application, by).delete()


def gaps_of(application: Application, *, at: datetime) -> list[Gap]:
    """What is still missing or wrong before it can be submitted."""
    codes = application.papers.filter(replaced_at=None).values_list("code", flat=True)
    today = timezone.localdate(at)
    return gaps(application.type.rules(), application.answers, codes, today=today)


@transaction.atomic
def submit(*, application: Application, pin: str, by: User, at: datetime) -> Receipt:
    """Hand the application in: it gets its number, and the applicant a PIN. Sent twice, it is handed in once.

    Raises ``Incomplete`` with everything that is missing.
    """
    draft = lock(application.pk)
    if draft.applicant_id != by.pk:
        raise NotYours(draft.pk)
    if draft.state != State.DRAFT:
        return Receipt(draft, None)
    draft.type = types.pin(types.offer(draft.type.code), at=at)
    found = gaps_of(draft, at=at)
    if found:
        raise Incomplete(found)
    _number(draft, pin, at)
    move(draft, verb="submit", to=State.SUBMITTED, by=by, at=at)
    tell(draft, "submitted", at, pin=pin)
    return Receipt(draft, pin)


@transaction.atomic
def new_pin(*, application: Application, pin: str, by: User, at: datetime) -> str:
    """A new PIN instead of a lost one; like the first it stands in a message to the applicant."""
    current = lock(application.pk)
    if current.applicant_id != by.pk or not current.number:
        raise NotYours(current.pk)
    current.pin_hash = pins.hashed(current.number, pin)
    current.save(update_fields=["pin_hash"])
    tell(current, "new-pin", at, pin=pin)
    return pin


def forget_old(*, at: datetime) -> int:
    """Throw away drafts that nobody touched for 30 days; the papers stay in their owners' vaults."""
    old = Application.objects.filter(state=State.DRAFT, saved_at__lt=at - KEPT)
    return old.delete()[0]


def index_words(application: Application) -> None:
    """Make it findable by serial number, name and village."""
    place = names.label(application.village_code) if application.village_code else ""
    words = set(Word.split(f"{str(application.number)[-6:]} {application.applicant_name} {place}"))
    Word.objects.filter(application=application).exclude(word__in=words).delete()
    Word.objects.bulk_create(
        [Word(application=application, word=word) for word in sorted(words)], ignore_conflicts=True
    )


def _number(draft: Application, pin: str, at: datetime) -> None:
    year = timezone.localdate(at).year
    definition = draft.type.rules()
    draft.number = application_number(year, series.next_of(f"application:{year}"))
    draft.pin_hash = pins.hashed(draft.number, pin)
    draft.submitted_at = at
    draft.answers = plan.relevant(definition, draft.answers)
    place = draft.answers.get(definition.village or "") or draft.identity.get("village_code") or ""
    draft.village_code, draft.district_code = place, place[:8]
    index_words(draft)


def _own(
    application: Application, by: User, states: tuple[str, ...] = (State.DRAFT,)
) -> Application:
    current = lock(application.pk)
    if current.applicant_id != by.pk:
        raise NotYours(current.pk)
    if current.state not in states:
        raise AlreadySubmitted(current.number)
    return current


def _learn(draft: Application, identity: Identity) -> None:
    draft.identity = identity.facts()
    draft.identity_source = identity.source
    draft.identity_verified_at = identity.verified_at
    draft.applicant_name = identity.name or draft.applicant_name


def _saved(draft: Application, at: datetime) -> Application:
    draft.saved_at = at
    draft.revision += 1
    draft.save()
    return draft
