"""A stranger makes an account: what happens to the NIK, whatever Dukcapil says."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kartini.contracts.dukcapil import Resident, ResidentByNik
from kartini.exchange import bus
from kartini.exchange.testing import Post
from kartini.people import demo, identity, persons, tasks
from kartini.people.messages import Letter
from kartini.people.models import Claim, Person, User

NIK, BORN = "3320115203909010", date(1990, 3, 12)
WORDS = {
    "nik": "3320 1152 0390 9010",
    "birth_on_day": "12",
    "birth_on_month": "maret",
    "birth_on_year": "1990",
    "phone": "0812 0000 7777",
    "email": "",
    "password1": "pasir putih bandengan",
}
RESIDENT = Resident(
    found=True,
    name="Nur Hidayah",
    birth_place="Jepara",
    birth_on=BORN,
    sex="F",
    address="RT 01 RW 01, Desa Tahunan",
    village_code="33.20.11.2012",
    status="alive",
)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("post")]


def sign_up(client: Client, **changed: str) -> Any:
    return client.post("/daftar/", {**WORDS, **changed}, follow=True)


def confirm(client: Client, letters: list[Letter]) -> Any:
    code = re.search(r"[0-9]{6}", letters[-1].body)
    assert code is not None
    return client.post("/akun/phone/verify/", {"code": code[0]}, follow=True)


def account() -> User:
    return User.objects.filter(username__startswith="w-").latest("pk")


def test_who_agrees_with_dukcapil_gets_an_account_after_the_code(
    client: Client, post: Post, letters: list[Letter]
) -> None:
    post.answer(ResidentByNik, RESIDENT)
    page = sign_up(client)
    assert page.request["PATH_INFO"] == "/akun/phone/verify/"
    assert account().person is None
    assert (letters[-1].channel, letters[-1].to) == ("whatsapp", "+6281200007777")
    assert letters[-1].sensitive
    page = confirm(client, letters)
    assert page.request["PATH_INFO"] == "/data-saya/"
    user = account()
    assert user.phone_verified
    assert user.person is not None
    assert (user.person.verified_by, str(user)) == ("dukcapil", "Nur Hidayah")
    assert persons.nik_of(user.person) == NIK
    assert len(post.asked) == 1


def test_the_nik_waits_sealed_while_the_phone_is_not_confirmed(
    client: Client, post: Post, letters: list[Letter]
) -> None:
    post.answer(ResidentByNik, RESIDENT)
    sign_up(client)
    assert NIK not in str(dict(client.session))
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    "resident",
    [
        Resident(found=False),
        RESIDENT.model_copy(update={"birth_on": date(1990, 3, 13)}),
        RESIDENT.model_copy(update={"status": "dead"}),
    ],
)
def test_unknown_and_disagreeing_get_the_same_words(
    client: Client, post: Post, resident: Resident
) -> None:
    post.answer(ResidentByNik, resident)
    page = sign_up(client)
    assert page.context["form"].non_field_errors().data[0].code == "not_matched"
    assert not User.objects.exists()
    assert not Person.objects.exists()


@pytest.mark.parametrize("typed", ["332011520390901", "3320115203909O10", "3320113203909010"])
def test_a_malformed_nik_is_a_plain_error_and_nobody_is_asked(
    client: Client, post: Post, typed: str
) -> None:
    page = sign_up(client, nik=typed)
    assert "nik" in page.context["form"].errors
    assert post.asked == []


@pytest.mark.parametrize("fault", [bus.Unanswered("away"), Resident(found=True, name="Nur")])
def test_sign_up_goes_on_when_dukcapil_gives_no_usable_answer(
    client: Client, post: Post, letters: list[Letter], fault: Any
) -> None:
    post.answer(ResidentByNik, fault)
    sign_up(client)
    page = confirm(client, letters)
    user = account()
    assert user.person is not None
    assert user.person.verified_at is None
    assert page.status_code == 200


def pending(client: Client, letters: list[Letter]) -> User:
    sign_up(client)
    confirm(client, letters)
    return account()


def test_what_could_not_be_checked_is_checked_later(
    client: Client, post: Post, letters: list[Letter]
) -> None:
    user = pending(client, letters)
    assert tasks.check_unverified(timezone.now()) == 0
    post.answer(ResidentByNik, RESIDENT)
    assert tasks.check_unverified(timezone.now()) == 1
    user.refresh_from_db()
    assert user.person is not None
    assert (user.person.verified_by, user.full_name) == ("dukcapil", "Nur Hidayah")
    assert tasks.check_unverified(timezone.now()) == 0


def test_what_disagrees_later_leaves_the_account_and_goes_to_the_counter(
    client: Client, post: Post, letters: list[Letter]
) -> None:
    user = pending(client, letters)
    post.answer(ResidentByNik, Resident(found=False))
    tasks.check_unverified(timezone.now())
    user.refresh_from_db()
    assert user.person is None
    assert Claim.objects.get(user=user).reason == "disagrees"
    assert "KTP" in letters[-1].body
    assert client.get("/data-saya/").status_code == 403
    assert client.get("/data-saya/identitas/").status_code == 200


@pytest.mark.usefixtures("jepara")
def test_a_nik_that_another_account_holds_opens_a_case_and_no_error(
    client: Client, post: Post, letters: list[Letter]
) -> None:
    siti = demo.staff("siti")
    assert siti.person is not None
    resident = RESIDENT.model_copy(update={"birth_on": date(1995, 4, 22)})
    post.answer(ResidentByNik, resident)
    born = {"birth_on_day": "22", "birth_on_month": "4", "birth_on_year": "1995"}
    sign_up(client, nik="3320116204959002", **born)
    confirm(client, letters)
    user = account()
    assert user.person is None
    assert Claim.objects.get(user=user, state="open").reason == "taken"
    siti.refresh_from_db()
    assert siti.person is not None


@pytest.mark.usefixtures("jepara")
def test_in_an_outage_a_wrong_birth_date_of_a_known_person_connects_nothing(
    client: Client, letters: list[Letter]
) -> None:
    person = persons.remember(
        nik=NIK, name="Nur", birth_on=BORN, verified_by="counter", at=timezone.now()
    )
    sign_up(client, birth_on_day="13")
    confirm(client, letters)
    assert account().person is None
    assert not User.objects.filter(person=person).exists()


def test_in_an_outage_nobody_reads_what_others_entered_about_a_nik(
    client: Client, post: Post, letters: list[Letter]
) -> None:
    persons.remember(nik=NIK, name="Nur", address="RT 09", at=timezone.now())
    sign_up(client)
    page = confirm(client, letters)
    user = account()
    assert (user.person, Claim.objects.get(user=user).reason) == (None, "unsure")
    assert "RT 09" not in page.content.decode()
    post.answer(ResidentByNik, RESIDENT)
    words = {name: WORDS[name] for name in WORDS if name.startswith(("nik", "birth"))}
    client.post("/data-saya/identitas/", words)
    user.refresh_from_db()
    assert user.person is not None
    assert Claim.objects.get(user=user).state == "withdrawn"


@pytest.mark.usefixtures("jepara")
def test_a_phone_of_another_account_is_not_revealed(
    client: Client, post: Post, letters: list[Letter]
) -> None:
    post.answer(ResidentByNik, RESIDENT)
    number = demo.staff("siti").phone
    page = sign_up(client, phone=number)
    assert page.request["PATH_INFO"] == "/akun/phone/verify/"
    assert not letters[-1].sensitive
    assert letters[-1].to == number


def test_phone_or_email_one_of_them_is_needed(client: Client, post: Post) -> None:
    page = sign_up(client, phone="")
    assert "phone" in page.context["form"].errors
    assert post.asked == []


def test_an_email_alone_is_confirmed_by_its_code(
    client: Client, post: Post, letters: list[Letter]
) -> None:
    post.answer(ResidentByNik, RESIDENT)
    sign_up(client, phone="", email="nur@contoh.invalid")
    assert letters[-1].channel == "email"
    code = re.search(r"[0-9]{6}", letters[-1].body)
    assert code is not None
    client.post("/akun/confirm-email/", {"code": code[0]})
    assert account().person is not None


def test_too_many_questions_about_one_nik_are_refused(client: Client, post: Post) -> None:
    post.answer(ResidentByNik, Resident(found=False))
    for _attempt in range(7):
        page = sign_up(client)
    assert page.context["form"].non_field_errors().data[0].code == "too_many_login_attempts"
    assert len(post.asked) == 5


def test_an_unfinished_sign_up_is_forgotten_after_a_week(
    client: Client, post: Post, letters: list[Letter]
) -> None:
    post.answer(ResidentByNik, RESIDENT)
    sign_up(client)
    assert tasks.prune_unfinished(timezone.now() + timedelta(days=6)) == 0
    assert tasks.prune_unfinished(timezone.now() + timedelta(days=8)) == 1
    assert not User.objects.exists()


def test_an_account_without_a_person_can_name_itself_later(
    client: Client, post: Post, django_user_model: Any
) -> None:
    user = django_user_model.objects.create(username="w-lama")
    client.force_login(user)
    post.answer(ResidentByNik, RESIDENT)
    words = {name: WORDS[name] for name in WORDS if name.startswith(("nik", "birth"))}
    page = client.post("/data-saya/identitas/", words, follow=True)
    assert page.request["PATH_INFO"] == "/data-saya/"
    user.refresh_from_db()
    assert user.person.verified_by == "dukcapil"


@pytest.mark.usefixtures("jepara")
def test_of_two_accounts_at_once_one_gets_the_person(
    monkeypatch: pytest.MonkeyPatch, django_user_model: Any
) -> None:
    user = django_user_model.objects.create(username="w-kedua")
    monkeypatch.setattr(User.objects, "filter", lambda **_how: User.objects.none())
    checked = identity.Checked(identity.Outcome.AGREES, RESIDENT)
    claim = identity.take(
        user=user, nik="3320116204959002", birth_on=BORN, checked=checked, at=timezone.now()
    )
    assert claim is not None
    assert claim.reason == "taken"
