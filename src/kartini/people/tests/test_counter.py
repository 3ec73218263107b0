"""The counter settles whose a NIK is, and helps people back in."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kartini.exchange import bus
from kartini.people import claims, demo, identity, invitations, persons
from kartini.people.claims import AlreadySettled, AnotherNik, OwnClaim
from kartini.people.messages import Letter
from kartini.people.models import Claim, TrailLine, User

NIK, BORN = "3320044903019004", date(2001, 3, 9)
UNCHECKED = identity.Checked(identity.Outcome.UNCHECKED)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("jepara", "post")]


@pytest.fixture
def case(letters: list[Letter]) -> Claim:
    return Claim.objects.get(user__username="ani")


def give(case: Claim, by: str = "bambang", nik: str = NIK) -> Any:
    return claims.give(
        claim=case,
        nik=nik,
        name="Rina Wulandari",
        birth_on=BORN,
        checked=UNCHECKED,
        reason="KTP dan wajah cocok",
        by=demo.staff(by),
        at=timezone.now(),
    )


def test_the_holder_of_the_card_gets_the_person_and_the_other_account_loses_it(
    client: Client, case: Claim, letters: list[Letter]
) -> None:
    client.force_login(demo.staff("rina"))
    client.get("/data-saya/")
    person = give(case)
    ani, rina = User.objects.get(username="ani"), demo.staff("rina")
    assert (ani.person, rina.person) == (person, None)
    case.refresh_from_db()
    assert (case.state, case.note) == ("given", "KTP dan wajah cocok")
    assert [letter.to for letter in letters] == [rina.phone, ani.phone]
    line = TrailLine.objects.filter(verb="people.claim-given").get()
    assert (line.organisation_id, line.role_kind, line.person) == (
        "dpmptsp",
        "people.counter",
        person,
    )


def test_a_card_with_another_nik_settles_nothing(case: Claim) -> None:
    with pytest.raises(AnotherNik):
        give(case, nik="3320021708889003")


def test_a_case_is_settled_once(case: Claim) -> None:
    claims.refuse(claim=case, reason="bukan orangnya", by=demo.staff("bambang"), at=timezone.now())
    with pytest.raises(AlreadySettled):
        give(case)


def test_no_officer_settles_his_own_case(case: Claim) -> None:
    with pytest.raises(OwnClaim):
        give(case, by="ani")


def test_the_page_never_shows_the_nik_and_the_look_stands_on_the_trail(
    client: Client, case: Claim
) -> None:
    client.force_login(demo.staff("bambang"))
    page = client.get(f"/loket/identitas/{case.pk}/").content.decode()
    assert NIK not in page
    assert persons.masked_nik(NIK) not in page
    assert TrailLine.objects.filter(kind="looked", person=demo.staff("rina").person).count() == 1


def test_the_counter_works_when_dukcapil_is_away(client: Client, case: Claim, post: Any) -> None:
    from kartini.contracts.dukcapil import ResidentByNik

    post.answer(ResidentByNik, bus.Unanswered("away"))
    client.force_login(demo.staff("bambang"))
    words = {
        "decision": "give",
        "nik": NIK,
        "name": "Rina Wulandari",
        "birth_on_day": "9",
        "birth_on_month": "3",
        "birth_on_year": "2001",
        "reason": "KTP dan wajah cocok",
    }
    assert client.post(f"/loket/identitas/{case.pk}/", words).status_code == 302
    assert client.post(f"/loket/identitas/{case.pk}/", words).status_code == 409


@pytest.mark.parametrize("who", ["siti", "dewi", "laila"])
def test_others_see_the_page_that_says_why_not(client: Client, case: Claim, who: str) -> None:
    client.force_login(demo.staff(who))
    page = client.get(f"/loket/identitas/{case.pk}/")
    assert page.status_code == 403
    assert "Loket identitas" in page.content.decode()


def help_in(client: Client, **changed: str) -> Any:
    words = {
        "nik": "3320021708889003",
        "birth_on_day": "17",
        "birth_on_month": "8",
        "birth_on_year": "1988",
        "address": "0813 1111 2222",
        "forget_factors": "on",
    }
    client.force_login(demo.staff("bambang"))
    return client.post("/loket/bantu-masuk/", {**words, **changed})


def test_who_lost_everything_gets_back_in_with_the_card(
    client: Client, letters: list[Letter]
) -> None:
    assert help_in(client).status_code == 302
    assert letters[-1].to == "+6281311112222"
    link = re.search(r"/undangan/\S+/", letters[-1].body)
    assert link is not None
    guest = Client()
    assert guest.get(link[0]).status_code == 200
    assert guest.post(link[0], {"password": "12345678"}).status_code == 200
    assert guest.post(link[0], {"password": "ombak pantai kartini"}).status_code == 200
    budi = demo.staff("budi")
    assert (budi.phone, budi.phone_verified) == ("+6281311112222", True)
    assert budi.check_password("ombak pantai kartini")
    assert guest.post(link[0], {"password": "ombak pantai lain"}).status_code == 410


def test_the_counter_does_not_open_officers_accounts_nor_take_others_numbers(
    client: Client,
) -> None:
    page = help_in(client, address=demo.staff("siti").phone)
    assert "address" in page.context["form"].errors
    demo.appoint("budi", "people.counter", "dlh", today=timezone.localdate())
    assert help_in(client).context["form"].non_field_errors()
    assert help_in(client, birth_on_day="18").context["form"].non_field_errors()


def test_an_older_link_ends_when_a_newer_one_is_sent(letters: list[Letter]) -> None:
    dewi, yusuf, at = demo.staff("dewi"), demo.staff("yusuf"), timezone.now()
    for _time in range(2):
        invitations.invite(user=dewi, address=dewi.email, by=yusuf, at=at)
    tokens = [re.search(r"/undangan/(\S+)/", letter.body) for letter in letters]
    old, new = (token[1] for token in tokens if token)
    with pytest.raises(invitations.InvitationSpent):
        invitations.find(old, at=at)
    assert invitations.find(new, at=at).user == dewi
    assert letters[0].sensitive
