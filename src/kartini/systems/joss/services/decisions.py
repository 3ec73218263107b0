"""The decision: one, by whoever takes it first; signed outside the transaction, then ticked in one."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from kartini.contracts.joss import PermitIssued
from kartini.exchange import bus
from kartini.office import documents
from kartini.office.models import Document
from kartini.people.models import Organisation, User
from kartini.systems.joss import rules
from kartini.systems.joss.engine.numbers import permit_number
from kartini.systems.joss.models import Application, Decision, Permit, State
from kartini.systems.joss.services import certificate, series
from kartini.systems.joss.services.moves import LEASE, ChangedMeanwhile, lock, move, tell


class AlreadyDecided(Exception):
    """Somebody decided before, or is signing at this moment. ``decision`` says who and what."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.outcome)
        self.decision = decision


class ReasonMissing(Exception):
    """A refusal says why."""


def issue(
    *,
    application: Application,
    by: User,
    at: datetime,
    consent: documents.Consent | None = None,
    revision: int | None = None,
) -> Permit:
    """Sign the permit. The same officer may press twice; another one gets ``AlreadyDecided``.

    Call it outside a transaction. Raises ``documents.SigningRefused``; then nothing was decided.
    """
    decision = _claim(application, Decision.Outcome.ISSUED, "", by, at, revision)
    current = decision.application
    number, today = str(decision.permit_number), timezone.localdate(decision.began_at)
    until = certificate.valid_until(current, today)
    definition = current.type.rules()
    document = _sign(
        decision,
        at,
        consent,
        kind=f"joss.{definition.code}",
        number=number,
        title=definition.certificate.title.id,
        template=certificate.template(definition.certificate.template),
        data=certificate.permit(current, number, today),
        thing=_thing(decision),
        valid_until=until,
        shown={"Layanan": definition.title.id, "Penerbit": _short(definition.owner.agency)},
    )
    return _finish_issue(decision, document, at)


def refuse(
    *,
    application: Application,
    words: str,
    by: User,
    at: datetime,
    consent: documents.Consent | None = None,
    revision: int | None = None,
) -> Decision:
    """Refuse with reasons; the signed letter says how to object. Otherwise as ``issue``."""
    if not words.strip():
        raise ReasonMissing
    decision = _claim(application, Decision.Outcome.REFUSED, words.strip(), by, at, revision)
    current = decision.application
    document = _sign(
        decision,
        at,
        consent,
        kind="joss.refusal",
        number=f"{current.number}/TOLAK",
        title=f"Surat Penolakan {current.type.title_id}",
        template=certificate.template("refusal.typ"),
        data=certificate.refusal(current, decision.words),
        thing=_thing(decision),
    )
    return _finish_refusal(decision, document, at)


@transaction.atomic
def _claim(
    application: Application, outcome: str, words: str, by: User, at: datetime, revision: int | None
) -> Decision:
    """Be the one who decides. Raises ``AlreadyDecided``, ``NotAllowed``, ``MoveRefused``."""
    current = lock(application.pk)
    known = Decision.objects.select_related("by").filter(application=current).first()
    if known and known.by_id == by.pk and known.outcome == outcome:
        return _renewed(known, current, words, at)
    if known and not _abandoned(known, outcome, at):
        raise AlreadyDecided(known)
    if revision is not None and current.revision != revision:
        raise ChangedMeanwhile(current.number)
    issued, today = outcome == Decision.Outcome.ISSUED, timezone.localdate(at)
    verb = "issue" if issued else "refuse"
    rules.FLOW.step(verb, current.state)
    rules.ensure(by, verb, current, on=today)
    begun = {
        "outcome": outcome,
        "by": by,
        "words": words,
        **_signer(by, current.holder, today),
        "began_at": at,
        "permit_number": _number(known, current, at) if issued else None,
    }
    decision, _new = Decision.objects.update_or_create(application=current, defaults=begun)
    decision.application = current
    return decision


def _renewed(decision: Decision, current: Application, words: str, at: datetime) -> Decision:
    """The same officer tries again: go on with what was begun."""
    if decision.done_at is None:
        decision.began_at = at
        decision.words = words or decision.words
        decision.save(update_fields=["began_at", "words"])
    decision.application = current
    return decision


