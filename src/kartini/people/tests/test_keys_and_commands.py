"""The command line: the first administrator, new keys; and a trail that cannot be rewritten."""

import re
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from kartini.people import demo, devices, persons, roles, rotation, sealing, trail
from kartini.people.adapter import MfaAdapter
from kartini.people.commands import group
from kartini.people.models import Claim, Person, TrailLine, User

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("letters")
def test_the_first_administrator_comes_from_the_command_line(client: Client) -> None:
    words = ["make-administrator", "--username", "ratri", "--name", "Ratri", "--address", "r@x.id"]
    said = CliRunner().invoke(group, words, catch_exceptions=False).output
    link = re.search(r"/undangan/\S+/", said)
    assert link is not None
    client.post(link[0], {"password": "ombak pantai kartini"})
    user = User.objects.get(username="ratri")
    assert user.check_password("ombak pantai kartini")
    assert roles.holds(user, "people.administrator", organisation="diskominfo")


@pytest.fixture(autouse=True)
def nobody_else_seals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "SETTLE_SECONDS", 0)


@pytest.mark.usefixtures("jepara")
def test_after_new_keys_everything_opens_and_the_old_keys_are_gone() -> None:
    from allauth.mfa.models import Authenticator

    old = sealing.ring()
    secret = MfaAdapter().encrypt("JBSWY3DP")
    factor = Authenticator.objects.create(
        user=demo.staff("dewi"), type="totp", data={"secret": secret}
    )
    said = CliRunner().invoke(group, ["rotate-keys"], catch_exceptions=False).output
    assert said.startswith("6 records")
    assert not (sealing.ring().seal.keys() & old.seal.keys())
    for citizen in demo.CITIZENS:
        person = persons.find_by_nik(citizen.nik)
        assert person is not None
        assert persons.nik_of(person) == citizen.nik
    claim = Claim.objects.get()
    assert sealing.unseal(claim.nik_sealed, context=str(claim.pk)) == demo.CITIZENS[2].nik
    factor.refresh_from_db()
    assert MfaAdapter().decrypt(factor.data["secret"]) == "JBSWY3DP"


@pytest.mark.usefixtures("jepara")
def test_keys_of_the_environment_are_put_there_by_hand_and_the_rest_is_done_here(
    settings: Any,
) -> None:
    former = sealing.ring()
    settings.SEALING_KEYS = former.rotated().text()
    said = CliRunner().invoke(group, ["rotate-keys"], catch_exceptions=False).output
    assert "the others may leave it now" in said
    settings.SEALING_KEYS = sealing.ring().only_current().text()
    person = persons.find_by_nik(demo.CITIZENS[0].nik)
    assert person is not None
    assert persons.nik_of(person) == demo.CITIZENS[0].nik


@pytest.mark.usefixtures("jepara")
def test_a_rotation_that_broke_off_can_be_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    sealing.keep(sealing.ring().rotated())
    person = Person.objects.first()
    assert person is not None
    person.nik_sealed = sealing.seal(persons.nik_of(person), context=str(person.pk))
    person.save()
    rotation.rotate()
    assert {persons.nik_of(one) for one in Person.objects.all()} == {
        one.nik for one in demo.CITIZENS
    }


@pytest.mark.usefixtures("jepara")
def test_the_database_refuses_to_rewrite_the_trail() -> None:
    line = trail.did(by=None, verb="people.test", thing="x", at=timezone.now())
    with pytest.raises(DatabaseError), transaction.atomic():
        TrailLine.objects.filter(pk=line.pk).update(verb="people.other")
    line.refresh_from_db()
    assert line.verb == "people.test"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Mozilla/5.0 (Linux; Android 10; K) Chrome/130.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17) Version/17 Safari/604.1", "Safari, iPhone"),
        (
            "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0",
            "Firefox, Windows",
        ),
        ("curl/8", "curl/8"),
        ("", "–"),
    ],
)
def test_devices_have_names_that_people_know(said: str, name: str) -> None:
    assert devices.name(said) == name
