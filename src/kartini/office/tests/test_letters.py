"""Letters that were given up are seen, and go again when somebody says so."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from kartini.office import notices, rules
from kartini.office.models import Parcel
from kartini.office.tests.conftest import AT
from kartini.people import demo
from kartini.people.models import TrailLine

pytestmark = pytest.mark.django_db


def given_up(address: str = "siti@contoh.invalid", *, sensitive: bool = False) -> Parcel:
    return Parcel.objects.create(
        channel="email",
        address=address,
        subject="Izin terbit",
        text="" if sensitive else "Izin Anda terbit.",
        sensitive=sensitive,
        state=Parcel.State.DEAD,
        written_at=AT - timedelta(days=3),
        next_at=AT,
        ended_at=AT,
        attempts=40,
        fault="550 mailbox unavailable",
    )


@pytest.fixture
def keeper(client: Client) -> Client:
    demo.fill(AT.date())
    demo.appoint("yusuf", rules.LETTER_KEEPER, "diskominfo", today=AT.date())
    client.force_login(demo.staff("yusuf"))
    return client


def test_the_page_says_what_did_not_arrive_and_why_without_the_whole_address(keeper: Any) -> None:
    given_up()

    page = keeper.get("/surat-gagal/").content.decode()

    assert "550 mailbox unavailable" in page
    assert "si••••@contoh.invalid" in page
    assert "siti@contoh.invalid" not in page


def test_the_page_says_who_does_not_answer_outside(keeper: Any, settings: Any) -> None:
    settings.WHATSAPP_URL = "http://127.0.0.1:1/whatsapp"
    Parcel.objects.create(channel="whatsapp", address="+62812", text="x", written_at=AT, next_at=AT)
    notices.carry(now=AT)

    page = keeper.get("/surat-gagal/").content.decode()

    assert "http://127.0.0.1:1" in page
    assert "Tidak menjawab" in page
    assert "1 kegagalan berturut-turut" in page


def test_a_chosen_letter_goes_again_and_the_trail_says_who_sent_it(keeper: Any) -> None:
    letter, other = given_up(), given_up()

    keeper.post("/surat-gagal/", {"pilih": [str(letter.pk), "rubbish"]})

    letter.refresh_from_db()
    other.refresh_from_db()
    assert (letter.state, letter.ended_at) == (Parcel.State.WAITING, None)
    assert other.state == Parcel.State.DEAD
    assert TrailLine.objects.filter(verb="office.letters-sent-again").count() == 1


def test_a_code_whose_text_is_forgotten_does_not_go_again(keeper: Any) -> None:
    code = given_up(sensitive=True)

    keeper.post("/surat-gagal/", {"pilih": [str(code.pk)]})

    code.refresh_from_db()
    assert code.state == Parcel.State.DEAD


def test_others_do_not_see_the_page(client: Client) -> None:
    demo.fill(AT.date())
    client.force_login(demo.staff("bambang"))

    assert client.get("/surat-gagal/").status_code == 403


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("a@b.id", "a••••@b.id"),
        ("+6281200009002", "+62••••••9002"),
        ("12345", "••••"),
    ],
)
def test_an_address_is_shown_so_that_it_can_be_recognised(address: str, shown: str) -> None:
    assert notices.masked(address) == shown
