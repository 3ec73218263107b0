"""Signing in, the second factor, lockout, language, getting back in."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.test import Client

from kartini.people import demo, sealing
from kartini.people.messages import Letter
from kartini.people.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("jepara")]


def sign_in(client: Client, login: str, password: str = demo.PASSWORD) -> Any:
    return client.post("/masuk/", {"login": login, "password": password})


@pytest.mark.parametrize(
    "login",
    [
        "siti",
        "SITI",
        "3320 1162 0495 9002",
        "0812-0000-9002",
        "+6281200009002",
        "siti@contoh.invalid",
    ],
)
def test_nik_phone_email_and_user_name_open_the_same_account(client: Client, login: str) -> None:
    assert sign_in(client, login)["Location"] == "/data-saya/"
    assert client.session["_auth_user_id"] == str(demo.staff("siti").pk)


def test_wrong_and_unknown_get_the_same_words(client: Client) -> None:
    pages = [sign_in(client, login, "salah") for login in ("siti", "nobody", "3320116204959999")]
    assert len({str(page.context["form"].non_field_errors()) for page in pages}) == 1


def test_five_wrong_passwords_lock_the_account_whatever_name_is_typed(client: Client) -> None:
    for login in ("siti", "3320116204959002", "081200009002", "siti@contoh.invalid", "siti"):
        sign_in(client, login, "salah")
    page = sign_in(client, "+62 812 0000 9002")
    assert page.context["form"].non_field_errors().data[0].code == "too_many_login_attempts"
    assert sign_in(Client(), "budi").status_code == 302


def test_too_many_posts_from_one_address_get_the_page_that_says_wait(client: Client) -> None:
    for number in range(61):
        page = sign_in(client, f"x{number}", "salah")
    assert page.status_code == 429


def test_a_form_sent_after_the_session_ended_is_kept_to_be_sent_again() -> None:
    typed = {"question": "Mengapa data saya dibuka?", "key": "line:1"}
    page = Client().post("/data-saya/jejak/tanya/", typed, headers={"Origin": "http://testserver"})
    assert page.status_code == 403
    assert "Mengapa data saya dibuka?" in page.content.decode()
    assert "/masuk/" in page.content.decode()
    assert Client().get("/data-saya/jejak/tanya/")["Location"].startswith("/masuk/")


def test_behind_a_proxy_each_visitor_has_attempts_of_his_own(settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(35):
        page = sign_in(
            Client(headers={"X-Forwarded-For": f"10.0.0.{number}"}), f"x{number}", "salah"
        )
    assert page.status_code == 200


def test_officers_begin_at_their_desk(client: Client) -> None:
    assert sign_in(client, "yusuf")["Location"] != "/data-saya/"


def test_a_page_asked_for_before_is_shown_after_signing_in(client: Client) -> None:
    said = {"login": "siti", "password": demo.PASSWORD, "next": "/data-saya/jejak/"}
    assert client.post("/masuk/", said)["Location"] == "/data-saya/jejak/"
    said["next"] = "https://evil.invalid/"
    assert Client().post("/masuk/", said)["Location"] == "/data-saya/"


def test_the_demo_signs_in_by_one_tap_and_only_the_demo(client: Client, settings: Any) -> None:
    assert client.post("/masuk/peragaan/", {"sebagai": "siti"}).status_code == 404
    settings.DEMO = True
    assert "Siti Nur Aisyah" in client.get("/masuk/").content.decode()
    page = client.post("/masuk/peragaan/", {"sebagai": "siti", "next": "/data-saya/jejak/"})
    assert page["Location"] == "/data-saya/jejak/"
    User.objects.create(username="asli")
    assert client.post("/masuk/peragaan/", {"sebagai": "asli"}).status_code == 404


def test_the_sign_in_page_costs_few_queries(
    client: Client, settings: Any, django_assert_max_num_queries: Any
) -> None:
    settings.DEMO = True
    with django_assert_max_num_queries(5):
        client.get("/masuk/")


def test_an_officer_sets_up_a_second_factor_before_anything_else(
    client: Client, settings: Any
) -> None:
    settings.SECOND_FACTOR = True
    sign_in(client, "yusuf")
    assert client.get("/petugas/akun/")["Location"] == "/akun/2fa/"
    assert client.get("/")["Location"] == "/akun/2fa/"
    assert client.get("/akun/2fa/").status_code == 200
    assert client.post("/keluar/").status_code == 302
    sign_in(client, "siti")
    assert client.get("/data-saya/").status_code == 200


def test_with_an_authenticator_app_the_officer_gets_in(client: Client, settings: Any) -> None:
    settings.SECOND_FACTOR = True
    sign_in(client, "yusuf")
    secret = client.get("/akun/2fa/totp/activate/").context["form"].secret
    code = totp.format_hotp_value(
        totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time()))
    )
    assert client.post("/akun/2fa/totp/activate/", {"code": code}).status_code == 302
    kept = Authenticator.objects.get(user__username="yusuf", type="totp").data["secret"]
    assert secret not in kept
    assert sealing.unseal(bytes.fromhex(kept), context="mfa") == secret
    assert client.get("/petugas/akun/").status_code == 200
    again = Client()
    assert sign_in(again, "yusuf")["Location"] == "/akun/2fa/authenticate/"
    assert again.get("/petugas/akun/").status_code == 302


def test_without_the_app_again_the_door_is_shut_again(client: Client, settings: Any) -> None:
    settings.SECOND_FACTOR = True
    sign_in(client, "yusuf")
    Authenticator.objects.create(user=demo.staff("yusuf"), type="totp", data={"secret": "x"})
    assert client.get("/petugas/akun/").status_code == 200
    Authenticator.objects.all().delete()
    client.get("/akun/2fa/")
    assert client.get("/petugas/akun/").status_code == 302


def test_a_chosen_language_stays_with_the_account(client: Client) -> None:
    sign_in(client, "siti")
    client.get("/data-saya/?bahasa=en")
    client.get("/data-saya/")
    assert demo.staff("siti").language == "en"
    elsewhere = Client()
    sign_in(elsewhere, "siti")
    assert "My data" in elsewhere.get("/data-saya/").content.decode()


@pytest.mark.parametrize("typed", ["0812 0000 9002", "siti@contoh.invalid"])
def test_a_forgotten_password_is_set_anew_by_phone_or_email(
    client: Client, letters: list[Letter], typed: str
) -> None:
    client.post("/akun/password/reset/", {"email": typed})
    code = re.search(r"[0-9]{6}", letters[-1].body)
    assert code is not None
    client.post("/akun/password/reset/confirm/", {"code": code[0]})
    client.post("/akun/password/reset/complete/", {"password1": "lampu ukir jepara"})
    assert demo.staff("siti").check_password("lampu ukir jepara")
    assert not letters[-1].sensitive


def test_an_unknown_number_gets_the_same_page_and_no_code(
    client: Client, letters: list[Letter]
) -> None:
    page = client.post("/akun/password/reset/", {"email": "0812 9999 9999"})
    assert page["Location"] == "/akun/password/reset/confirm/"
    assert not letters[-1].sensitive
    assert client.post("/akun/password/reset/confirm/", {"code": ""}).status_code == 200


def test_sign_out_everywhere_ends_every_device(client: Client) -> None:
    phone, desk = Client(), client
    for device in (phone, desk):
        sign_in(device, "siti")
    assert phone.get("/akun/sessions/").context["session_count"] == 2
    desk.post("/keluar/semua/")
    assert phone.get("/data-saya/").status_code == 302
    assert desk.get("/data-saya/").status_code == 302


def test_a_new_number_is_proven_before_it_counts(client: Client, letters: list[Letter]) -> None:
    sign_in(client, "siti")
    client.post("/akun/phone/change/", {"phone": "0812 5555 4444"})
    assert demo.staff("siti").phone == "+6281200009002"
    code = re.search(r"[0-9]{6}", letters[-1].body)
    assert code is not None
    client.post("/akun/phone/verify/", {"code": code[0]})
    assert demo.staff("siti").phone == "+6281255554444"


def test_a_new_email_is_proven_before_it_counts(client: Client, letters: list[Letter]) -> None:
    sign_in(client, "siti")
    client.post("/akun/email/", {"action_add": "1", "email": "siti@baru.invalid"})
    assert demo.staff("siti").email == "siti@contoh.invalid"
    code = re.search(r"[0-9]{6}", letters[-1].body)
    assert code is not None
    client.post("/akun/confirm-email/", {"code": code[0]})
    assert demo.staff("siti").email == "siti@baru.invalid"


@pytest.mark.parametrize(
    "page",
    [
        "/akun/password/change/",
        "/akun/phone/change/",
        "/akun/email/",
        "/akun/2fa/",
        "/akun/2fa/totp/activate/",
        "/akun/2fa/webauthn/add/",
        "/akun/2fa/webauthn/",
        "/akun/sessions/",
        "/keluar/",
    ],
)
def test_every_page_of_the_account_stands_in_our_frame(client: Client, page: str) -> None:
    sign_in(client, "siti")
    answer = client.get(page, follow=True)
    if page != "/akun/":
        text = answer.content.decode()
        assert 'class="site-header"' in text
        assert re.search(r"<script(?![^>]*(nonce|application/json))", text) is None
        assert "style=" not in text


def test_a_link_that_nobody_sent_opens_nothing(client: Client) -> None:
    assert client.get("/undangan/tidak-ada/").status_code == 410
