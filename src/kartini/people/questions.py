"""A citizen asks why; the officer for personal data answers within 3×24 hours (UU 27/2022)."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from kartini.people import letters, trail
from kartini.people.models import DataRequest, Organisation, Person, User

HOURS = 72
BASIS = "UU 27/2022: hak subjek data, 3×24 jam"


class AlreadyAnswered(Exception):
    """Somebody answered before; the first answer stands."""


@transaction.atomic
def ask(*, person: Person, question: str, trace: Any = None, by: User, at: datetime) -> DataRequest:
    """Ask why. Asked twice about the same line while it is open, it is one question."""
    key = trace.key if trace else ""
    said = f"{trace.agency_name}: {trace.what}" if trace else ""
    request, created = DataRequest.objects.get_or_create(
        person=person,
        about=key,
        answered_at=None,
        defaults={
            "asked_by": by,
            "about_words": said[:300],
            "organisation": Organisation.objects.filter(pk=trace.agency).first() if trace else None,
            "question": question,
            "asked_at": at,
            "due_at": at + timedelta(hours=HOURS),
        },
    )
    if created:
        thing = f"people.data-request:{request.pk}"
        trail.did(by=by, verb="people.data-request-asked", thing=thing, at=at, person=person)
    return request


@transaction.atomic
def answer(*, request: DataRequest, words: str, by: User, at: datetime) -> DataRequest:
    """Answer, once. The person is told."""
    request = DataRequest.objects.select_for_update().get(pk=request.pk)
    if request.answered_at is not None:
        raise AlreadyAnswered
    request.answer, request.answered_at, request.answered_by = words, at, by
    request.save(update_fields=["answer", "answered_at", "answered_by"])
    thing = f"people.data-request:{request.pk}"
    trail.did(by=by, verb="people.data-request-answered", thing=thing, at=at, person=request.person)
    letters.write_to(request.asked_by, "answered", {"question": request.question}, at)
    return request
