"""What stands on the certificate and on the refusal letter."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from kartini.kit import formats
from kartini.office import documents
from kartini.people.models import Organisation
from kartini.places import names
from kartini.systems.joss.engine import loader, numbers
from kartini.systems.joss.engine.letters import letters
from kartini.systems.joss.engine.show import fill
from kartini.systems.joss.models import Application
from kartini.systems.joss.services.identity import full_address

NOT_YET = "(nomor terbit saat ditandatangani)"


def template(name: str) -> Path:
    return loader.CERTIFICATES / name


def valid_until(application: Application, start: date) -> date | None:
    """The last day on which the permit will hold when it is signed on ``start``."""
    validity = application.type.rules().validity
    given = application.answers.get(validity.field or "")
    until = date.fromisoformat(given) if given else None
    return numbers.end_of_validity(validity.kind, validity.amount, until, start)


def permit(application: Application, number: str, on: date) -> dict[str, Any]:
    """The data of the permit."""
    definition = application.type.rules()
    words = definition.certificate
    until = valid_until(application, on)
    identity = _identity(application)
    rows = [
        {
            "label": row.label.id,
            "value": fill(row.value, definition, application.answers, identity, names.label),
        }
        for row in words.rows
    ]
    return {
        "agency": _agency(definition.owner.agency),
        "number": number,
        "application": application.number,
        "title": words.title.id,
        "opening": words.opening.id,
        "rows": rows,
        "validity": _until(on, until),
        "duties": [duty.id for duty in words.duties],
        "closing": words.closing.id if words.closing else "",
    }


def refusal(application: Application, reasons: str) -> dict[str, Any]:
    """The data of the refusal letter, with the way to object."""
    objection = letters().objection
    received = timezone.localdate(application.submitted_at)
    return {
        "agency": _agency(application.type.rules().owner.agency),
        "number": str(application.number),
        "application": application.number,
        "holder": application.applicant_name,
        "permit": application.type.title_id,
        "submitted": formats.long_date(received),
        "reasons": reasons,
        "objection": {
            "title": objection.title.id,
            "steps": [step.id for step in objection.steps],
            "again": objection.again.id,
            "note": "" if objection.verified else objection.unverified.id,
        },
    }


def preview(application: Application, *, at: datetime) -> bytes:
    """The permit as it would be signed now, unsigned and without a number."""
    definition = application.type.rules()
    return documents.render(
        template=template(definition.certificate.template),
        data=permit(application, NOT_YET, timezone.localdate(at)),
        title=f"Pratinjau: {definition.certificate.title.id}",
        at=at,
    )


def _identity(application: Application) -> dict[str, str]:
    known = dict(application.identity)
    if known.get("birth_on"):
        known["birth_on"] = formats.long_date(date.fromisoformat(known["birth_on"]))
    known["name"] = application.applicant_name
    known["address"] = full_address(known)
    known["village"] = names.label(known.get("village_code", ""))
    return known


def _until(start: date, until: date | None) -> str:
    first = formats.long_date(start)
    return f"{first} sampai {formats.long_date(until)}" if until else f"mulai {first}"


def _agency(code: str) -> dict[str, str]:
    agency = Organisation.objects.filter(pk=code).first()
    if agency is None:
        return {"name": code}
    return {"name": agency.name, "address": agency.address, "contact": agency.phone}
