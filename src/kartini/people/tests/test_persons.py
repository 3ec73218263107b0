from datetime import date

import pytest
from django.db import IntegrityError, transaction

from kartini.people import demo, persons, sealing
from kartini.people.models import Person

NIK = "3320116204959002"
AT = demo.morning(date(2026, 11, 24))
pytestmark = pytest.mark.django_db


def siti(**more: object) -> Person:
    return persons.remember(nik=NIK, name="Siti", at=AT, **more)  # type: ignore[arg-type]


def test_the_same_nik_is_the_same_person() -> None:
    assert siti() == siti(birth_on=date(1995, 4, 22))
    assert Person.objects.get().birth_on == date(1995, 4, 22)


def test_the_nik_is_not_in_the_database_in_the_clear() -> None:
    person = Person.objects.get(pk=siti().pk)
    assert NIK.encode() not in bytes(person.nik_sealed)
    assert NIK not in person.nik_index
    assert persons.nik_of(person) == NIK
    assert persons.masked_nik(person) == persons.masked_nik(NIK) == "3320 •••• •••• 9002"


def test_what_was_confirmed_is_not_overwritten_by_what_was_said() -> None:
    siti(address="RT 03", verified_by="dukcapil")
    person = persons.remember(nik=NIK, name="Seseorang", address="x", birth_place="Jepara", at=AT)
    assert (person.name, person.address, person.birth_place) == ("Siti", "RT 03", "Jepara")
    assert person.verified_by == "dukcapil"


def test_a_confirmation_replaces_what_was_said() -> None:
    siti(address="x")
    person = siti(address="RT 03", verified_by="counter")
    assert (person.address, person.verified_by) == ("RT 03", "counter")


def test_two_at_once_make_one_person(monkeypatch: pytest.MonkeyPatch) -> None:
    first = siti()
    monkeypatch.setattr(persons, "find_by_nik", lambda _nik: None)
    assert siti() == first


def test_a_person_is_found_after_the_keys_were_rotated() -> None:
    person = siti()
    sealing.keep(sealing.ring().rotated())
    assert persons.find_by_nik(NIK) == person
    assert persons.nik_of(person) == NIK
    assert siti() == person


def test_the_database_keeps_one_row_per_nik() -> None:
    person = siti()
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.create(nik_sealed=b"x", nik_index=person.nik_index, name="Lain")