def _abandoned(decision: Decision, outcome: str, at: datetime) -> bool:
    """Was a decision begun and left? What is signed already can only be finished as it was."""
    if decision.done_at is not None or decision.began_at > at - LEASE:
        return False
    signed = Document.objects.filter(thing=_thing(decision)).exists()
    return not signed or decision.outcome == outcome


def _sign(
    decision: Decision, at: datetime, consent: documents.Consent | None, **what: Any
) -> Document:
    current = decision.application
    try:
        return documents.issue(
            holder_name=current.applicant_name,
            holder=current.applicant,
            signed_by=decision.signer_name,
            signer_title=decision.signer_title,
            at=at,
            consent=consent,
            **what,
        )
    except documents.SigningRefused:
        Decision.objects.filter(pk=decision.pk, done_at=None).update(began_at=at - LEASE)
        raise


@transaction.atomic
def _finish_issue(decision: Decision, document: Document, at: datetime) -> Permit:
    current = lock(decision.application_id)
    fresh = Decision.objects.get(pk=decision.pk)
    if fresh.done_at is not None and current.permit:
        return current.permit
    permit = Permit.objects.create(
        number=str(fresh.permit_number),
        type=current.type,
        person=current.person,
        holder_name=current.applicant_name,
        village_code=current.village_code,
        state_at=at,
        issued_at=at,
        valid_until=document.valid_until,
        document=document,
    )
    current.permit = permit
    move(current, verb="issue", to=State.ISSUED, by=fresh.by, at=at)
    fresh.done_at = at
    fresh.save(update_fields=["done_at"])
    bus.publish(_fact(current, permit))
    tell(current, "issued", at, permit_number=permit.number, valid_until=permit.valid_until)
    return permit


@transaction.atomic
def _finish_refusal(decision: Decision, document: Document, at: datetime) -> Decision:
    current = lock(decision.application_id)
    fresh = Decision.objects.get(pk=decision.pk)
    if fresh.done_at is not None:
        return fresh
    fresh.done_at, fresh.letter = at, document
    fresh.save(update_fields=["done_at", "letter"])
    move(current, verb="refuse", to=State.REFUSED, by=fresh.by, at=at, words=fresh.words)
    tell(current, "refused", at, words=fresh.words)
    return fresh


def _fact(current: Application, permit: Permit) -> PermitIssued:
    definition = current.type.rules()
    return PermitIssued(
        application=str(current.number),
        permit_number=permit.number,
        permit_type=definition.code,
        title=definition.title.id,
        agency=definition.owner.agency,
        village_code=current.village_code,
        working_days=current.working_days or 0,
        promised_days=definition.promise.working_days,
        valid_until=permit.valid_until,
        issued_at=permit.issued_at,
    )


def _signer(by: User, agency: str, on: date) -> dict[str, str]:
    """Who signs, and as what."""
    role = rules.signing_role(by, agency, on=on)
    return {"signer_name": str(by), "signer_title": _title(role, agency)}


def _number(known: Decision | None, current: Application, at: datetime) -> str:
    """The number that was taken when this was begun before, else the next."""
    if known and known.permit_number:
        return known.permit_number
    today = timezone.localdate(at)
    serial = series.next_of(f"{current.type.code}:{today.year}")
    return permit_number(current.type.rules().certificate.number, serial, today)


def _thing(decision: Decision) -> str:
    what = "permit" if decision.outcome == Decision.Outcome.ISSUED else "refusal"
    return f"joss.{what}:{decision.application.number}"


def _title(role: Any, agency: str) -> str:
    """``Plt. Kepala DPMPTSP``: the post, and how it is held."""
    post = (role.title if role else "") or f"Kepala {_short(agency)}"
    acting = {"plt": "Plt. ", "plh": "Plh. "}.get(role.acting if role else "", "")
    return f"{acting}{post}"


def _short(agency: str) -> str:
    found = Organisation.objects.filter(pk=agency).first()
    return str(found) if found else agency
