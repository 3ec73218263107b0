"""Persons who dealt with Kartini: found by NIK, remembered once, never twice."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from kartini.people import nik as niks
from kartini.people import sealing
from kartini.people.models import Person

FACTS = ("name", "birth_place", "birth_on", "sex", "address", "village_code")


def find_by_nik(nik: str) -> Person | None:
    """The person with this NIK, if Kartini knows one."""
    return Person.objects.filter(nik_index__in=sealing.indexes(nik)).first()


def nik_of(person: Person) -> str:
    """The sixteen digits, opened. Show them to nobody; ask with them."""
    return sealing.unseal(person.nik_sealed, context=str(person.pk))


def masked_nik(person_or_nik: Person | str) -> str:
    """``3320 •••• •••• 9002``, for screens."""
    known = isinstance(person_or_nik, Person)
    return niks.masked(nik_of(person_or_nik) if known else person_or_nik)  # type: ignore[arg-type]


def remember(
    *,
    nik: str,
    name: str,
    birth_on: date | None = None,
    birth_place: str = "",
    sex: str = "",
    address: str = "",
    village_code: str = "",
    verified_by: str = "",
    at: datetime,
) -> Person:
    """Keep what is known about a person; the same NIK is the same person, also when two ask at once.

    ``verified_by`` names who confirmed it (``dukcapil``, ``counter``); empty means that nobody did, and
    then it only fills what is empty: what was confirmed is not overwritten by what was merely said.
    """
    digits = niks.clean(nik)
    facts = {
        "name": name,
        "birth_place": birth_place,
        "birth_on": birth_on,
        "sex": sex,
        "address": address,
        "village_code": village_code,
    }
    with transaction.atomic():
        person = find_by_nik(digits) or _create(digits)
        person = Person.objects.select_for_update().get(pk=person.pk)
        _learn(person, facts, verified_by, at)
    return person


def _create(digits: str) -> Person:
    person = Person(nik_index=sealing.index(digits))
    person.nik_sealed = sealing.seal(digits, context=str(person.pk))
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError:
        return Person.objects.get(nik_index__in=sealing.indexes(digits))
    return person


def _learn(
    person: Person, facts: dict[str, str | date | None], verified_by: str, at: datetime
) -> None:
    """A confirmed fact replaces; a merely said one replaces only what nobody confirmed."""
    if not verified_by and person.verified_at:
        facts = {name: value for name, value in facts.items() if not getattr(person, name)}
    for name, value in facts.items():
        if value:
            setattr(person, name, value)
    if verified_by:
        person.verified_at, person.verified_by = at, verified_by
    person.save(update_fields=[*FACTS, "verified_at", "verified_by"])
