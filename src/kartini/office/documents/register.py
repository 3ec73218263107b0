"""The verbs of the register: issue, render, suspend, resume, revoke."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from kartini.kit.flow import Flow, MoveRefused
from kartini.kit.formats import long_date
from kartini.office import sealing
from kartini.office.documents.codes import code_of, masked
from kartini.office.models import Document
from kartini.office.signing import Consent, Signatory, signer
from kartini.office.signing.authority import MARK
from kartini.office.typesetting import HERE, qr_svg, typeset, typeset_with_spot
from kartini.people import trail
from kartini.people.models import User
from kartini.people.roles import roles_of

STATES = Flow(
    ("suspend", ["valid"], "suspended"),
    ("resume", ["suspended"], "valid"),
    ("revoke", ["valid", "suspended"], "revoked"),
)


class StateRefused(Exception):
    """The document is not in a state from which this can be done."""


def url_of(code: str) -> str:
    """The public address of a document, as its QR code has it."""
    return f"{settings.BASE_URL}{reverse('office:check', args=[code])}"


def render(
    *,
    template: Path,
    data: Mapping[str, Any],
    title: str,
    at: datetime,
    qr: str = "",
    qr_words: str = "Pindai atau buka:",
) -> bytes:
    """An unsigned letter as PDF/A-2b. ``qr`` is an address that its foot shows as QR code."""
    document = {**_document(title, at), **_qr(qr, qr_words)}
    return typeset(template, {**data, "document": document}, at=at)


def issue(
    *,
    kind: str,
    number: str,
    title: str,
    template: Path,
    data: Mapping[str, Any],
    holder_name: str,
    signed_by: str,
    signer_title: str,
    at: datetime,
    thing: str,
    valid_until: date | None = None,
    holder: User | None = None,
    shown: Mapping[str, str] | None = None,
    consent: Consent | None = None,
) -> Document:
    """Typeset, sign, keep and register a document; the same ``thing`` gives the same document again.

    Call it outside a transaction: typesetting and signing take time, and the signer may be another machine.
    ``holder`` may download it; ``shown`` are further lines for the public page. Raises ``SigningRefused``.
    """
    known = Document.objects.filter(thing=thing).first()
    if known:
        return known
    code = code_of(thing)
    words = {
        **_document(title, at),
        **_qr(url_of(code), "Keaslian dokumen ini dapat diperiksa di:"),
        "code": code,
        "number": number,
        "signed_by": signed_by,
        "signer_title": signer_title,
        "valid_until": _day_words(valid_until) if valid_until else "",
    }
    signed, certified = _signed(template, {**data, "document": words}, at, consent)
    return _register(
        signed,
        code=code,
        kind=kind,
        number=number,
        title=title,
        thing=thing,
        holder=holder,
        holder_masked=masked(holder_name),
        shown=dict(shown or {}),
        signed_by=signed_by,
        signer_title=signer_title,
        certified=certified,
        issued_at=at,
        state_at=at,
        valid_until=valid_until,
    )


def _signed(
    template: Path, data: dict[str, Any], at: datetime, consent: Consent | None
) -> tuple[bytes, bool]:
    """The signed bytes, and whether their signature is a certified one.

    On one day the same words give the same bytes, so that a signature asked for twice is one.
    """
    house, words = signer(), data["document"]
    day = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    pdf, spot = typeset_with_spot(template, data, at=day)
    signed = house.sign(
        pdf,
        signatory=Signatory(words["signed_by"], words["signer_title"]),
        spot=spot,
        picture=_stamp(words, certified=house.certified, at=at) if spot else b"",
        link=words["qr"],
        consent=consent,
    )
    return signed, house.certified


def _register(signed: bytes, **facts: Any) -> Document:
    """Write file and row; if somebody else was faster with the same thing, theirs stands."""
    file = sealing.keep(signed, "documents")
    digest = hashlib.sha256(signed).hexdigest()
    try:
        with transaction.atomic():
            return Document.objects.create(file=file, sha256=digest, size=len(signed), **facts)
    except IntegrityError:
        sealing.drop(file)
        if theirs := Document.objects.filter(thing=facts["thing"]).first():
            return theirs
        raise


def _stamp(document: Mapping[str, Any], *, certified: bool, at: datetime) -> bytes:
    words = _day_words(timezone.localdate(at))
    data = {
        **document,
        "certified": certified,
        "mark": f"Otoritas uji setempat, {MARK}",
        "day_words": words,
    }
    return typeset(HERE / "stamp.typ", data, at=at, archival=False)


def _document(title: str, at: datetime) -> dict[str, Any]:
    day = timezone.localdate(at)
    return {
        "title": title,
        "number": "",
        "regency": settings.REGENCY_NAME,
        "place": settings.REGENCY_SHORT,
        "day": {"year": day.year, "month": day.month, "day": day.day},
        "day_words": _day_words(day),
    }


def _qr(address: str, words: str) -> dict[str, str]:
    if not address:
        return {}
    return {"qr": address, "qr_svg": qr_svg(address), "qr_words": words}


def _day_words(day: date) -> str:
    return long_date(day, language="id")


def content(document: Document) -> bytes:
    """The signed bytes."""
    return sealing.fetch(document.file)


def suspend(*, document: Document, reason: str, by: User, at: datetime) -> Document:
    """Take a document out of force for a time. Raises ``StateRefused``."""
    return _move("suspend", document, reason, by, at)


def resume(*, document: Document, reason: str, by: User, at: datetime) -> Document:
    """Put a suspended document back in force. Raises ``StateRefused``."""
    return _move("resume", document, reason, by, at)


def revoke(*, document: Document, reason: str, by: User, at: datetime) -> Document:
    """Take a document out of force for good. Raises ``StateRefused``."""
    return _move("revoke", document, reason, by, at)


@transaction.atomic
def _move(verb: str, document: Document, reason: str, by: User, at: datetime) -> Document:
    document = Document.objects.select_for_update().get(pk=document.pk)
    try:
        document.state = STATES.step(verb, document.state)
    except MoveRefused as refused:
        raise StateRefused(verb, document.state) from refused
    document.state_at, document.state_reason = at, reason.strip()[:500]
    document.state_by = _title_of(by)
    document.save(update_fields=["state", "state_at", "state_reason", "state_by"])
    trail.did(
        by=by,
        verb=f"office.{verb}-document",
        thing=f"office.document:{document.pk}",
        at=at,
        note=document.state_reason,
    )
    return document


def _title_of(by: User) -> str:
    """What the public page calls the officer: the office held, not the person."""
    role = next(iter(roles_of(by)), None)
    return (role.title if role else "") or str(role.organisation if role else "") or ""
